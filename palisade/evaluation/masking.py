"""Checks that what the attacks go by is the model itself: no hidden gradient, no other machine.

References:
    Athalye et al., Obfuscated Gradients, arXiv:1802.00420 (black box against white box,
    randomness, steps without a gradient);
    Croce and Hein, AutoAttack, arXiv:2003.01690 (queries as a check on gradients);
    Lin et al., Defensive Quantization, arXiv:1904.08444 (what rounding hides).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.names import (
    ADAPTIVE,
    BY_QUERIES,
    FGSM,
    ITERATED,
    NOISE,
    TRANSFERRED,
    WHITE_BOX,
)
from palisade.evaluation.checks import MISSING, Check
from palisade.evaluation.evidence import DEFENDED, GRADIENTS, Evidence, alone, most
from palisade.evaluation.strength import TOLERANCE
from palisade.evaluation.verdicts import NOT_RUN, Table

QUANTISATION_TOLERANCE = 0.03
ZERO_GRADIENT_LIMIT = 0.01


def of(evidence: Evidence) -> list[Check]:
    """Checks on gradients, on the artefact against its white box, and on what is judged."""
    return [*_of_gradients(evidence), *_of_artefact(evidence), *_of_sensor(evidence)]


def changed(first: Sequence[NDArray[Any]], second: Sequence[NDArray[Any]]) -> float:
    """Share of examples of which two runs' arrays ``[n, ...]`` differ; ``MISSING`` of none."""
    if not len(first[0]):
        return MISSING
    differs = [
        (one != other).reshape(len(one), -1).any(axis=1)
        for one, other in zip(first, second, strict=True)
    ]
    return float(np.mean(np.any(differs, axis=0)))


def _of_gradients(evidence: Evidence) -> list[Check]:
    table, reference = evidence.table, evidence.reference
    return [
        Check(
            "gradients_are_there",
            evidence.measured.zero_gradient_share,
            ZERO_GRADIENT_LIMIT,
            guards_against="saturated logits; clipped ranges; steps that pass no gradient back",
        ),
        Check(
            "queries_do_not_beat_gradients",
            _lead(table, BY_QUERIES, reference),
            TOLERANCE,
            guards_against="masked gradients: what needs none finds more",
        ),
        Check(
            "transfer_does_not_beat_gradients",
            _lead(table, TRANSFERRED, reference),
            TOLERANCE,
            guards_against="masked gradients: those of another model lead further",
        ),
    ]


def _of_artefact(evidence: Evidence) -> list[Check]:
    table, reference = evidence.table, evidence.reference
    worst = [
        float(np.mean(table.worst_case(model, reference)))
        if table.attacks(model, reference)
        else MISSING
        for model in (DEFENDED, f"{DEFENDED}_{WHITE_BOX}")
    ]
    return [
        Check(
            "int8_and_white_box_agree",
            abs(worst[0] - worst[1]),
            QUANTISATION_TOLERANCE,
            guards_against="an artefact that is safer only because another model was attacked",
        ),
        Check(
            "white_box_gives_the_same_verdicts",
            most(_differing(table, budget) for budget in table.budgets),
            QUANTISATION_TOLERANCE,
            guards_against="differences between artefact and white box that cancel in the mean",
        ),
        Check(
            "device_answers_the_same_twice",
            evidence.measured.changed_share,
            0,
            guards_against="randomness that an attack would have to average over",
        ),
    ]


def _of_sensor(evidence: Evidence) -> list[Check]:
    return [
        Check(
            "crafted_examples_can_be_delivered",
            evidence.measured.undeliverable_share,
            0,
            guards_against="examples between the values that a sensor delivers",
        ),
        Check(
            "crafted_examples_keep_the_budget",
            evidence.measured.over_budget_share,
            0,
            guards_against="a budget that is named for less than the attacker has",
        ),
    ]


def _lead(table: Table, attacks: tuple[str, ...], reference: str) -> float:
    """The largest lead of some attacks over those by gradients, at every budget they ran at.

    At the reference budget they have to.
    """
    budgets = [
        budget
        for budget in table.budgets
        if budget == reference or set(attacks) & set(table.attacks(DEFENDED, budget))
    ]
    return most(
        alone(table, DEFENDED, GRADIENTS, budget) - alone(table, DEFENDED, attacks, budget)
        for budget in budgets
    )


def _differing(table: Table, budget: str) -> float:
    """Share of a budget's verdicts in which artefact and white box differ.

    Of attacks crafted on the white box: others look for the places where the two differ.
    """
    white_box = f"{DEFENDED}_{WHITE_BOX}"
    both = [
        attack
        for attack in (NOISE, FGSM, *ITERATED, *ADAPTIVE)
        if attack in table.attacks(DEFENDED, budget) and attack in table.attacks(white_box, budget)
    ]
    if not both:
        return MISSING
    mine = np.stack([table.values(DEFENDED, attack, budget) for attack in both])
    other = np.stack([table.values(white_box, attack, budget) for attack in both])
    ran = (mine != NOT_RUN) & (other != NOT_RUN)
    return float(np.mean(mine[ran] != other[ran])) if ran.any() else MISSING
