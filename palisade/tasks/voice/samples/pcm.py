"""Samples: integers, floats of full scale 1.0, and clips of one length."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FULL_SCALE = 32768.0  # steps of int16 in 1.0


def to_int16(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Round samples of full scale 1.0 to int16, saturating."""
    scaled = np.rint(np.asarray(samples, dtype=np.float32) * np.float32(FULL_SCALE))
    clipped: NDArray[np.int16] = np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
    return clipped


def to_float(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """int16 to float32 in [-1, 1)."""
    return np.asarray(samples, dtype=np.float32) / np.float32(FULL_SCALE)


def fit(samples: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """Make ``[n]`` samples ``[length]``: zeros at the end, or the loudest stretch that long.

    The loudest stretch is the one with the most energy, the earliest of equals: a word is
    louder than the pause around it, wherever it stands in a long recording.
    """
    if len(samples) <= length:
        return np.pad(samples, (0, length - len(samples)))
    energy = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    start = int(np.argmax(energy[length:] - energy[:-length]))
    return samples[start : start + length]
