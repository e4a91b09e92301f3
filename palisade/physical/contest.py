"""What a task's attacks are given: the model, the examples, and their params."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from palisade import splits
from palisade.physical import target
from palisade.physical.scoring import Attacked, Outcome, outcome
from palisade.physical.target import Target
from palisade.splits import Split
from palisade.stage import Stage
from palisade.stratified import stratified

P = TypeVar("P")

BATCH = 50  # examples that one compiled attack moves at a time


@dataclass(frozen=True)
class Contest(Generic[P]):
    """One model under attack.

    Attributes:
        target: the model.
        scored: clean examples whose attacked forms are judged.
        known: examples that what serves for all is crafted on; none of them is scored.
        params: the task's section ``physical``.
        seed: root seed.
    """

    target: Target
    scored: Split
    known: Split
    params: P
    seed: int

    @property
    def classes(self) -> int:
        """How many answers there are."""
        return len(self.scored.labels)


def prepared(this: Stage, params: Any, name: str) -> Contest[Any]:
    """A model of the stage ``physical``, and the examples that it is attacked on.

    Args:
        this: the stage.
        params: the task's params model.
        name: ``int8`` or ``undefended``.
    """
    read = this.params("physical", params)
    test = splits.load(this.dep("data/prepared/{key}/test.npz"))
    return Contest(
        target=target.load(this, name, len(test.labels)),
        scored=test.take(stratified(test, read.examples, seed=this.seed)),
        known=splits.load(this.dep("data/prepared/{key}/calibration.npz")),
        params=read,
        seed=this.seed,
    )


def judged(contest: Contest[Any], attacks: Iterator[Attacked]) -> list[Outcome]:
    """What the contest's device makes of each attack at each severity, variants side by side."""
    return [
        outcome(contest.target.device, variants)
        for _, variants in groupby(attacks, key=lambda one: (one.attack, one.severity))
    ]


def batches(count: int) -> Iterator[slice]:
    """Slices that cover ``count`` examples in order."""
    return (slice(start, min(start + BATCH, count)) for start in range(0, count, BATCH))


def joined(parts: Sequence[Any]) -> NDArray[np.float32]:
    """Batches' results in order."""
    return np.concatenate([np.asarray(part, np.float32) for part in parts])
