"""What the device makes of attacked samples, as rows of a table and as headline figures.

An attack at a severity may come in several variants, one an aim (``aims.py``). Of examples that
each had variants of their own, one is wrong, or accepted and wrong, if it is under any of them.
What is one for all examples was chosen before they were met: of those the variant that does most
harm counts, for all. Who may go far may also go less far: milder severities of an attack count in
the same way (``carried``), as a guard may stop what is strong and pass what is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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
        among: mask of the control's examples that are this attack's; None: all.
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
    among: Mask | None = None


@dataclass(frozen=True)
class Outcome:
    """What a device made of an attack at a severity, of all its variants.

    Attributes:
        attack, severity, reference, for_all, strength, control, among: as in ``Attacked``.
        wrong: by aim, ``[n]`` whether an answer is wrong, whatever the guard makes of it.
        passed: by aim, ``[n]`` whether an answer is wrong and the guard believes it.
    """

    attack: str
    severity: str
    reference: bool
    wrong: Mapping[str, Mask]
    passed: Mapping[str, Mask]
    for_all: bool = False
    strength: float | None = None
    control: str = ""
    among: Mask | None = None

    @property
    def right(self) -> Mask:
        """``[n]`` whether no aim that counts makes the answer wrong."""
        return ~self._worst(self.wrong)

    @property
    def accepted_and_wrong(self) -> Mask:
        """``[n]`` whether the guard believes a wrong answer, of whichever aim counts."""
        return self._worst(self.passed)

    def _worst(self, by_aim: Mapping[str, Mask]) -> Mask:
        found = list(by_aim.values())
        if self.for_all:
            return max(found, key=np.count_nonzero)
        return np.asarray(np.logical_or.reduce(found))


def exactly(y: NDArray[np.int64], classes: int) -> Mask:
    """``[n, classes]``: the true class alone is right."""
    return np.asarray(np.arange(classes) == y[:, np.newaxis])


def outcome(device: Edge, variants: Iterable[Attacked]) -> Outcome:
    """Judge an attack's variants at one severity, of which there is one, on the exact path."""
    wrong: dict[str, Mask] = {}
    passed: dict[str, Mask] = {}
    for one in variants:
        said = device.judge(one.raw)
        wrong[one.aim] = ~one.allowed[np.arange(len(said.label)), said.label]
        passed[one.aim] = wrong[one.aim] & said.accepted
    return Outcome(
        one.attack,
        one.severity,
        one.reference,
        wrong,
        passed,
        one.for_all,
        one.strength,
        one.control,
        one.among,
    )


def carried(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Outcomes in their order, each with what the milder severities of its attack do as well."""
    found = list(outcomes)
    ordered = [place for place, one in enumerate(found) if one.strength is not None]
    ordered.sort(key=lambda place: found[place].strength or 0.0)
    milder: dict[str, Outcome] = {}
    for place in ordered:
        one = found[place]
        if before := milder.get(one.attack):
            one = replace(
                one,
                wrong=_with(before.wrong, one.wrong, one.for_all),
                passed=_with(before.passed, one.passed, one.for_all),
            )
        found[place] = milder[one.attack] = one
    return found


def _with(milder: Mapping[str, Mask], mine: Mapping[str, Mask], for_all: bool) -> dict[str, Mask]:
    """By aim, what either does; of what is one for all, the one that does more."""
    if for_all:
        pairs = {aim: [mask, milder[aim]] for aim, mask in mine.items()}
        return {aim: max(pair, key=np.count_nonzero) for aim, pair in pairs.items()}
    return {aim: mask | milder[aim] for aim, mask in mine.items()}


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
