"""An int8 model as a list of exact operators, run a few examples at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# As many as stay in a core's cache between operators.
BATCH = 8


@dataclass(frozen=True)
class Step:
    """An operator, the tensors that it reads and the one that it makes."""

    operator: Callable[..., NDArray[np.int8]]
    sources: tuple[int, ...]
    target: int


@dataclass(frozen=True)
class Graph:
    """A model with one input.

    Attributes:
        steps: in order.
        input: tensor that is given.
        outputs: tensors that are asked for, in the model's order.
    """

    steps: tuple[Step, ...]
    input: int
    outputs: tuple[int, ...]

    def __call__(self, inputs: NDArray[np.int8]) -> list[NDArray[np.int8]]:
        """Every output ``[n, ...]`` of inputs ``[n, ...]``."""
        starts = range(0, max(1, len(inputs)), BATCH)
        found = [self._batch(inputs[start : start + BATCH]) for start in starts]
        return [np.concatenate(parts) for parts in zip(*found, strict=True)]

    def _batch(self, inputs: NDArray[np.int8]) -> list[NDArray[np.int8]]:
        values = {self.input: inputs}
        for step in self.steps:
            values[step.target] = step.operator(*(values[source] for source in step.sources))
        return [values[output] for output in self.outputs]
