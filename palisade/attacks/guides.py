"""Whose embedding a feature-matching attack steers for: the nearest accepted one of another class.

References:
    Sabour et al., Adversarial Manipulation of Deep Representations, arXiv:1511.05122.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.queries import Ask
from palisade.splits import Split

Floats = NDArray[np.float32]


class Guides:
    """Clean examples that the device answers rightly and accepts, by their embeddings.

    Args:
        device: what is asked.
        split: the examples.
    """

    def __init__(self, device: Ask, split: Split) -> None:
        outputs, judgement = device(split.x)
        self._embedding, self._y = outputs.embedding.astype(np.float32), split.y
        self._good = judgement.accepted & (judgement.label == split.y)

    @property
    def width(self) -> int:
        """Of an embedding."""
        return int(self._embedding.shape[1])

    def of(self, places: NDArray[np.intp], rank: int) -> Floats:
        """``[n, width]`` embeddings of the nearest guides but ``rank`` of examples, from 0.

        In int8 steps. Where there is no guide of another class, the example's own.
        """
        found = self._embedding[places].copy()
        for row, place in enumerate(places):
            others = np.flatnonzero(self._good & (self._y != self._y[place]))
            if len(others):
                apart = np.square(self._embedding[others] - self._embedding[place]).sum(axis=1)
                nearest = np.argsort(apart, kind="stable")
                found[row] = self._embedding[others[nearest[min(rank, len(others) - 1)]]]
        return found
