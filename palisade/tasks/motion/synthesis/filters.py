"""Filters of first and second order, designed once a process."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Literal

import numpy as np
import scipy.signal
from numpy.typing import NDArray

Kind = Literal["low", "high", "band"]
Coefficients = tuple[NDArray[np.float64], NDArray[np.float64]]


def passed(
    x: NDArray[np.float64],
    order: int,
    corner_hz: float | Sequence[float],
    kind: Kind,
    rate_hz: float,
) -> NDArray[np.float64]:
    """``[time, ...]`` after a Butterworth filter, at rest before it begins."""
    corners = (corner_hz,) if isinstance(corner_hz, int | float) else tuple(corner_hz)
    b, a = _butterworth(order, corners, kind, rate_hz)
    return np.asarray(scipy.signal.lfilter(b, a, x, axis=0), np.float64)


def resonance(
    x: NDArray[np.float64], *, hz: float, damping: float, rate_hz: float
) -> NDArray[np.float64]:
    """``[time]`` after ``s^2 / (s^2 + 2 d w s + w^2)``, by the bilinear transform."""
    double = 2 * rate_hz
    w = double * np.tan(np.pi * hz / rate_hz)  # bent, so that the resonance keeps its place
    b = double**2 * np.array([1.0, -2.0, 1.0])
    a = b + 2 * damping * w * double * np.array([1.0, 0.0, -1.0]) + w**2 * np.array([1.0, 2.0, 1.0])
    return np.asarray(scipy.signal.lfilter(b, a, x), np.float64)


@cache
def _butterworth(
    order: int, corners_hz: tuple[float, ...], kind: Kind, rate_hz: float
) -> Coefficients:
    corners = corners_hz[0] if len(corners_hz) == 1 else corners_hz
    b, a = scipy.signal.butter(order, corners, kind, fs=rate_hz)
    return b, a
