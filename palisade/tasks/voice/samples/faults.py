"""What a microphone delivers that has failed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SQUARE_SAMPLES = 8  # half a period: 1 kHz at 16 kHz


def faults(
    like: NDArray[np.int16], low: NDArray[np.int16], high: NDArray[np.int16]
) -> dict[str, NDArray[np.int16]]:
    """Clips ``[n, samples]`` of a failed microphone in place of working ones, by fault.

    Dead gives zeros; stuck, the first sample for ever; saturated, a square wave between both
    rails, as of an amplifier that oscillates.

    Args:
        like: clips of a working one.
        low, high: ``[samples]`` the converter's rails.
    """
    up = np.arange(like.shape[1]) // SQUARE_SAMPLES % 2 == 0
    return {
        "dead": np.zeros_like(like),
        "stuck": np.broadcast_to(like[:1, :1], like.shape).copy(),
        "saturated": np.broadcast_to(np.where(up, high, low), like.shape).copy(),
    }
