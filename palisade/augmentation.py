"""What augmenting a training set is in every task: operations drawn by name, and copies."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from pydantic import Field

from palisade import parallel, seeds, stage
from palisade.splits import Split

Kind = TypeVar("Kind", bound="Operation")


class Operation(stage.Params):
    """One operation of augmentation; a task's own kind adds ``apply``."""

    probability: float = Field(ge=0, le=1, description="share of the copies it acts on")


class Distort(Protocol):
    """Distorted copies ``[n, ...]`` of a batch, drawn by each example's id and the suffix."""

    def __call__(self, batch: Split, *, suffix: str) -> NDArray[Any]: ...


def enlarge(train: Split, distort: Distort, *, copies: int, batch: int) -> Split:
    """The training set, then its distorted copies, whose ids end in ``+1``, ``+2``, ...

    A copy keeps its example's label and group.

    Args:
        train: the examples.
        distort: makes one copy of each example of a batch.
        copies: of each example.
        batch: examples that a worker takes at a time.
    """
    batches = [train.take(slice(at, at + batch)) for at in range(0, len(train), batch)]
    x, ids = [train.x], [train.ids]
    for copy in range(1, copies + 1):
        work = partial(distort, suffix=f"+{copy}")
        x += parallel.each(work, batches, f"augment, copy {copy}")
        ids.append(np.array([f"{name}+{copy}" for name in train.ids], dtype=np.str_))
    times = copies + 1
    return Split(
        x=np.concatenate(x),
        y=np.tile(train.y, times),
        ids=np.concatenate(ids),
        groups=np.tile(train.groups, times),
        labels=train.labels,
    )


def acting(
    params: stage.Params, kind: type[Kind], *, seed: int, name: str
) -> Iterator[tuple[Kind, Generator]]:
    """The operations among the params that act on one copy, in their order, each with its dice.

    An operation draws by the copy's ``name`` and its own, so neither other examples nor the
    settings of other operations change what it draws.
    """
    for title, operation in params:
        if isinstance(operation, kind):
            dice = seeds.generator(seed, "augment", title, name)
            if dice.random() < operation.probability:
                yield operation, dice
