"""The figures of a task that stand in ``evaluate.json``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.names import GUARDED
from palisade.evaluation.det import Curve
from palisade.evaluation.evidence import BEHIND_GUARD, DEFENDED
from palisade.evaluation.leads import lead
from palisade.evaluation.rates import false_accepts, false_rejects, rate
from palisade.evaluation.verdicts import Table
from palisade.guard.judgement import Judgement
from palisade.splits import Split
from palisade.tables import read_csv


def worst_cases(table: Table, model: str, among: NDArray[np.bool_]) -> dict[str, float]:
    """Worst-case accuracy by budget among some examples."""
    return {b: rate(table.worst_case(model, b)[among]).value for b in table.budgets}


def of_decision(
    clean: NDArray[np.int64],
    curve: Curve | None,
    test: Split,
    negative: NDArray[np.bool_],
    table: Table,
) -> dict[str, Any]:
    """Figures of the decision to act; none where every class asks for an action."""
    if curve is None:
        return {}
    return {
        "worst_case_accuracy_actions": worst_cases(table, "int8", ~negative[test.y]),
        "false_accept_rate": rate(false_accepts(clean, test.y, negative)).value,
        "false_reject_rate": rate(false_rejects(clean, test.y, negative)).value,
        "equal_error_rate": curve.equal_error_rate,
    }


def of_guard(
    clean: Judgement, test: Split, negative: NDArray[np.bool_], table: Table, reference: str
) -> dict[str, Any]:
    """What the guard rejects of clean examples, and what is still accepted and wrong.

    At a budget, by any attack at it or at a smaller one. ``lead_under_attack`` is by how many
    standard errors it does more good than none at the reference budget.
    """
    label, accepted = clean.label.astype(np.int64), clean.accepted
    harmless = np.ones(len(test), bool)
    harm = {}
    for budget in table.budgets:  # a smaller perturbation is within a larger budget too
        harmless &= table.worst_case(f"int8_{GUARDED}", budget)
        harm[budget] = rate(~harmless).value
    found: dict[str, Any] = {
        "clean_reject_rate": rate(~accepted).value,
        "lead_under_attack": lead(
            ~table.worst_case(DEFENDED, reference), ~table.worst_case(BEHIND_GUARD, reference)
        ),
        "accepted_and_wrong": {"clean": rate(accepted & (label != test.y)).value, **harm},
    }
    if negative.any():
        acted = accepted & ~negative[label]
        asked = ~negative[test.y]
        found["false_accept_rate"] = rate(acted[~asked]).value
        found["false_reject_rate"] = rate(~(accepted & (label == test.y))[asked]).value
    return found


def transfer_rates(path: Path) -> dict[str, float]:
    """By direction, the share of what fools network or companion tree that fools the other too."""
    return {row["direction"]: float(row["rate"]) for row in read_csv(path)}
