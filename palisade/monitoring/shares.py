"""Shares of answers with exact intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Share:
    """A share of ``n`` with its 95 % interval (Clopper and Pearson, Biometrika 26, 1934)."""

    value: float
    low: float
    high: float
    n: int


def share(hits: NDArray[np.bool_]) -> Share:
    """The share of true values among at least one."""
    count = int(np.count_nonzero(hits))
    interval = binomtest(count, len(hits)).proportion_ci(CONFIDENCE, method="exact")
    return Share(count / len(hits), float(interval.low), float(interval.high), len(hits))
