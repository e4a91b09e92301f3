"""Audits of a release's models: attacks at full strength, beside the release.

``make audit`` runs outside the pipeline, for hours, and is of one model and guard. Its result is no
part of the release, in which one check of the figures stands for it; it lies beside it, as a signed
subject of the provenance.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from palisade.evaluation import full_strength
from palisade.release.contents import shown
from palisade.release.failures import FailedChecks, NoAudit, StaleAudit
from palisade.release.manifest import ROUNDING, Manifest, Task
from palisade.release.reading import bounded, strict_json

LARGEST_BYTES = 4 * 1024 * 1024
# By which `evaluate` held figures of the same model, guard, test set and budget against the audit.
HELD = "an_audit_finds_little_more"
LARGEST_DROP = 0.01  # as the evaluation has it
DEFENDED, BEHIND_GUARD, EVERYBODY = "int8", "int8_guarded", "all"
_RUN = "run `make audit` and `dvc repro`, commit metrics/ and dvc.lock, and release again"


def made(root: Path, task: str) -> Path:
    """Where a project has a task's audit, if it was run."""
    return root / f"metrics/{task}/audit.json"


def name(task: str) -> str:
    """Its name beside a release."""
    return f"{task}.json"


def check(folder: Path, content: Manifest) -> None:
    """Check that every model was audited as it is.

    Args:
        folder: the audits, of which a signed statement was verified.
        content: the release's manifest.

    Raises:
        NoAudit: One was not, not at full strength, or its figures were not held against it.
        StaleAudit: An audit is of another model or guard, or of another budget or test set.
        FailedChecks: An audit found much more than the default attacks.
    """
    for key, task in sorted(content.tasks.items()):
        _check_task(key, task, _read(folder / name(key), key), content)


def _read(path: Path, key: str) -> dict[str, Any]:
    try:
        content = strict_json(bounded(path, limit_bytes=LARGEST_BYTES))
    except FileNotFoundError:
        raise NoAudit(f"the model of {shown(key)} was not audited", _RUN) from None
    except (OSError, ValueError) as error:
        raise NoAudit(f"the audit of {shown(key)} cannot be read ({error})", _RUN) from error
    if not isinstance(content, dict):
        raise NoAudit(f"the audit of {shown(key)} is none", _RUN)
    if not content:
        raise NoAudit(f"the model of {shown(key)} was not audited", _RUN)
    return content


def _check_task(key: str, task: Task, audit: dict[str, Any], content: Manifest) -> None:
    guard = content.files.get(f"{key}/guard.json")
    about = {"model": content.files[task.model], **({"guard": guard} if guard else {})}
    for part, file in about.items():
        if audit.get(f"{part}_sha256") != file.sha256:
            raise StaleAudit(
                f"the audit of {shown(key)} is of another {part} than the release's", _RUN
            )
    short = full_strength.shortfall(audit.get("audit"), audit.get("default"))
    if short is not None:
        raise NoAudit(f"the audit of {shown(key)} was not at full strength ({short})", _RUN)
    held = task.checks.get(HELD)
    if held is None:
        raise NoAudit(
            f"nothing says that the figures of {shown(key)} were held against its audit",
            "run `dvc repro` where the audit is, and release again",
        )
    found = _drop(task, audit)
    if found is None or held.figure is None or abs(found - held.figure) > ROUNDING:
        raise StaleAudit(
            f"the audit of {shown(key)} is of another budget or test set than the figures",
            _RUN,
        )
    if found > LARGEST_DROP:
        raise FailedChecks(
            f"the audit of {shown(key)} found much more than the release's figures say",
            "raise attack's restarts, targets or steps in params.yaml and remake the release",
        )


def _drop(task: Task, audit: dict[str, Any]) -> float | None:
    """What an audit found beyond the release's figures at its budget; None if there are none."""
    try:
        budget, now = audit["budget"], audit["audit"]
        alone, guarded = (
            task.worst_case[model][EVERYBODY][budget].value for model in (DEFENDED, BEHIND_GUARD)
        )
        worst, harm = float(now["worst_case_accuracy"]), float(now["accepted_and_wrong"])
    except (KeyError, TypeError, ValueError):
        return None
    return max(alone - worst, harm - (1.0 - guarded))
