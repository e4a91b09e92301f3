"""Conformal p-values, one after the other, each within its label.

An answer's p-value is its place among calibration's answers and the log's earlier ones with the
same label; ties are broken at random. While answers of a label stay exchangeable with those of
calibration, the p-values are independent and uniform on [0, 1], whatever the scores' distribution,
however few calibration examples there are, and whatever the mix of labels: a home hears more
silence than the calibration split, and this is no drift. P-values against calibration alone would
share its sampling error, and a test of them would in the end raise an alarm on any log.

References:
    Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005: on-line p-values
    are independent, ch. 8; label-conditional (Mondrian) ones, ch. 4.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import numpy as np
from numpy.typing import NDArray


def p_values(
    known: tuple[NDArray[np.int64], NDArray[np.int64]],
    seen: tuple[NDArray[np.int64], NDArray[np.int64]],
    ties: NDArray[np.float64],
) -> NDArray[np.float64]:
    """``[n]`` p-values, small for strange answers.

    Args:
        known: labels ``[m]`` and strangeness ``[m]`` of calibration.
        seen: labels ``[n]`` and strangeness ``[n]`` of the log, in its order.
        ties: ``[n]`` uniform on [0, 1], drawn apart from the answers.
    """
    history = {
        label: sorted(known[1][known[0] == label].tolist()) for label in np.unique(seen[0]).tolist()
    }
    found = np.empty(len(ties))
    for at, (label, value) in enumerate(zip(seen[0].tolist(), seen[1].tolist(), strict=True)):
        before = history[label]
        low, high = bisect_left(before, value), bisect_right(before, value)
        found[at] = (len(before) - high + ties[at] * (high - low + 1)) / (len(before) + 1)
        before.insert(high, value)
    return found
