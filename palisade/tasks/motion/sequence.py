"""What of an event the device sees one after the other: its trace, sliding through the window.

An event has one trace, as long as the network's window. On the device that window slides: the
trace comes in late at first, and has partly left at last. What lies outside the trace was never
recorded, so it is mirrored at the edge, as ``threat`` does in training: with the default bounds
it is a tenth of the first and of the last window, and none of the one in the middle.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

WINDOWS = 5  # the trace itself, and two before and after it, evenly over the bounds


def in_time(windows: NDArray[Any], threat: Any) -> NDArray[Any]:
    """``[5 k, samples, channels]`` raw windows in order of time, of traces ``[k, ...]``.

    Args:
        windows: the event's traces.
        threat: whose ``params`` say how far a trace may be shifted, and how fast it is sampled.
    """
    low, high = (ms * threat.params.sample_rate_hz / 1000 for ms in threat.params.shift_ms)
    later = np.rint(np.linspace(high, low, WINDOWS)).astype(np.intp)
    shifted = np.stack([_shifted(windows, int(by)) for by in later], axis=1)
    return shifted.reshape(-1, *windows.shape[1:])


def _shifted(windows: NDArray[Any], later: int) -> NDArray[Any]:
    last = windows.shape[1] - 1
    at = (np.arange(last + 1) - later) % (2 * last)  # a mirrored trace repeats after that
    return np.asarray(windows[:, np.minimum(at, 2 * last - at)])
