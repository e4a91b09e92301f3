"""What an accelerometer and a PIR deliver that have failed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def faults(
    like: NDArray[np.int32], low: NDArray[np.int32], high: NDArray[np.int32]
) -> dict[str, NDArray[np.int32]]:
    """Traces ``[n, samples, channels]`` of failed sensors in place of working ones, by fault.

    Dead gives zeros, without gravity; stuck, each channel's first sample for ever; saturated,
    every channel at its upper rail.

    Args:
        like: traces of working ones.
        low, high: ``[samples, channels]`` the converters' rails.
    """
    return {
        "dead": np.zeros_like(like),
        "stuck": np.broadcast_to(like[:1, :1], like.shape).copy(),
        "saturated": np.broadcast_to(high, like.shape).copy(),
    }
