"""What a release was made from: a commit without changes, and a pipeline that is up to date.

This is what `make release` states in the provenance, so it refuses to state anything else.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from palisade.errors import PalisadeError
from palisade.release.failures import NotClean
from palisade.release.reading import canonical_json
from palisade.stage import read_yaml

RELEASE = "models/release"
_LISTED = 3  # how many changed paths a message names


@dataclass(frozen=True)
class Source:
    """What a release was made from.

    Attributes:
        commit: the git commit, in hexadecimal.
        repository: where it can be fetched, without user or password; None where it is local.
        params: params.yaml.
        lock_sha256: of dvc.lock as canonical JSON without the stage ``sign``, whose signature
            differs at each run.
        data: what no stage made and git does not hold, by path, with DVC's own MD5.
        release_md5: DVC's own MD5 of the release.
    """

    commit: str
    repository: str | None
    params: Mapping[str, Any]
    lock_sha256: str
    data: Mapping[str, str]
    release_md5: str


def read(root: Path) -> Source:
    """Read what a checkout without changes is made from.

    Raises:
        NotClean: It has changes, or ``dvc status`` reports any, or the release is not in dvc.lock.
        PalisadeError: It is no git checkout.
    """
    _check_clean(root)
    lock = read_yaml(root / "dvc.lock")
    outs = _md5(lock, "outs")
    if RELEASE not in outs:
        raise NotClean(f"dvc.lock does not hold {RELEASE}", "run `make repro` and commit dvc.lock")
    tracked = set(_git(root, "ls-files", "-z").split("\0"))
    data = {
        path: digest
        for path, digest in _md5(lock, "deps").items()
        if path not in outs and not _in_git(path, tracked)
    }
    return Source(
        commit=_git(root, "rev-parse", "HEAD"),
        repository=public_uri(_git(root, "config", "--get", "remote.origin.url", optional=True)),
        params=read_yaml(root / "params.yaml"),
        lock_sha256=lock_digest(lock),
        data=data,
        release_md5=outs[RELEASE],
    )


def lock_digest(lock: Mapping[str, Any]) -> str:
    """The SHA-256 of dvc.lock as canonical JSON, without the stage ``sign``."""
    stages = {name: stage for name, stage in lock["stages"].items() if name != "sign"}
    return hashlib.sha256(canonical_json({**lock, "stages": stages})).hexdigest()


def public_uri(remote: str) -> str | None:
    """A remote's address as a URI of a git repository, without what only its owner should know.

    A user and a password go, and a path on this machine is no address for anybody else.
    """
    if "://" not in remote and ":" in remote.split("/")[0]:  # user@host:path, as scp writes it
        host, _, path = remote.rpartition("@")[2].partition(":")
        remote = f"ssh://{host}/{path}"
    parts = urlsplit(remote)
    if parts.scheme not in ("https", "http", "ssh") or not parts.hostname:
        return None
    port = f":{parts.port}" if parts.port else ""
    plain = (parts.scheme, parts.hostname + port, parts.path.removesuffix(".git"), "", "")
    return urlunsplit(plain)


def _check_clean(root: Path) -> None:
    changed = _git(root, "status", "--porcelain").splitlines()
    if changed:
        some = ", ".join(line[3:] for line in changed[:_LISTED])
        more = f" and {len(changed) - _LISTED} more" if len(changed) > _LISTED else ""
        raise NotClean(f"the checkout has changes ({some}{more})", "commit them or put them away")
    said = _run(root, sys.executable, "-m", "dvc", "status", "--json")
    try:
        stale = json.loads(said)
    except ValueError as error:
        raise NotClean("`dvc status` failed", "run it and mend what it says") from error
    if stale:
        some = ", ".join(sorted(stale)[:_LISTED])
        raise NotClean(
            f"the pipeline is not up to date ({some})",
            "run `make repro`, commit its results, and try again",
        )


def _md5(lock: Mapping[str, Any], field: str) -> dict[str, str]:
    return {
        one["path"]: one["md5"]
        for stage in lock["stages"].values()
        for one in stage.get(field, [])
        if "md5" in one
    }


def _in_git(path: str, tracked: set[str]) -> bool:
    return path in tracked or any(name.startswith(f"{path}/") for name in tracked)


def _git(root: Path, *words: str, optional: bool = False) -> str:
    done = subprocess.run(
        ["git", *words], cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    if done.returncode and not optional:
        raise PalisadeError("this is no git checkout with a commit", "run it from the project's")
    return done.stdout.removesuffix("\n") if not done.returncode else ""


def _run(root: Path, *command: str) -> str:
    return subprocess.run(
        command, cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL
    ).stdout
