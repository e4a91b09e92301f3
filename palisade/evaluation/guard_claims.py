"""Checks on what is claimed for a guard: that it can reject, and that it was attacked itself.

References:
    Tramèr, Detecting Adversarial Examples Is (Nearly) As Hard As Classifying Them,
    arXiv:2107.11630 (what a detector's claim implies for a classifier at half the distance);
    Tramèr et al., On Adaptive Attacks, arXiv:2002.08347;
    Carlini and Wagner, Bypassing Ten Detection Methods, arXiv:1705.07263.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from palisade.attacks.names import BY_QUERIES, FGSM, JOINT
from palisade.evaluation.checks import MISSING, Check
from palisade.evaluation.evidence import (
    BEHIND_GUARD,
    DEFENDED,
    GRADIENTS,
    Evidence,
    Guarded,
    alone,
    most,
)
from palisade.evaluation.rates import rate
from palisade.evaluation.strength import TOLERANCE, rise, worst_cases
from palisade.evaluation.verdicts import Table
from palisade.guard.judgement import Signal

# Of a guard that knows one attack, as of a network (strength.OVERFITTING_LIMIT).
ONE_ATTACK_LIMIT = 0.15
HALF = 0.505  # half a radius, to the nearest whole dB


def of(evidence: Evidence, clean_reject_limit: float) -> list[Check]:
    """Checks on a guard; none where no figure is given for one.

    Args:
        evidence: what was measured.
        clean_reject_limit: the largest share of clean examples that may be rejected.
    """
    if evidence.guard is None:
        return []
    return [
        *_of_rejections(evidence.guard, clean_reject_limit),
        *_of_attacks(evidence.table, evidence.reference),
        _extraordinary(evidence),
        _ablated(evidence.guard),
        _recalibrated(evidence.guard),
    ]


def _of_rejections(guard: Guarded, clean_reject_limit: float) -> list[Check]:
    return [
        Check(
            "the_guard_can_reject",
            0 if guard.limits is None else len(guard.limits.used),
            1,
            at_least=True,
            guards_against="figures with a guard where none is at work",
        ),
        Check(
            "the_guard_rejects_few_clean_examples",
            float(np.mean(~guard.clean.accepted)) if len(guard.clean.label) else MISSING,
            clean_reject_limit,
            guards_against="safety bought by refusing everybody",
        ),
    ]


def _of_attacks(table: Table, reference: str) -> list[Check]:
    oblivious = {one: alone(table, BEHIND_GUARD, GRADIENTS, one) for one in table.budgets}
    joint = {one: alone(table, BEHIND_GUARD, JOINT, one) for one in table.budgets}
    known = alone(table, BEHIND_GUARD, (FGSM, *GRADIENTS), reference)
    return [
        Check(
            "the_guard_is_attacked_jointly",
            joint.get(reference, MISSING) - oblivious.get(reference, MISSING),
            TOLERANCE,
            guards_against="attacks that do not know that there is a guard",
        ),
        Check(
            "queries_do_not_beat_the_joint_attack",
            alone(table, BEHIND_GUARD, (*GRADIENTS, *JOINT), reference)
            - alone(table, BEHIND_GUARD, BY_QUERIES, reference),
            TOLERANCE,
            guards_against="signals whose gradient the joint attack has not got",
        ),
        Check(
            "the_guard_knows_more_than_one_attack",
            known - joint.get(reference, MISSING),
            ONE_ATTACK_LIMIT,
            guards_against="a detector of the attacks that it was made with and of no other",
        ),
        Check(
            "guarded_accuracy_never_rises_with_the_budget",
            rise(worst_cases(table, BEHIND_GUARD)),
            TOLERANCE,
            guards_against="attacks that the guard stops because they go too far",
        ),
    ]


def _extraordinary(evidence: Evidence) -> Check:
    return Check(
        "the_guard_claims_nothing_extraordinary",
        excess(evidence.table, evidence.radii),
        1 if evidence.measured.audited else 0,
        guards_against="a claim that would make a classifier robust at half the distance",
    )


def excess(table: Table, radii: Mapping[str, float]) -> float:
    """How far the guarded model's claim goes beyond what the bare one shows at half the budget.

    A guarded model that is safe at a budget gives, by an inefficient construction, a classifier
    that is right at half of it (arXiv:2107.11630). The claim is the share that is safe
    at a budget and at all smaller ones; it is held against the upper end of the 95 % interval of
    what the bare model keeps at the largest budget that is no more than half.

    Returns:
        The largest over budgets that have such a half; ``MISSING`` if none has.
    """
    if not all(table.attacks(BEHIND_GUARD, budget) for budget in table.budgets):
        return MISSING
    safe, found = np.ones(len(table.alone), bool), []
    for budget in table.budgets:
        safe &= table.worst_case(BEHIND_GUARD, budget)
        halves = [
            one
            for one in table.budgets
            if radii.get(one, MISSING) <= HALF * radii.get(budget, MISSING)
        ]
        if halves:
            found.append(rate(safe).value - rate(table.worst_case(DEFENDED, halves[-1])).high)
    return most(found)


def _ablated(guard: Guarded) -> Check:
    used = [] if guard.limits is None else guard.limits.used
    lacking = [one for one in used if one.name.lower() not in guard.ablated]
    return Check(
        "each_signal_is_ablated",
        len(lacking) if used else MISSING,
        0,
        guards_against="a defence of which nobody knows what it gives under attack",
    )


def _recalibrated(guard: Guarded) -> Check:
    differing = MISSING
    if guard.limits is not None and guard.recalibrated is not None:
        differing = float(sum(guard.limits.of(one) != guard.recalibrated.of(one) for one in Signal))
    return Check(
        "limits_follow_from_the_calibration_split",
        differing,
        0,
        guards_against="limits chosen with an eye on the examples that they are tested on",
    )
