"""Multiplication of integers by a real factor, as TFLM's reference kernels do it.

References:
    Jacob et al., Quantization and Training of Neural Networks for Efficient
    Integer-Arithmetic-Only Inference, arXiv:1712.05877, 2.2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FRACTION_BITS = 31
LARGEST_INT32 = (1 << 31) - 1


class UnsupportedError(Exception):
    """What a model asks for is not among what can be executed exactly."""


def multiplier(factor: float) -> tuple[int, int]:
    """A factor > 0 as ``(mantissa, exponent)``: about ``mantissa * 2 ** (exponent - 31)``."""
    fraction, exponent = math.frexp(factor)
    mantissa = math.floor(fraction * (1 << FRACTION_BITS) + 0.5)
    if mantissa == 1 << FRACTION_BITS:
        mantissa, exponent = mantissa // 2, exponent + 1
    return (0, 0) if exponent < -FRACTION_BITS else (mantissa, exponent)


@dataclass(frozen=True)
class Rescale:
    """Multiplies integers by factors, rounding twice: to 31 fraction bits, then to integers.

    Attributes:
        mantissa: int64, one, or one a channel (last axis).
        left: how far values are shifted first.
        right: how far products are shifted at the end.
    """

    mantissa: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]

    @classmethod
    def by(cls, pairs: Sequence[tuple[int, int]]) -> Rescale:
        """One for pairs ``(mantissa, exponent)``, see ``multiplier``."""
        mantissa, exponent = np.array(pairs, np.int64).T
        return cls(mantissa, np.maximum(exponent, 0), np.maximum(-exponent, 0))

    def within_int32(self, bound: NDArray[Any]) -> bool:
        """Whether values up to ``bound`` either way stay below 2**31 on the way."""
        return all(
            int(largest) << int(left) <= LARGEST_INT32
            for largest, left in np.broadcast(bound, self.left)
        )

    def __call__(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rescale ``[..., channels]``, in place.

        The first rounding takes halves up, the second away from zero.
        """
        if self.left.any():
            values <<= self.left
        values *= self.mantissa
        values += 1 << (FRACTION_BITS - 1)
        values >>= FRACTION_BITS
        half = np.asarray((1 << self.right) >> 1)
        values -= (values < 0) & (half > 0)
        values += half
        values >>= self.right
        return values
