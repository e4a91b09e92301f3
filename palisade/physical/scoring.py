"""What the device makes of attacked samples, as rows of a table and as headline figures.

An attack at a severity may come in several variants: one an aim (``aims.py``), one a try. Of
examples that each had variants of their own, one is wrong, or accepted and wrong, if it is under
any variant that counts. What is one for all examples was chosen before they were met: of those,
the variant by which most are accepted and wrong counts, for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.edge import Edge
from palisade.evaluation.rates import rate
from palisade.physical.aims import GUARD_AWARE, OBLIVIOUS

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Attacked:
    """What the sensor delivers under one variant of an attack.

    Attributes:
        attack: its name, which params and figures share.
        severity: in words with a unit: ``15 dB``.
        raw: ``[n, ...]`` as the sensor delivers it.
        allowed: ``[n, classes]`` which answers are right.
        reference: whether this severity gives the headline figure.
        aim: what was climbed; what needs no gradient knows no guard.
        for_all: whether one thing was made for all examples.
        strength: larger where a severity is a stronger one; None where they have no order.
        control: the attack that does without intent what this one crafts, at the same severity.
    """

    attack: str
    severity: str
    raw: NDArray[Any]
    allowed: Mask
    reference: bool = False
    aim: str = OBLIVIOUS
    for_all: bool = False
    strength: float | None = None
    control: str = ""


@dataclass(frozen=True)
class Outcome:
    """What a device made of an attack at a severity, of all its variants.

    Attributes:
        attack, severity, reference, for_all, strength, control: as in ``Attacked``.
        right: ``[n]`` whether the answer is right, whatever the guard makes of it, under each
            variant that knows no guard.
        passed: by aim, ``[n]`` whether an answer is wrong and the guard believes it.
    """

    attack: str
    severity: str
    reference: bool
    right: Mask
    passed: Mapping[str, Mask]
    for_all: bool = False
    strength: float | None = None
    control: str = ""

    @property
    def accepted_and_wrong(self) -> Mask:
        """``[n]`` whether the guard believes a wrong answer, of whichever aim counts."""
        found = list(self.passed.values())
        if self.for_all:
            return max(found, key=np.count_nonzero)
        return np.asarray(np.logical_or.reduce(found))


def exactly(y: NDArray[np.int64], classes: int) -> Mask:
    """``[n, classes]``: the true class alone is right."""
    return np.asarray(np.arange(classes) == y[:, np.newaxis])


def outcome(device: Edge, variants: Iterable[Attacked]) -> Outcome:
    """Judge an attack's variants at one severity on the exact path.

    Raises:
        ValueError: None of them is without a guard in mind.
    """
    right: Mask | None = None
    passed: dict[str, Mask] = {}
    for one in variants:
        said = device.judge(one.raw)
        correct = one.allowed[np.arange(len(said.label)), said.label]
        wrong = said.accepted & ~correct
        passed[one.aim] = passed[one.aim] | wrong if one.aim in passed else wrong
        if one.aim == OBLIVIOUS:
            right = correct if right is None else right & correct
    if right is None:
        raise ValueError("accuracy is that of an attack that knows no guard")
    return Outcome(
        one.attack,
        one.severity,
        one.reference,
        right,
        passed,
        one.for_all,
        one.strength,
        one.control,
    )


def rows(defended: Sequence[Outcome], undefended: Sequence[Outcome]) -> list[dict[str, Any]]:
    """One row an attack and severity; both models in the same order, each under its own attack."""
    return [_row(mine, other) for mine, other in zip(defended, undefended, strict=True)]


def figures(defended: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Accuracy, and the share accepted and wrong, of each attack at its reference severity."""
    chosen = [one for one in defended if one.reference]
    return {
        "physical": {one.attack: float(np.mean(one.right)) for one in chosen},
        "accepted_and_wrong": {
            one.attack: float(np.mean(one.accepted_and_wrong)) for one in chosen
        },
    }


def _row(mine: Outcome, other: Outcome) -> dict[str, Any]:
    if (mine.attack, mine.severity) != (other.attack, other.severity):
        raise ValueError(f"{mine.attack} stands beside {other.attack}")
    found = rate(mine.right)
    return {
        "attack": mine.attack,
        "severity": mine.severity,
        "n": found.n,
        "accuracy": found.value,
        "low": found.low,
        "high": found.high,
        "accepted_and_wrong": float(np.mean(mine.accepted_and_wrong)),
        **{
            f"{aim}_accepted_and_wrong": float(np.mean(mine.passed[aim]))
            if aim in mine.passed
            else ""
            for aim in (OBLIVIOUS, GUARD_AWARE)
        },
        "undefended_accuracy": float(np.mean(other.right)),
        "reference": int(mine.reference),
    }
