"""Pictures as integers, as floats and as light.

A picture is ``[h, w, channels]``: uint8 at rest, float32 of full scale 1.0 at work. Its values
are encoded for the eye; light adds up, so whatever adds or takes light away acts on the
linear values of ``light``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]

FULL_SCALE = 255.0

# sRGB, IEC 61966-2-1: a power law that is straight near black.
_SLOPE, _STRAIGHT_BELOW, _OFFSET, _EXPONENT = 12.92, 0.0031308, 0.055, 2.4


def to_float(pixels: NDArray[np.uint8]) -> Picture:
    """uint8 to float32 in [0, 1]."""
    return np.asarray(pixels, dtype=np.float32) / np.float32(FULL_SCALE)


def to_uint8(x: Picture) -> NDArray[np.uint8]:
    """Round to uint8, saturating."""
    scaled = np.rint(x * np.float32(FULL_SCALE))
    return np.asarray(np.clip(scaled, 0, FULL_SCALE), dtype=np.uint8)


def light(x: Picture) -> Picture:
    """Linear values of encoded ones; what is beyond full scale is cut off first."""
    x = np.clip(x, 0, 1)
    curved = ((x + _OFFSET) / (1 + _OFFSET)) ** _EXPONENT
    return np.asarray(np.where(x <= _SLOPE * _STRAIGHT_BELOW, x / _SLOPE, curved), dtype=np.float32)


def encoded(linear: Picture) -> Picture:
    """Encoded values of linear ones; more light than full scale saturates."""
    linear = np.clip(linear, 0, 1)
    curved = (1 + _OFFSET) * linear ** (1 / _EXPONENT) - _OFFSET
    return np.asarray(
        np.where(linear <= _STRAIGHT_BELOW, linear * _SLOPE, curved), dtype=np.float32
    )
