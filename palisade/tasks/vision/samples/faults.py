"""What a camera delivers that has failed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def faults(
    like: NDArray[np.uint8], low: NDArray[np.uint8], high: NDArray[np.uint8]
) -> dict[str, NDArray[np.uint8]]:
    """Pictures ``[n, px, px, channels]`` of a failed camera in place of working ones, by fault.

    Dead gives zeros, which is black; stuck, the first picture's mean all over; saturated, white.
    Frozen gives the first picture again and again, where there are several to tell by.

    Args:
        like: pictures of a working one.
        low, high: ``[px, px, channels]`` black and white.
    """
    found = {
        "dead": np.zeros_like(like),
        "stuck": np.full_like(like, round(float(like[0].mean()))),
        "saturated": np.broadcast_to(high, like.shape).copy(),
    }
    if len(like) > 1:
        found["frozen"] = np.broadcast_to(like[:1], like.shape).copy()
    return found
