"""Checks that the attacks are strong enough for what still stands to mean anything.

References:
    Carlini et al., On Evaluating Adversarial Robustness, arXiv:1902.06705;
    Wong et al., arXiv:2001.03994 (catastrophic overfitting).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from palisade.attacks.names import (
    APGD_CROSS_ENTROPY,
    APGD_DLR,
    APGD_TARGETED,
    DOUBLED,
    FGSM,
    ITERATED,
    JOINT,
    NES,
    NES_BLIND,
    NOISE,
    PGD_CROSS_ENTROPY,
    PGD_EXACT,
    SQUARE,
    TRANSFERRED,
)
from palisade.evaluation.checks import MISSING, Check
from palisade.evaluation.evidence import (
    BEHIND_GUARD,
    DEFENDED,
    UNDEFENDED,
    Evidence,
    alone,
    broken,
    most,
)
from palisade.evaluation.leads import STANDARD_ERRORS, lead
from palisade.evaluation.verdicts import WRONG, Table

TOLERANCE = 0.01
# FGSM accuracy this far above PGD's at one epsilon is catastrophic overfitting
# (arXiv:2001.03994, 2007.02617); `training` stops there too.
OVERFITTING_LIMIT = 0.15
TRAININGS = ("pretrain", "qat")
REQUIRED = (
    *(NOISE, FGSM, *ITERATED, *DOUBLED, APGD_CROSS_ENTROPY, APGD_DLR, PGD_EXACT),
    *(SQUARE, NES, NES_BLIND, *TRANSFERRED),
)
TARGETED_FROM_CLASSES = 4  # the loss of APGD's targeted form compares four logits


def of(evidence: Evidence, undefended_limit: float) -> list[Check]:
    """Checks on how strong the battery is.

    Args:
        evidence: what was measured.
        undefended_limit: the most that an undefended model may keep at the reference budget.
    """
    return [
        *_of_budgets(evidence, undefended_limit),
        *_of_attacks(evidence),
        *_gaps(evidence),
    ]


def _of_budgets(evidence: Evidence, undefended_limit: float) -> list[Check]:
    table = evidence.table
    worst = worst_cases(table, DEFENDED)
    undefended = dict(zip(table.budgets, worst_cases(table, UNDEFENDED), strict=True))
    counted = {one: _standing(table, DEFENDED, one) for one in table.budgets}
    wrong = [abs(evidence.reported.get(one, MISSING) - counted[one]) for one in table.budgets]
    return [
        Check(
            "accuracy_never_rises_with_the_budget",
            rise(worst),
            TOLERANCE,
            guards_against="an attack that fails where it has more room",
        ),
        Check(
            "hopeless_budget_leaves_no_more_than_chance",
            worst[-1] if worst else MISSING,
            1 / len(evidence.labels),
            guards_against="attacks that cannot break even what nothing can withstand",
        ),
        Check(
            "undefended_model_falls",
            undefended.get(evidence.reference, MISSING),
            undefended_limit,
            guards_against="attacks too weak for an undefended model",
        ),
        Check(
            "worst_case_is_per_example",
            most(wrong),
            0,
            guards_against="a mean over attacks; an attack left out of the headline",
        ),
    ]


def _of_attacks(evidence: Evidence) -> list[Check]:
    table, reference = evidence.table, evidence.reference
    missing = [
        one
        for model, attacks in required(evidence).items()
        for one in attacks
        if np.isnan(alone(table, model, [one], reference))
    ]
    iterated = {one: alone(table, DEFENDED, ITERATED, one) for one in table.budgets}
    return [
        Check(
            "every_attack_ran",
            len(missing),
            0,
            guards_against="a figure against fewer attacks than it says",
        ),
        *(
            Check(
                f"{name}_does_not_beat_iterated_attack",
                most(iterated[one] - alone(table, DEFENDED, [attack], one) for one in iterated),
                TOLERANCE,
                guards_against="an iterated attack that is badly tuned; masked gradients",
            )
            for name, attack in (("single_step", FGSM), ("noise", NOISE))
        ),
        *(
            Check(
                name,
                _lead(evidence, attacks),
                STANDARD_ERRORS,
                at_least=True,
                guards_against=against,
            )
            for name, attacks, against in (
                ("iterated_attack_beats_noise", [PGD_CROSS_ENTROPY], "gradients that lead nowhere"),
                (
                    "transfer_beats_noise",
                    TRANSFERRED,
                    "examples crafted on another model that never reached this one",
                ),
            )
        ),
        Check(
            "queries_beat_chance",
            _queried(evidence),
            STANDARD_ERRORS,
            at_least=True,
            guards_against="a black box that finds nothing in any model",
        ),
        Check(
            "steps_are_enough",
            iterated.get(reference, MISSING) - alone(table, DEFENDED, DOUBLED, reference),
            TOLERANCE,
            guards_against="an attack stopped before it had finished",
        ),
    ]


def _lead(evidence: Evidence, attacks: Sequence[str]) -> float:
    """By how many standard errors attacks lead noise of equal budget, at the reference."""
    table, reference = evidence.table, evidence.reference
    found, noise = (broken(table, DEFENDED, one, reference) for one in (attacks, [NOISE]))
    return MISSING if found is None or noise is None else lead(found, noise)


def _queried(evidence: Evidence) -> float:
    """The lead of NES over as many blind tries, of the model in which it is larger.

    Where chance alone breaks nearly all that is undefended, nothing can lead it there.
    """
    table, reference = evidence.table, evidence.reference
    leads = []
    for model in (UNDEFENDED, DEFENDED):
        found, blind = (broken(table, model, [one], reference) for one in (NES, NES_BLIND))
        if found is None or blind is None:
            return MISSING
        leads.append(lead(found, blind))
    return max(leads)


def _gaps(evidence: Evidence) -> list[Check]:
    """In training, on validation; and of the artefact, where PGD climbs what FGSM climbs."""
    gaps, table, reference = evidence.measured.overfitting_gap, evidence.table, evidence.reference
    one, many = (alone(table, DEFENDED, [each], reference) for each in (FGSM, PGD_CROSS_ENTROPY))
    against = "a model that withstands only the attack it was trained with"
    return [
        Check(
            "no_overfitting_to_one_step",
            most(gaps.get(stage, MISSING) for stage in TRAININGS),
            OVERFITTING_LIMIT,
            guards_against=against,
        ),
        Check(
            "one_step_is_not_far_behind",
            one - many,
            OVERFITTING_LIMIT,
            guards_against=against,
        ),
    ]


def required(evidence: Evidence) -> dict[str, tuple[str, ...]]:
    """The attacks without which figures do not count, by the model that they run on."""
    targeted = (APGD_TARGETED,) if len(evidence.labels) >= TARGETED_FROM_CLASSES else ()
    joint = {} if evidence.guard is None else {BEHIND_GUARD: JOINT}
    return {DEFENDED: (*REQUIRED, *targeted), UNDEFENDED: (*ITERATED, NES, NES_BLIND), **joint}


def worst_cases(table: Table, model: str) -> list[float]:
    """Worst-case accuracy at each budget, weakest first; ``MISSING`` where nothing was run."""
    return [
        float(np.mean(table.worst_case(model, budget))) if table.attacks(model, budget) else MISSING
        for budget in table.budgets
    ]


def rise(accuracies: Sequence[float]) -> float:
    """The largest step up from one budget to the next."""
    return most(stronger - weaker for weaker, stronger in pairwise(accuracies))


def _standing(table: Table, model: str, budget: str) -> float:
    """Counted anew: the share of examples that no attack breaks, each on its own row."""
    fallen = np.zeros(len(table.alone), bool)
    for attack in table.attacks(model, budget):
        fallen |= table.values(model, attack, budget) == WRONG
    return float(np.mean(~fallen))
