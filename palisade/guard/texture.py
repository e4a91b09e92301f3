"""How a network's input changes from element to element: what is unlike training is strange.

The input's differences to the element one, two, four ... before, along the height and along the
width, are counted by their number of bits. The score is the squared Mahalanobis distance of these
counts from those of training, in the form ``|W (counts - mean)|^2`` with a lower triangle ``W``:
each count is foretold from the counts before it, and what it is off by is held against what it
usually is off by. It owes nothing to the network, whose embedding may throw away just what is
strange in an input. How many octaves and how much shrinkage was decided on distorted validation
inputs, not on the kinds of ``palisade/tasks/*/unfamiliar.py`` (docs/log.md has the figures).

References:
    Mahalanobis, On the Generalised Distance in Statistics, 1936;
    Lee et al., A Simple Unified Framework for Detecting Out-of-Distribution Samples and
    Adversarial Attacks, arXiv:1807.03888 (the distance as a measure of the unfamiliar);
    Huang and Mumford, Statistics of Natural Images and Models, CVPR 1999 (differences of
    neighbouring pixels have a law of their own).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from palisade.guard.engineered import Engineered
from palisade.guard.table import Int16s, Int32s, Table, UInt8s

BINS = 8  # differences of 0, 1, 2 to 3, ... 64 to 127; larger ones are what is left
MOST_COUNTS = 128
MOST_OCTAVES = 4
LARGEST_MEAN_Q8 = 1 << 24
LARGEST_SHIFT = 62
STEPS_PER_DEVIATION = 16  # of a residual, in units of what it usually is off by
LARGEST_RESIDUAL = 32767
# Shrinks correlations (Ledoit and Wolf, 2004), just enough that a triangle of int16 can hold their
# inverse, and counts that hardly ever change still have a deviation.
SHRINKAGE = 1e-3
LEAST_DEVIATION = 0.5  # of a count
Floats = NDArray[np.float64]


class Texture(Table):
    """What the counts of training examples are like."""

    octaves: int = Field(ge=1, le=MOST_OCTAVES, description="differences over 1, 2, 4 ... elements")
    stride: int = Field(ge=1, le=255, description="every so-manieth row and column is looked at")
    means_q8: Int32s = Field(description="of each count, in 1/256")
    weights: Int16s = Field(description="a lower triangle, row after row")
    shifts: UInt8s = Field(description="of each row, from products to 1/16 of a deviation")

    @model_validator(mode="after")
    def _fits(self) -> Texture:
        count = len(self.means_q8)
        if not 1 <= count <= MOST_COUNTS:
            raise ValueError(f"means_q8 must hold 1 to {MOST_COUNTS} numbers")
        if len(self.weights) != count * (count + 1) // 2 or len(self.shifts) != count:
            raise ValueError("weights must be a triangle of as many rows as means_q8, and shifts")
        if self.means_q8.min() < 0 or self.means_q8.max() > LARGEST_MEAN_Q8:
            raise ValueError(f"means_q8 must hold numbers from 0 to {LARGEST_MEAN_Q8}")
        if self.shifts.min() < 1 or self.shifts.max() > LARGEST_SHIFT:
            raise ValueError(f"shifts must hold numbers from 1 to {LARGEST_SHIFT}")
        return self


def size(form: Engineered, octaves: int) -> int:
    """How many counts there are: ``BINS`` of each axis longer than 1, octave and channel."""
    return ((form.height > 1) + (form.width > 1)) * octaves * form.channels * BINS


def counts(
    form: Engineered, x: NDArray[np.int8], *, octaves: int, stride: int
) -> NDArray[np.int32]:
    """Differences to elements before, by how many bits they have.

    Args:
        form: the input's height, width and channels.
        x: ``[n, height, width, channels]``, or anything that can be reshaped to it.
        octaves: differences over 1, 2, ... ``2^(octaves - 1)`` elements.
        stride: only elements in rows and columns that are multiples of it are compared with
            those before them.

    Returns:
        ``[n, size]``: for the height, then the width, for each octave and channel, ``BINS``.
    """
    wide = x.reshape(-1, form.height, form.width, form.channels)
    found = [
        _by_bits(_steps(wide, axis, 1 << octave, stride))
        for axis in (1, 2)
        if wide.shape[axis] > 1
        for octave in range(octaves)
    ]
    return np.stack(found, axis=1).reshape(len(wide), size(form, octaves))


def _steps(x: NDArray[np.int8], axis: int, lag: int, stride: int) -> NDArray[np.int16]:
    """``[n, rows, columns, channels]`` absolute differences to what lies ``lag`` before."""
    places = [np.arange(0, length, stride) for length in x.shape[1:3]]
    places[axis - 1] = places[axis - 1][places[axis - 1] >= lag]
    before = places.copy()
    before[axis - 1] = before[axis - 1] - lag
    here, there = (x[:, rows][:, :, columns] for rows, columns in (places, before))
    return np.asarray(np.abs(here.astype(np.int16) - there), np.int16)


def _by_bits(steps: NDArray[np.int16]) -> NDArray[np.int32]:
    """``[n, channels, BINS]``."""
    upto = [(steps < 1 << bits).sum(axis=(1, 2)) for bits in range(BINS)]
    return np.diff(np.stack(upto, axis=-1), axis=-1, prepend=0).astype(np.int32)


def fit(seen: NDArray[np.int32], *, octaves: int, stride: int) -> Texture:
    """The table of training examples' counts ``[n, size]``."""
    mean = np.clip(np.rint(seen.mean(axis=0) * 256), 0, LARGEST_MEAN_Q8)
    # In units of the integers' result: 1/16 of a deviation, of counts in 1/256.
    rows = _triangle(seen.astype(np.float64)) * (STEPS_PER_DEVIATION / 256)
    largest = np.abs(rows).max(axis=1)
    shifts = np.floor(np.log2(LARGEST_RESIDUAL / largest)).clip(1, LARGEST_SHIFT)
    weights = np.rint(rows * 2.0 ** shifts[:, np.newaxis]).astype(np.int64)
    return Texture(
        octaves=octaves,
        stride=stride,
        means_q8=mean.astype(np.int64),
        weights=weights[np.tril_indices(len(rows))],
        shifts=shifts.astype(np.int64),
    )


def _triangle(seen: Floats) -> Floats:
    """A lower triangle that makes counts uncorrelated, each with a variance of 1."""
    deviation = np.maximum(seen.std(axis=0), LEAST_DEVIATION)
    even = (seen - seen.mean(axis=0)) / deviation
    spread = (1 - SHRINKAGE) * (even.T @ even) / len(seen) + SHRINKAGE * np.eye(seen.shape[1])
    return np.asarray(np.linalg.inv(np.linalg.cholesky(spread)) / deviation)


def score(table: Texture, form: Engineered, x: NDArray[np.int8]) -> NDArray[np.int32]:
    """``[n]`` squared distances of inputs ``[n, ...]``, in 1/256 of a variance; more is stranger.

    A residual is kept within ``LARGEST_RESIDUAL`` either way, and a score within int32.
    """
    seen = counts(form, x, octaves=table.octaves, stride=table.stride).astype(np.int64)
    size = len(table.means_q8)
    triangle = np.zeros((size, size), np.int64)
    triangle[np.tril_indices(size)] = table.weights
    shifts = table.shifts.astype(np.int64)
    total = ((seen << 8) - table.means_q8) @ triangle.T + (np.int64(1) << (shifts - 1))
    residual = np.clip(total >> shifts, -LARGEST_RESIDUAL, LARGEST_RESIDUAL)
    return np.asarray(np.minimum((residual**2).sum(axis=1), 2**31 - 1), np.int32)
