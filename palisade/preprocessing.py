"""The device's preprocessing in TensorFlow: what C does to raw samples, with gradients.

Forward it gives, for any signal, exactly what the device gives for that signal rounded to the
sensor's units. Backward, rounding to levels or integers counts as the identity (A. Athalye,
N. Carlini, D. Wagner, "Obfuscated Gradients Give a False Sense of Security", ICML 2018,
arXiv:1802.00420: backward pass differentiable approximation), and medians, means and low-passes
have their own gradient, so that an attack sees through all of it.

Everything is computed in float64, which holds the integers of the C code and their products
exactly. In a graph TensorFlow makes a division by a constant a product with its inverse, which
may round otherwise; so where rounding counts, divisions are of the kinds that it leaves alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from palisade.backend import tf
from palisade.device.preprocess import UNITY, Filter, Kind, Plan

BLOCK = 128  # results of a low-pass that are computed together


class Units(Protocol):
    """How signals, in which a threat has its budgets, relate to a sensor's counts."""

    def counts(self, x: Any) -> Any:
        """float32 signals as float64 counts, not yet whole."""

    def signal(self, counts: Any) -> Any:
        """Whole counts as float32 signals, as the task's ``Threat.signal`` gives them."""


class FullScale:
    """Signals as a share of full scale: sound (32768) and pixels (255)."""

    def __init__(self, full_scale: float) -> None:
        self._full_scale = full_scale

    def counts(self, x: Any) -> Any:
        """``x`` times full scale, in float32 as ``Threat.realise`` has it."""
        return tf.cast(x * self._full_scale, tf.float64)

    def signal(self, counts: Any) -> Any:
        """Counts as a share of full scale."""
        return tf.math.divide_no_nan(tf.cast(counts, tf.float32), self._full_scale)


class PerCount:
    """Signals in a unit of which a count of each channel (the last axis) is so many: motion."""

    def __init__(self, units_per_count: Sequence[float]) -> None:
        self._units = np.array(units_per_count, np.float64)

    def counts(self, x: Any) -> Any:
        """``x`` over the units of a count, in float64 as ``Threat.realise`` has it."""
        return tf.math.divide_no_nan(tf.cast(x, tf.float64), tf.constant(self._units))

    def signal(self, counts: Any) -> Any:
        """Counts in the unit."""
        return tf.cast(counts, tf.float32) * tf.constant(self._units, tf.float32)


class Twin:
    """A plan as a differentiable function of signals."""

    def __init__(self, plan: Plan, units: Units) -> None:
        self.plan = plan
        self._units = units
        self._low = np.array(plan.low, np.float64)
        self._high = np.array(plan.high, np.float64)
        self._bounds = np.iinfo(plan.dtype)

    def __call__(self, x: Any) -> Any:
        """Signals ``[n, *plan.shape]`` as preprocessing leaves them; as they are without filters.

        Signals are first rounded to what the sensor can deliver, within its range.
        """
        if not self.plan.filters:
            return x
        counts = self._units.counts(x)
        counts = self._bounded(_straight_through(counts, tf.round(counts)))
        apply = {
            Kind.SQUEEZE: self._squeeze,
            Kind.DOWNSAMPLE: _downsample,
            Kind.MEDIAN: _median_3x3 if len(self.plan.shape) == 3 else _median_3,
            Kind.MU_LAW: _mu_law,
            Kind.LOW_PASS: self._low_pass,
        }
        for one in self.plan.filters:
            counts = apply[one.kind](one, counts)
        return self._units.signal(counts)

    def _bounded(self, counts: Any) -> Any:
        return tf.clip_by_value(counts, self._low, self._high)

    def _squeeze(self, one: Filter, counts: Any) -> Any:
        """The nearest of ``2 ** bits`` levels, themselves rounded (see squeeze.h)."""
        within = self._bounded(counts)
        steps, span = 2.0**one.strength - 1, self._high - self._low
        level = tf.math.floordiv(2 * (within - self._low) * steps + span, 2 * span)
        exact = self._low + tf.math.floordiv(2 * level * span + steps, 2 * steps)
        return _straight_through(within, exact)

    def _low_pass(self, one: Filter, counts: Any) -> Any:
        """Weighted sums in Q15 along time, the edges repeated (see smooth.h)."""
        traces = len(self.plan.shape) == 2
        series = tf.transpose(counts, [0, 2, 1]) if traces else counts
        total = _weighted(series, one.taps)
        total = tf.transpose(total, [0, 2, 1]) if traces else total
        exact = tf.math.floordiv(total + UNITY / 2, UNITY)
        whole = _straight_through(total / UNITY, exact)
        return tf.clip_by_value(whole, float(self._bounds.min), float(self._bounds.max))


@tf.custom_gradient
def _straight_through(smooth: Any, exact: Any) -> Any:
    """``exact`` forwards, and the gradient of ``smooth`` backwards."""
    return tf.identity(exact), lambda upstream: (upstream, None)


def _weighted(series: Any, taps: Sequence[int]) -> Any:
    """Weighted sums of neighbours along the last axis, the edges repeated.

    Each block of results is a matrix product of the values that it stands on, much faster than
    a convolution of one channel. All sums are whole numbers, so their order does not count.
    """
    length, half = series.shape[-1], len(taps) // 2
    block = max(BLOCK, 2 * half)
    count = -(-length // block)
    first = tf.repeat(series[..., :1], half, axis=-1)
    last = tf.repeat(series[..., -1:], half + (count + 1) * block - length, axis=-1)
    padded = tf.concat([first, series, last], axis=-1)
    shape = [-1, *series.shape[1:-1], count, block]
    head = tf.reshape(padded[..., : count * block], shape)
    tail = tf.reshape(padded[..., block : (count + 1) * block], shape)[..., : 2 * half]
    banded = np.zeros((block + 2 * half, block))
    for place, tap in enumerate(taps):
        banded[np.arange(block) + place, np.arange(block)] = tap
    total = tf.matmul(tf.concat([head, tail], axis=-1), tf.constant(banded))
    return tf.reshape(total, [-1, *series.shape[1:-1], count * block])[..., :length]


def _downsample(one: Filter, counts: Any) -> Any:
    """Block means of ``[n, height, width, channels]``, repeated to the same size (smooth.h)."""
    side = one.strength
    height, width, channels = counts.shape[1:]
    down, across = -(-height // side), -(-width // side)
    padding = [[0, 0], [0, down * side - height], [0, across * side - width], [0, 0]]
    blocks = tf.reshape(tf.pad(counts, padding), [-1, down, side, across, side, channels])
    total = tf.reduce_sum(blocks, axis=[2, 4])
    area = _lengths(height, side)[:, None, None] * _lengths(width, side)[None, :, None]
    exact = tf.math.floordiv(2 * total + area, 2 * area)
    means = _straight_through(total / area, exact)
    whole = tf.repeat(tf.repeat(means, side, axis=1), side, axis=2)
    return whole[:, :height, :width]


def _lengths(whole: int, side: int) -> Any:
    """How many of ``whole`` are in each part of ``side``; the last may hold fewer."""
    return np.diff(np.append(np.arange(0, whole, side), whole)).astype(np.float64)


def _median_of_3(a: Any, b: Any, c: Any) -> Any:
    return tf.maximum(tf.minimum(a, b), tf.minimum(tf.maximum(a, b), c))


def _median_3(_: Filter, counts: Any) -> Any:
    """Of three values in time, ``[n, samples, channels]``, the edges repeated (median.h)."""
    before = tf.concat([counts[:, :1], counts[:, :-1]], axis=1)
    after = tf.concat([counts[:, 1:], counts[:, -1:]], axis=1)
    return _median_of_3(before, counts, after)


def _median_3x3(_: Filter, counts: Any) -> Any:
    """Of each pixel and its neighbours, the edges repeated (median.h): columns, then rows."""
    height, width = counts.shape[1:3]
    padded = tf.pad(counts, [[0, 0], [1, 1], [1, 1], [0, 0]], "SYMMETRIC")
    above, here, below = (padded[:, start : start + height] for start in range(3))
    least = tf.minimum(tf.minimum(above, here), below)
    largest = tf.maximum(tf.maximum(above, here), below)
    middle = _median_of_3(above, here, below)

    def columns(of: Any) -> list[Any]:
        return [of[:, :, start : start + width] for start in range(3)]

    left, centre, right = columns(least)
    highest_least = tf.maximum(tf.maximum(left, centre), right)
    left, centre, right = columns(largest)
    lowest_largest = tf.minimum(tf.minimum(left, centre), right)
    return _median_of_3(highest_least, _median_of_3(*columns(middle)), lowest_largest)


def _mu_law(one: Filter, counts: Any) -> Any:
    """Companding in eight linear segments, after ITU-T G.711 (squeeze.h)."""
    bias = 128.0 + 2.0 ** (10 - one.strength)
    biased = tf.minimum(tf.abs(counts), 32767.0 - bias) + bias
    segment = tf.add_n([tf.cast(biased >= 128.0 * 2**place, tf.float64) for place in range(1, 8)])
    step = 2.0 ** (11 - one.strength) * 2.0**segment
    size = tf.math.floordiv(biased, step) * step + step / 2 - bias
    return _straight_through(counts, tf.where(counts < 0, -size, size))
