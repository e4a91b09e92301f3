"""Sensors that fail: what they deliver, and whether the decision notices.

What a fault of a sensor looks like, its task knows (``palisade/tasks/<task>/samples/faults.py``).
A fault may take all channels of a sensor, or one of several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from palisade.fusion.plausible import Raw

# (windows of one event, lowest and highest samples of a window) -> faulty windows by fault
Faults = Callable[[Raw, Raw, Raw], Mapping[str, Raw]]


@dataclass(frozen=True)
class Failed:
    """What a task makes of one fault, in several events and channels.

    Attributes:
        scores: ``[variants]`` int64.
        plausible: ``[variants]``.
    """

    scores: NDArray[np.int64]
    plausible: NDArray[np.bool_]

    def agrees(self, threshold_lsb: int) -> bool:
        """Whether the faulty sensor agrees to the action in any of the variants."""
        return bool(np.any(self.plausible & (self.scores >= threshold_lsb)))

    def fools_model(self, threshold_lsb: int) -> bool:
        """Whether the model alone would agree in any of them."""
        return bool(np.any(self.scores >= threshold_lsb))


def rails(realise: Callable[[NDArray[np.float64]], Raw], shape: tuple[int, ...]) -> tuple[Raw, Raw]:
    """The lowest and the highest samples that a converter delivers, each of a window's shape.

    Args:
        realise: the task's rounding to what the sensor can deliver (see ``threat``).
        shape: of one window.
    """
    low, high = (np.asarray(realise(np.full((1, *shape), end)))[0] for end in (-1e9, 1e9))
    return low, high


def spoil(
    faults: Faults, windows: Sequence[Raw], low: Raw, high: Raw
) -> dict[str, tuple[Raw, NDArray[np.intp]]]:
    """Windows of failed sensors, by fault: in all channels at once, and in one after the other.

    Args:
        faults: the task's.
        windows: of several events, ``[n, ...]`` each.
        low, high: ``[...]`` the converter's rails.

    Returns:
        For each fault ``[n, ...]`` windows, and ``[n]`` the variant that each is part of.
    """
    found: dict[str, list[Raw]] = {}
    for like in windows:
        for name, faulty in faults(like, low, high).items():
            found.setdefault(name, []).extend(_variants(like, faulty))
    return {
        name: (np.concatenate(some), np.repeat(np.arange(len(some)), [len(one) for one in some]))
        for name, some in found.items()
    }


def _variants(like: Raw, faulty: Raw) -> Iterator[Raw]:
    yield faulty
    several = like.shape[-1] if like.ndim > 2 else 1
    for channel in range(several) if several > 1 else ():
        partly = like.copy()
        partly[..., channel] = faulty[..., channel]
        yield partly
