"""The gate before devices: what a release must be beyond signed and trusted.

A development signature, a failed check, or a model that was not audited as it is now: each is
fine while a team works, and none of them may run on a door.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from palisade.release import manifest
from palisade.release.contents import shown
from palisade.release.failures import BadManifest, DevelopmentSignature, FailedChecks, NoAudit
from palisade.release.reading import bounded, strict_json
from palisade.release.trust import Signer

LARGEST_CHECKLIST_BYTES = 4 * 1024 * 1024
AUDIT = "audit"  # the stage's name among a task's metrics
_NAMED = 5  # how many failures a message names


def check(
    release: Path, content: manifest.Manifest, signer: Signer, *, decided: frozenset[str]
) -> None:
    """Refuse what may not run on a device.

    Args:
        release: the folder, of which every file was verified.
        content: its manifest.
        signer: who signed it.
        decided: lines of the release's checklist that ``verify`` has found true.

    Raises:
        DevelopmentSignature, FailedChecks, NoAudit: It may not.
        BadManifest: The checklist cannot be read.
    """
    if signer.trusted_by is None or signer.assurance != "release":
        raise DevelopmentSignature(
            f"{signer.name} signs for development",
            "have the release signed by an identity or key that the policy names for releases",
        )
    _check_measurements(content)
    _check_audits(content)
    _check_lines(release, content, decided)


def _check_measurements(content: manifest.Manifest) -> None:
    dumped = content.model_dump()
    failed = [f"{one['part']}: {one['check']}" for one in dumped.get("failed_checks", ())]
    failed += [name for name, part in manifest.parts(content).items() if not part.reliable]
    if failed or not content.reliable:
        raise _failed(failed or ["the release as a whole"])


def _check_audits(content: manifest.Manifest) -> None:
    for name, task in sorted(content.tasks.items()):
        audit = task.metrics.get(AUDIT)
        if audit is None:
            raise NoAudit(f"the model of {shown(name)} was not audited", "run `make audit` first")
        guard = content.files.get(f"{name}/guard.json")
        about = {"model": content.files[task.model], **({"guard": guard} if guard else {})}
        for part, file in about.items():
            if audit.get(f"{part}_sha256") != file.sha256:
                raise NoAudit(
                    f"the audit of {shown(name)} is of another {part}", "run `make audit` again"
                )
        if audit.get("default_battery_is_strong_enough") is not True:
            raise _failed([f"the audit of {name}: stronger attacks find much more"])


def _check_lines(release: Path, content: manifest.Manifest, decided: frozenset[str]) -> None:
    """Lines that the pipeline filled must pass; those left to ``verify`` must be true."""
    name = content.model_dump().get("documents", {}).get("checklist")
    if name is None:
        return
    wrong = []
    for line in _lines(release, content, name):
        status, asks = line.get("status"), line.get("verify")
        if status != "pass" and not (status == "verify" and asks in decided):
            wrong.append(f"{line.get('name')} ({status} {asks or ''})".replace(" )", ")"))
    if wrong:
        raise _failed(wrong)


def _lines(release: Path, content: manifest.Manifest, name: str) -> list[Mapping[str, Any]]:
    if name not in content.files:
        raise BadManifest(f"the checklist {name!a} is no file of the release", "package it again")
    try:
        parsed = strict_json(bounded(release / name, limit_bytes=LARGEST_CHECKLIST_BYTES))
        lines = parsed["lines"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadManifest(f"the checklist {name!a} cannot be read", "package it again") from error
    if not lines or not all(isinstance(line, dict) for line in lines):
        raise BadManifest(f"the checklist {name!a} has no lines", "package it again")
    return list(lines)


def _failed(names: list[str]) -> FailedChecks:
    some = ", ".join(map(shown, names[:_NAMED]))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return FailedChecks(f"the release does not pass {some}{more}", "mend what failed and remake it")
