"""What the checks on a measurement go by: verdicts, and what was noted beside them.

Whatever was not measured is ``MISSING`` here, or an empty table, so that its check fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.names import ADAPTIVE, GUARDED, ITERATED, JOINT, PGD_EXACT
from palisade.evaluation.checks import MISSING
from palisade.evaluation.verdicts import NOT_RUN, RIGHT, Table
from palisade.guard.judgement import Judgement
from palisade.guard.tables import Limits
from palisade.splits import Split

DEFENDED, UNDEFENDED = "int8", "undefended"
BEHIND_GUARD = f"{DEFENDED}_{GUARDED}"
GRADIENTS = (*ITERATED, *ADAPTIVE, PGD_EXACT)  # attacks that climb by the white box's gradient


@dataclass(frozen=True)
class Measured:
    """What was noted of the measurement itself.

    Attributes:
        zero_gradient_share: of examples where the white box's loss has no gradient at all.
        undeliverable_share: of crafted examples, those that no sensor delivers.
        over_budget_share: of crafted examples, those that lie outside the attacker's ball.
        changed_share: of examples, those that the device answers otherwise the second time.
        audited: whether an audit of this model, guard and test set ran at full strength.
        overfitting_gap: by stage of training, FGSM accuracy less PGD accuracy at its epsilon.
    """

    zero_gradient_share: float = MISSING
    undeliverable_share: float = MISSING
    over_budget_share: float = MISSING
    changed_share: float = MISSING
    audited: bool = False
    overfitting_gap: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Guarded:
    """What is known of a guard.

    Attributes:
        limits: its limits; None where there is no guard.
        recalibrated: limits that the calibration split gives when it is asked again; None where it
            was not.
        clean: its judgement of the clean test set.
        ablated: signals of which it is known what they give under attack, with and without them.
    """

    limits: Limits | None
    recalibrated: Limits | None
    clean: Judgement
    ablated: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Evidence:
    """All that the checks of one task go by.

    Attributes:
        table: verdicts of ``int8``, its white box, with its guard, and of ``undefended``.
        reference: name of the budget that the headline figure is given at.
        radii: by budget's name, the radius of its ball over the reference's.
        labels: the class names; the inverse of their number is chance.
        reported: worst-case accuracy of ``int8`` by budget, as it is published.
        measured: what was noted of the measurement.
        splits: every split that anything was trained, chosen, calibrated or tested on, by name.
        guard: None where no figure is given for a guard.
    """

    table: Table
    reference: str
    radii: Mapping[str, float]
    labels: tuple[str, ...]
    reported: Mapping[str, float]
    measured: Measured
    splits: Mapping[str, Split]
    guard: Guarded | None


def ablated(rows: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Signals that ``detail/ablation.csv`` has rows of, under attacks one of them joint."""
    return frozenset(row["signal"] for row in rows if set(JOINT) & set(row["attacks"].split()))


def broken(
    table: Table, model: str, attacks: Iterable[str], budget: str
) -> NDArray[np.bool_] | None:
    """Which of the fixed subset are wrong under at least one of some attacks, those that were run.

    None where none was, or one of them not on the whole subset.
    """
    ran = set(table.attacks(model, budget))
    rows = [table.values(model, one, budget)[table.alone] for one in attacks if one in ran]
    if not rows or not table.alone.any() or np.any(np.stack(rows) == NOT_RUN):
        return None
    return np.asarray(np.any(np.stack(rows) != RIGHT, axis=0), bool)


def alone(table: Table, model: str, attacks: Iterable[str], budget: str) -> float:
    """Share of the fixed subset that is right under all of some attacks, those that were run.

    ``MISSING`` where ``broken`` knows nothing.
    """
    found = broken(table, model, attacks, budget)
    return MISSING if found is None else float(np.mean(~found))


def most(values: Iterable[float]) -> float:
    """The largest; ``MISSING`` if one of them is, or if there is none."""
    found = list(values)
    return float(np.max(found)) if found else MISSING
