"""From int8 logits to one integer score an event, the same to the bit on a microcontroller.

The margin of a window is the largest accepted logit less the largest other one, in steps of
the logits' int8 scale: it needs no scale, no zero point and no exponential.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from palisade.fusion.policy import Pooling

LOWEST_LSB = -255  # int8's least less its most
SILENT_LSB = LOWEST_LSB - 1  # no window gives evidence; below any threshold
Scores = NDArray[np.int64]


def margins(logits: NDArray[np.int8], accepted: NDArray[np.bool_]) -> Scores:
    """``[n]`` margins in -255 to 255, of logits ``[n, classes]`` and classes ``[classes]``."""
    wide = logits.astype(np.int64)
    return np.asarray(wide[:, accepted].max(axis=1) - wide[:, ~accepted].max(axis=1), np.int64)


def pool(
    margin: Scores,
    owner: NDArray[np.intp],
    pooling: Pooling,
    counts: NDArray[np.bool_] | None = None,
) -> Scores:
    """One score an event.

    ``max`` asks for one window that is sure, ``mean`` and ``median`` for most of them to be so
    over time. The mean is rounded down, and the median of an even number is the lower one.
    Windows that give no evidence are left out, as firmware does not tell ``pal_agree`` of them.

    Args:
        margin: ``[n]`` of windows.
        owner: ``[n]`` the event of each window: 0, 1, ..., none left out.
        pooling: how.
        counts: ``[n]`` which windows give evidence; None: all do.

    Returns:
        ``[events]`` scores; ``SILENT_LSB`` where no window gives evidence.
    """
    order = np.argsort(owner, kind="stable")
    ends = np.cumsum(np.bincount(owner))[:-1]
    known = np.ones(len(margin), np.bool_) if counts is None else counts
    parts = zip(np.split(margin[order], ends), np.split(known[order], ends), strict=True)
    heard = [one[which] for one, which in parts]
    return np.array([_POOL[pooling](one) if len(one) else SILENT_LSB for one in heard], np.int64)


def _max(margin: Scores) -> int:
    return int(margin.max())


def _mean(margin: Scores) -> int:
    return int(margin.sum()) // len(margin)


def _median(margin: Scores) -> int:
    return int(np.sort(margin)[(len(margin) - 1) // 2])


_POOL: dict[Pooling, Callable[[Scores], int]] = {"max": _max, "mean": _mean, "median": _median}
