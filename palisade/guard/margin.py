"""How far ahead the network's first choice is, in steps of the logits' int8 scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def top(logits: NDArray[np.int8]) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """First choices, the first of equals, and their margins in 0 to 255.

    Args:
        logits: ``[n, classes]``.

    Returns:
        ``[n]`` labels, and ``[n]`` the largest logit less the second largest.
    """
    ordered = np.sort(logits.astype(np.int32), axis=1)
    return np.argmax(logits, axis=1).astype(np.uint8), ordered[:, -1] - ordered[:, -2]
