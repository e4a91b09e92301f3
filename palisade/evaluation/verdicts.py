"""Per-example verdicts of a battery, as text that git can hold and a test can pair up."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from palisade.splits import Split
from palisade.tables import read_csv, write_csv

RIGHT, WRONG, NOT_RUN = 1, 0, -1
_SUBSET = ("", "subset", "")
_SIGNS = {RIGHT: "1", WRONG: "0", NOT_RUN: "-"}
_VALUES = {sign: value for value, sign in _SIGNS.items()}


@dataclass(frozen=True)
class Verdict:
    """What one attack at one budget made of each example.

    Attributes:
        model: whose verdict: ``int8`` or ``undefended``; with ``_fake_quant``, its white box's;
            with ``_guarded``, right also where the guard accepts no answer.
        attack: the attack's name.
        budget: the budget's name in metrics.
        values: ``[n]`` RIGHT, WRONG or NOT_RUN.
    """

    model: str
    attack: str
    budget: str
    values: NDArray[np.int8]


def digest(split: Split) -> str:
    """What identifies a set of examples: two runs compare pairwise only where it is equal."""
    content = hashlib.sha256(np.ascontiguousarray(split.x).tobytes())
    content.update(split.y.tobytes())
    return content.hexdigest()[:16]


def write(path: Path, verdicts: Iterable[Verdict], *, examples: str) -> None:
    """One row an attack and budget; ``right`` holds a sign an example, in the split's order."""
    write_csv(
        path,
        [
            {
                "model": verdict.model,
                "attack": verdict.attack,
                "budget": verdict.budget,
                "examples": examples,
                "right": "".join(_SIGNS[int(value)] for value in verdict.values),
            }
            for verdict in verdicts
        ],
    )


def read(path: Path) -> list[Verdict]:
    """What ``write`` wrote."""
    return [
        Verdict(
            row["model"],
            row["attack"],
            row["budget"],
            np.array([_VALUES[sign] for sign in row["right"]], np.int8),
        )
        for row in read_csv(path)
    ]


def examples_of(path: Path) -> str:
    """Which examples the verdicts in a file are of (see ``digest``)."""
    return read_csv(path)[0]["examples"]


def subset_row(subset: NDArray[np.bool_]) -> Verdict:
    """The examples that every attack ran on, as a row among the verdicts."""
    return Verdict(*_SUBSET, subset.astype(np.int8))


class Table:
    """Verdicts looked up by model, attack and budget.

    Attributes:
        budgets: their names, weakest first, in the order they were attacked in.
        alone: ``[n]`` the fixed subset that every attack ran on, to compare attacks alone.
    """

    def __init__(self, verdicts: Iterable[Verdict]) -> None:
        self._values = {(v.model, v.attack, v.budget): v.values for v in verdicts}
        self.alone = self._values.pop(_SUBSET) == RIGHT
        self.budgets = list(dict.fromkeys(budget for _, _, budget in self._values))

    def attacks(self, model: str, budget: str) -> list[str]:
        """The attacks that were run, in their order."""
        return [a for m, a, b in self._values if (m, b) == (model, budget)]

    def values(self, model: str, attack: str, budget: str) -> NDArray[np.int8]:
        """``[n]`` one attack's verdicts."""
        return self._values[model, attack, budget]

    def worst_case(self, model: str, budget: str) -> NDArray[np.bool_]:
        """``[n]`` whether an example is right under every attack that was run on it."""
        rows = [self.values(model, attack, budget) for attack in self.attacks(model, budget)]
        return np.asarray(np.all(np.stack(rows) != WRONG, axis=0))

    def subset(self, model: str, attacks: Iterable[str], budget: str) -> float:
        """Share of the fixed subset that is right under all of some attacks."""
        rows = np.stack([self.values(model, attack, budget)[self.alone] for attack in attacks])
        return float(np.mean(np.all(rows == RIGHT, axis=0)))

    def attacked(self, model: str) -> dict[str, dict[str, int]]:
        """On how many examples each attack ran, by budget and attack."""
        return {
            budget: {
                attack: int(np.count_nonzero(self.values(model, attack, budget) != NOT_RUN))
                for attack in self.attacks(model, budget)
            }
            for budget in self.budgets
        }

    def only_by(self, model: str, attack: str, budget: str) -> NDArray[np.bool_]:
        """``[n]`` whether an attack, and no other at its budget, breaks an example."""
        others = [one for one in self.attacks(model, budget) if one != attack]
        broken = self.values(model, attack, budget) == WRONG
        for one in others:
            broken &= self.values(model, one, budget) != WRONG
        return np.asarray(broken)
