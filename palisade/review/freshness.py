"""Whether dvc.lock is of this revision and its data can be had, looked at from a bare clone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dvc.exceptions import DvcException
from dvc.repo import Repo

from palisade.errors import PalisadeError
from palisade.review.failures import NoRemote, NotPushed, StaleLock

ABSENT = ("deleted", "not in cache")  # data that a clone has not pulled
SHOWN = 5


def check_lock(root: Path) -> int:
    """Hold dvc.lock, and what ``dvc add`` wrote, against code, params, metrics and data here.

    Data that is not there is taken to be what the lock says, as by ``--allow-missing``; but a
    stage is stale that read something else than the stage before it wrote, or of whose outputs in
    git one is gone. Nothing is run or changed.

    Returns:
        How many stages were looked at.

    Raises:
        StaleLock: It names the stages, and of the first what changed.
    """
    repo = _opened(root)
    with repo.lock:
        stages = list(repo.index.stages)
        stale = [(one.addressing, _reasons(one)) for one in stages if _stale(one, stages)]
    if stale:
        first, reasons = stale[0]
        why = ", ".join(reasons) or "an input is not what the stage before it wrote"
        raise StaleLock(
            f"dvc.lock is stale for {_some([name for name, _ in stale])} ({first}: {why})",
            "run `dvc repro` (or `dvc add` for data), then commit dvc.lock and metrics/ and push",
        )
    return len(stages)


def check_remote(root: Path, name: str | None) -> str:
    """Look for all that dvc.lock and the .dvc files of HEAD name in a remote.

    Args:
        name: of the remote; None for the default one.

    Returns:
        The remote's name.

    Raises:
        NoRemote: There is none, or it cannot be read.
        NotPushed: It lacks something.
    """
    repo = _opened(root)
    known = repo.config["remote"]
    chosen = name or repo.config["core"].get("remote")
    if chosen not in known:
        raise NoRemote(
            f"there is no DVC remote {chosen}" if chosen else "there is no default DVC remote",
            "add one with `dvc remote add --default NAME URL`",
        )
    try:
        found = repo.data_status(not_in_remote=True, remote_refresh=True, remote=chosen)
    except Exception as error:  # a remote is a plug-in, and each raises errors of its own
        raise NoRemote(
            f"the DVC remote {chosen} cannot be read ({type(error).__name__}: {error})",
            "check its URL and who may read it, in .dvc/config and .dvc/config.local",
        ) from error
    if lacking := sorted(found["not_in_remote"]):
        raise NotPushed(f"the DVC remote {chosen} lacks {_some(lacking)}", "run `dvc push`")
    return str(chosen)


def _opened(root: Path) -> Repo:
    try:
        return Repo(str(root))
    except DvcException as error:
        raise PalisadeError(f"DVC cannot read this project ({error})", "mend it") from error


def _stale(stage: Any, stages: list[Any]) -> bool:
    others = [one for one in stages if one is not stage]
    return _held(stage) or bool(_gone(stage)) or stage.changed(allow_missing=True, upstream=others)


def _gone(stage: Any) -> list[str]:
    """Outputs that are kept in git and are not there."""
    return [str(out) for out in stage.outs if not out.use_cache and not out.exists]


def _held(stage: Any) -> bool:
    """Whether DVC keeps its outputs whatever changed; an import is pinned to what it imports."""
    return bool(stage.frozen and not stage.is_import)


def _reasons(stage: Any) -> list[str]:
    """What of a stage changed, by name."""
    told = ["it is frozen"] if _held(stage) else []
    told += ["its command"] if stage.changed_stage() else []
    told += [f"{name} deleted" for name in _gone(stage)]
    for one in (*stage.deps, *stage.outs):
        for name, state in one.status().items():
            if isinstance(state, dict):  # params, of a file
                told += [f"{param} {how}" for param, how in state.items()]
            elif state not in ABSENT:
                told.append(f"{name} {state}")
    return told


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
