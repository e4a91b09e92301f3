"""The operators of our models on int8 tensors ``[n, ...]``, equal to TFLM's bit for bit.

Sums of products are matrix products of floating-point numbers that hold every sum exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.integer.fixed_point import Rescale, UnsupportedError, multiplier

FLOAT32_EXACT = 1 << 24  # integers up to here are float32
ADD_LEFT_SHIFT = 20  # bits that both terms gain before they meet

Int8 = NDArray[np.int8]


@dataclass(frozen=True)
class Scale:
    """How an int8 tensor stands for real values: ``scale * (value - zero_point)``."""

    scale: np.float32
    zero_point: int


@dataclass(frozen=True)
class Target:
    """Where an output goes: its zero point, and the values that it is clamped to."""

    zero_point: int
    low: int
    high: int

    def clamp(self, values: NDArray[np.int64]) -> Int8:
        """Values above the zero point as int8."""
        values += self.zero_point
        return np.clip(values, self.low, self.high, out=values).astype(np.int8)


@dataclass(frozen=True)
class Product:
    """Weighted sums over the last axis (FULLY_CONNECTED).

    Attributes:
        weights: ``[inner, outer]``, float32 or float64 as sums need.
        bias: ``[outer]``.
        zero_point: of the input.
        rescale: from sums to steps of the output.
        target: the output.
    """

    weights: NDArray[Any]
    bias: NDArray[np.int64]
    zero_point: int
    rescale: Rescale
    target: Target

    @classmethod
    def of(
        cls,
        weights: NDArray[np.int64],
        bias: NDArray[np.int64],
        zero_point: int,
        rescale: Rescale,
        to: Target,
    ) -> Product:
        """One whose sums are exact, and which TFLM's 32-bit sums hold.

        Raises:
            UnsupportedError: They may not.
        """
        largest = max(zero_point + 128, 127 - zero_point)
        sums = np.abs(weights).sum(axis=0) * largest
        if not rescale.within_int32(sums + np.abs(bias)):
            raise UnsupportedError("sums beyond 32 bits")
        # Sums beyond 2**53 would be beyond 2**31, so float64 holds what float32 does not.
        dtype = np.float32 if sums.max() <= FLOAT32_EXACT else np.float64
        return cls(weights.astype(dtype), bias, zero_point, rescale, to)

    def centred(self, x: Int8) -> NDArray[Any]:
        """Inputs above their zero point, in the type of the weights."""
        above: NDArray[Any] = x.astype(self.weights.dtype)
        above -= self.zero_point
        return above

    def __call__(self, x: Int8) -> Int8:
        """``[n, outer]`` of ``[n, inner]``."""
        return self.finished(self.centred(x.reshape(len(x), -1)))

    def finished(self, above: NDArray[Any]) -> Int8:
        """``[n, outer]`` of centred inputs ``[n, inner]``."""
        sums = (above @ self.weights).astype(np.int64)
        sums += self.bias
        return self.target.clamp(self.rescale(sums))


@dataclass(frozen=True)
class Convolution:
    """CONV_2D without dilation.

    Attributes:
        product: of a window, its rows first, then columns, then channels.
        kernel: rows and columns.
        strides: rows and columns.
        padding: ``((top, bottom), (left, right))``.
    """

    product: Product
    kernel: tuple[int, int]
    strides: tuple[int, int]
    padding: tuple[tuple[int, int], tuple[int, int]]

    def __call__(self, x: Int8) -> Int8:
        """``[n, rows, columns, filters]`` of ``[n, rows, columns, channels]``."""
        windows = self._windows(self._padded(x))
        count, rows, columns = windows.shape[:3]
        flat = windows.reshape(count * rows * columns, -1)
        return self.product.finished(flat).reshape(count, rows, columns, -1)

    def _padded(self, x: Int8) -> NDArray[Any]:
        """Centred, so that padding with the zero point is padding with zeros."""
        (top, bottom), (left, right) = self.padding
        count, rows, columns, channels = x.shape
        shape = (count, top + rows + bottom, left + columns + right, channels)
        padded = np.zeros(shape, self.product.weights.dtype)
        padded[:, top : top + rows, left : left + columns] = self.product.centred(x)
        return padded

    def _windows(self, padded: NDArray[Any]) -> NDArray[Any]:
        """``[n, rows, columns, kernel rows, kernel columns * channels]``, a view.

        Columns and channels are neighbours in memory, so a row of a window is one run.
        """
        rows, columns = (
            (length - kernel) // stride + 1
            for length, kernel, stride in zip(
                padded.shape[1:3], self.kernel, self.strides, strict=True
            )
        )
        per_example, per_row, per_column, per_value = padded.strides
        return np.lib.stride_tricks.as_strided(
            padded,
            (len(padded), rows, columns, self.kernel[0], self.kernel[1] * padded.shape[3]),
            (
                per_example,
                per_row * self.strides[0],
                per_column * self.strides[1],
                per_row,
                per_value,
            ),
            writeable=False,
        )


@dataclass(frozen=True)
class Mean:
    """MEAN over rows and columns, which falls away as axes."""

    zero_point: int
    rescale: Rescale
    target: Target

    @classmethod
    def of(cls, source: Scale, output: Scale, count: int, to: Target) -> Mean:
        """The mean of ``count`` values; one factor both divides and rescales."""
        mantissa, exponent = multiplier(float(source.scale) / float(output.scale))
        shift = min(count.bit_length() - 1, 32, 31 + exponent)
        rescale = Rescale.by([((mantissa << shift) // count, exponent - shift)])
        if not rescale.within_int32(np.array([255 * count])):
            raise UnsupportedError("a mean of too many values")
        return cls(source.zero_point, rescale, to)

    def __call__(self, x: Int8) -> Int8:
        """``[n, channels]`` of ``[n, rows, columns, channels]``."""
        sums = x.sum(axis=(1, 2), dtype=np.int64)
        sums -= self.zero_point * x.shape[1] * x.shape[2]
        return self.target.clamp(self.rescale(sums))


@dataclass(frozen=True)
class Sum:
    """ADD of two tensors of one shape."""

    zero_points: tuple[int, int]
    terms: tuple[Rescale, Rescale]
    total: Rescale
    target: Target

    @classmethod
    def of(cls, sources: tuple[Scale, Scale], output: Scale, to: Target) -> Sum:
        """Both terms are brought to twice the larger scale, then to the output's."""
        first, second = sources
        twice = 2 * float(max(first.scale, second.scale))
        total = Rescale.by([multiplier(twice / ((1 << ADD_LEFT_SHIFT) * float(output.scale)))])
        if not total.within_int32(np.array([255 << ADD_LEFT_SHIFT])):
            raise UnsupportedError("a sum beyond 32 bits")
        terms = [Rescale.by([multiplier(float(one.scale) / twice)]) for one in sources]
        return cls(
            (first.zero_point, second.zero_point),
            (terms[0], terms[1]),
            total,
            to,
        )

    def __call__(self, first: Int8, second: Int8) -> Int8:
        """The sum, as shaped as the terms."""
        total = self._term(0, first)
        total += self._term(1, second)
        return self.target.clamp(self.total(total))

    def _term(self, place: int, x: Int8) -> NDArray[np.int64]:
        above = x.astype(np.int64)
        above -= self.zero_points[place]
        above <<= ADD_LEFT_SHIFT
        return self.terms[place](above)
