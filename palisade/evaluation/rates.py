"""Rates and their intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Rate:
    """A share of ``n`` with its 95 % Wilson interval (Wilson, JASA 22(158), 1927)."""

    value: float
    low: float
    high: float
    n: int


def rate(hits: NDArray[np.bool_]) -> Rate:
    """The share of true values; of none at all, 0 with the interval [0, 1]."""
    n = len(hits)
    if n == 0:
        return Rate(0.0, 0.0, 1.0, 0)
    count = int(np.count_nonzero(hits))
    interval = binomtest(count, n).proportion_ci(CONFIDENCE, method="wilson")
    return Rate(count / n, float(interval.low), float(interval.high), n)


def false_accepts(
    labels: NDArray[np.int64], y: NDArray[np.int64], negative: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """For each example of a negative class, whether it was taken for an action.

    Args:
        labels: ``[n]`` classes as decided.
        y: ``[n]`` true classes.
        negative: ``[classes]`` which classes ask for no action.
    """
    return ~negative[labels][negative[y]]


def false_rejects(
    labels: NDArray[np.int64], y: NDArray[np.int64], negative: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """For each example that asks for an action, whether that very action was missed."""
    wanted = ~negative[y]
    return np.asarray(labels[wanted] != y[wanted])
