"""A run of one of the library's functions, and the work that it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from palisade.device.trial import Trial
from palisade.device.work import Units

Rng = np.random.Generator


@dataclass(frozen=True)
class Case:
    """One run.

    Attributes:
        function: whose instructions are counted.
        units: the work that it does.
        run: counts them.
    """

    function: str
    units: Units
    run: Callable[[Trial], int]


def whole(rng: Rng, low: int, high: int) -> int:
    """A whole number from low to high."""
    return int(rng.integers(low, high + 1))


def int8s(rng: Rng, count: int) -> NDArray[np.int8]:
    """So many values of a tensor."""
    return rng.integers(-128, 128, count).astype(np.int8)
