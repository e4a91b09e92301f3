"""What an audit says of the battery's figures: whether full strength finds much more.

``make audit`` runs beside the pipeline, for hours, and writes ``metrics/<task>/audit.json``; a task
that was never audited has ``{}`` there. An audit counts here only while it is of this model, guard
and test set, and at full strength: beside the battery it began with, and beside the one of now. It
is held against the figures as they are now, so that a battery which was weakened does not pass.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from palisade.errors import PalisadeError
from palisade.evaluation import full_strength
from palisade.evaluation.checks import Check
from palisade.evaluation.evidence import BEHIND_GUARD, DEFENDED
from palisade.evaluation.rates import rate
from palisade.evaluation.verdicts import Table

LARGEST_DROP = 0.01  # of a worst case, before the default battery is called too weak
_RESTORE = "run `make audit`, take the file from git, or write {} into it"


def read(path: Path) -> dict[str, Any]:
    """A task's audit; empty where it never was.

    Raises:
        PalisadeError: The file is no audit.
    """
    try:
        content = json.loads(path.read_text())
    except ValueError as error:
        raise PalisadeError(f"{path} is no JSON ({error})", _RESTORE) from error
    if not isinstance(content, dict):
        raise PalisadeError(f"{path} is no audit", _RESTORE)
    return content


def checks(
    audit: dict[str, Any],
    *,
    model: Path,
    guard: Path,
    examples: str,
    table: Table,
    reference: str,
    battery: Mapping[str, Any],
) -> list[Check]:
    """The check that the audit finds little more; none where no audit is of what is evaluated.

    Args:
        audit: as ``read`` gives it.
        model: the int8 artefact.
        guard: its limits.
        examples: digest of the test set.
        table: the battery's verdicts.
        reference: name of the budget of the headline figure.
        battery: how strong the battery of these verdicts was, as ``attack.json`` has it.

    Raises:
        PalisadeError: The audit lacks a figure.
    """
    try:
        if not audit or _about(audit) != (sha256(model), sha256(guard), examples, reference):
            return []
        for default in (audit["default"], battery):  # the one it began with, and the one of now
            if full_strength.shortfall(audit["audit"], default) is not None:
                return []
        worst, harm = audit["audit"]["worst_case_accuracy"], audit["audit"]["accepted_and_wrong"]
        drop = rate(table.worst_case(DEFENDED, reference)).value - worst
        more = harm - rate(~table.worst_case(BEHIND_GUARD, reference)).value
    except (KeyError, TypeError) as error:
        raise PalisadeError(f"the audit of {model.parent.name} lacks {error}", _RESTORE) from error
    return [
        Check(
            "an_audit_finds_little_more",
            max(drop, more),
            LARGEST_DROP,
            guards_against="a battery with too few steps, restarts or queries for this model",
        )
    ]


def sha256(path: Path) -> str:
    """Digest of a file, by which an audit knows what it is of."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _about(audit: dict[str, Any]) -> tuple[Any, ...]:
    """Of what an audit is: model, guard, examples, budget."""
    return (
        audit["model_sha256"],
        audit["guard_sha256"],
        audit["examples"]["digest"],
        audit["budget"],
    )
