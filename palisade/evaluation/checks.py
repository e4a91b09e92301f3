"""Checks on the measurement itself: each has a figure, a limit, and can fail.

A failed check means that the figures beside it show less than they seem to, and marks them as
unreliable.

References:
    Carlini et al., On Evaluating Adversarial Robustness, arXiv:1902.06705;
    Croce and Hein (AutoAttack), arXiv:2003.01690.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from palisade.attacks.names import DOUBLED, FGSM, ITERATED, NOISE, WHITE_BOX
from palisade.evaluation.verdicts import Table
from palisade.guard.judgement import Judgement
from palisade.guard.tables import Guard

TOLERANCE = 0.01
QUANTISATION_TOLERANCE = 0.03
ZERO_GRADIENT_LIMIT = 0.01


@dataclass(frozen=True)
class Check:
    """One named check; it passes if its figure is at most (or at least) its limit.

    Attributes:
        name: what is claimed.
        figure: what was measured.
        limit: what it is held against.
        at_least: whether the limit is a lower one.
    """

    name: str
    figure: float
    limit: float
    at_least: bool = False

    @property
    def passed(self) -> bool:
        """Whether the figure keeps the limit."""
        return self.figure >= self.limit if self.at_least else self.figure <= self.limit


def of_battery(
    table: Table, *, classes: int, reference: str, undefended_limit: float
) -> list[Check]:
    """Checks that follow from the verdicts alone.

    Args:
        table: verdicts of ``int8``, its white box and ``undefended``.
        classes: number of classes, whose inverse is chance.
        reference: name of the budget that the headline figure is given at.
        undefended_limit: the most that an undefended model may keep there.
    """
    worst = [float(np.mean(table.worst_case("int8", budget))) for budget in table.budgets]
    white_box = float(np.mean(table.worst_case(f"int8_{WHITE_BOX}", reference)))
    undefended = float(np.mean(table.worst_case("undefended", reference)))
    artefact = worst[table.budgets.index(reference)]
    rise = max(stronger - weaker for weaker, stronger in pairwise(worst))
    return [
        Check("accuracy_never_rises_with_the_budget", rise, TOLERANCE),
        Check("hopeless_budget_leaves_no_more_than_chance", worst[-1], 1 / classes),
        Check("undefended_model_falls", undefended, undefended_limit),
        Check("iterated_attack_beats_single_step", _excess(table, [FGSM]), TOLERANCE),
        Check("iterated_attack_beats_noise", _excess(table, [NOISE]), TOLERANCE),
        Check("steps_are_enough", _gain_of_doubling(table, reference), TOLERANCE),
        Check("int8_and_white_box_agree", abs(artefact - white_box), QUANTISATION_TOLERANCE),
    ]


def of_guard(guard: Guard | None, clean: Judgement, clean_reject_limit: float) -> list[Check]:
    """Checks on what the guard makes of clean examples: figures with a guard need one.

    Args:
        guard: its tables and limits.
        clean: its judgement of the clean test set.
        clean_reject_limit: the largest share of it that may be rejected.
    """
    signals = 0 if guard is None else len(guard.limits.used)
    rejected = float(np.mean(~clean.accepted))
    return [
        Check("the_guard_can_reject", signals, 1, at_least=True),
        Check("the_guard_rejects_few_clean_examples", rejected, clean_reject_limit),
    ]


def summary(checks: Iterable[Check]) -> dict[str, int | bool]:
    """How many passed; the figures are reliable only if all did."""
    passed = [check.passed for check in checks]
    return {"passed": sum(passed), "total": len(passed)}


def _excess(table: Table, single: list[str]) -> float:
    """The largest lead, over budgets, of a cheap attack over the iterated ones."""
    return max(
        table.subset("int8", ITERATED, budget) - table.subset("int8", single, budget)
        for budget in table.budgets
    )


def _gain_of_doubling(table: Table, budget: str) -> float:
    return table.subset("int8", ITERATED, budget) - table.subset("int8", DOUBLED, budget)
