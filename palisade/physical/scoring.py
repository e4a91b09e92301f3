"""What the device makes of attacked samples, as rows of a table and as headline figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.edge import Edge
from palisade.evaluation.rates import rate

Allowed = NDArray[np.bool_]


@dataclass(frozen=True)
class Attacked:
    """What the sensor delivers under one attack.

    Attributes:
        attack: its name, which params and figures share.
        severity: in words with a unit: ``15 dB``.
        raw: ``[n, ...]`` as the sensor delivers it.
        allowed: ``[n, classes]`` which answers are right.
        reference: whether this severity gives the headline figure.
    """

    attack: str
    severity: str
    raw: NDArray[Any]
    allowed: Allowed
    reference: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a device made of it.

    Attributes:
        attack, severity, reference: as in ``Attacked``.
        right: ``[n]`` whether the answer is right, whatever the guard makes of it.
        accepted: ``[n]`` whether the guard believes the answer.
    """

    attack: str
    severity: str
    reference: bool
    right: NDArray[np.bool_]
    accepted: NDArray[np.bool_]


def exactly(y: NDArray[np.int64], classes: int) -> Allowed:
    """``[n, classes]``: the true class alone is right."""
    return np.asarray(np.arange(classes) == y[:, np.newaxis])


def outcome(device: Edge, attacked: Attacked) -> Outcome:
    """Judge attacked samples on the exact path."""
    said = device.judge(attacked.raw)
    right = attacked.allowed[np.arange(len(said.label)), said.label]
    return Outcome(attacked.attack, attacked.severity, attacked.reference, right, said.accepted)


def rows(defended: Sequence[Outcome], undefended: Sequence[Outcome]) -> list[dict[str, Any]]:
    """One row an attack and severity; both models in the same order, each under its own attack."""
    return [_row(mine, other) for mine, other in zip(defended, undefended, strict=True)]


def figures(defended: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Accuracy, and the share accepted and wrong, of each attack at its reference severity."""
    chosen = [one for one in defended if one.reference]
    return {
        "physical": {one.attack: float(np.mean(one.right)) for one in chosen},
        "accepted_and_wrong": {
            one.attack: float(np.mean(one.accepted & ~one.right)) for one in chosen
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
        "accepted_and_wrong": float(np.mean(mine.accepted & ~mine.right)),
        "undefended_accuracy": float(np.mean(other.right)),
    }
