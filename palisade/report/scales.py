"""From values to places on an axis, and where its ticks are."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

Ticks = tuple[tuple[float, str], ...]
LEAST_RATE = 0.001  # what a probit or logarithmic axis shows a rate of zero at


@dataclass(frozen=True)
class Scale:
    """An axis.

    Attributes:
        low, high: the values at its ends.
        ticks: a value and its label each.
        bend: what makes the axis straight: the logarithm of a logarithmic one.
    """

    low: float
    high: float
    ticks: Ticks
    bend: Callable[[float], float] = float

    def place(self, value: float) -> float:
        """How far along the axis a value is, from 0 to 1; beyond an end counts as at it."""
        inside = min(max(value, self.low), self.high)
        start, end = self.bend(self.low), self.bend(self.high)
        return (self.bend(inside) - start) / (end - start)


def shares(step: float = 0.25) -> Scale:
    """From 0 to 1."""
    count = round(1 / step)
    return Scale(0.0, 1.0, tuple((n * step, f"{n * step:g}") for n in range(count + 1)))


def ordinal(labels: Sequence[str]) -> Scale:
    """Places 0, 1, 2 and so on, evenly, with half a step before and after."""
    return Scale(-0.5, len(labels) - 0.5, tuple((float(n), one) for n, one in enumerate(labels)))


def steps(first: int, last: int) -> Scale:
    """Whole numbers, of which at most about seven carry a label."""
    stride = max(1, math.ceil((last - first + 1) / 7))
    ticks = tuple((float(n), str(n)) for n in range(first, last + 1, stride))
    return Scale(first - 0.4, last + 0.4, ticks)


def linear(low: float, high: float, wanted: int = 4) -> Scale:
    """Evenly from about ``low`` to about ``high``, ticks at round values."""
    reach = high - low or abs(high) or 1.0
    raw = reach / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * n for n in (1, 2, 2.5, 5, 10) if power * n >= raw * 0.999)
    start, end = math.floor(low / step + 1e-9), math.ceil((low + reach) / step - 1e-9)
    return Scale(
        start * step, end * step, tuple((n * step, f"{n * step:g}") for n in range(start, end + 1))
    )


def logarithmic(low: float, high: float) -> Scale:
    """From the power of ten at or below ``low`` to the one at or above ``high``."""
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    last = max(last, first + 1)
    ticks = tuple((10.0**n, f"{10.0**n:g}") for n in range(first, last + 1))
    return Scale(10.0**first, 10.0**last, ticks, math.log10)


def deviates() -> Scale:
    """Normal deviates of a rate, as DET curves are drawn (Martin et al., Eurospeech 1997)."""
    ticks = (0.001, 0.01, 0.05, 0.2, 0.5, 0.8)
    labelled = tuple((one, f"{100 * one:g} %") for one in ticks)
    return Scale(LEAST_RATE, 0.9, labelled, NormalDist().inv_cdf)
