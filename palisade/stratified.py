"""A part of a split that holds each class in proportion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from palisade import seeds
from palisade.splits import Split


def stratified(split: Split, count: int, *, seed: int) -> NDArray[np.intp]:
    """Indices, ascending, of so many examples (all, if there are fewer), each class in proportion.

    An example's name decides whether it is chosen. Shares are rounded by largest remainder.
    """
    count = min(count, len(split))
    share = np.bincount(split.y, minlength=len(split.labels)) * (count / len(split))
    quota = np.floor(share + 1e-9).astype(np.int64)
    quota[np.argsort(quota - share, kind="stable")[: count - quota.sum()]] += 1
    order = np.argsort([seeds.derive(seed, "field", "choice", name) for name in split.ids])
    chosen = [order[split.y[order] == label][:most] for label, most in enumerate(quota)]
    return np.sort(np.concatenate(chosen))
