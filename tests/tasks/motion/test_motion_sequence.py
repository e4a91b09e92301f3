"""A trace that slides through the network's window."""

from __future__ import annotations

import numpy as np

from palisade.backend import tf
from palisade.tasks.motion.sequence import WINDOWS, in_time
from palisade.tasks.motion.threat import Params, Threat

RATE_HZ, LARGEST_MS = 50.0, 300.0
LARGEST = 15  # samples


def threat(low_ms: float, high_ms: float) -> Threat:
    return Threat(
        Params(
            units=["mg", "pir"],
            acc_range_mg=2000.0,
            pir_full_scale_counts=4095.0,
            pir_share_per_mg=0.001,
            sample_rate_hz=RATE_HZ,
            shift_ms=[low_ms, high_ms],
        )
    )


def traces(count: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 2000, (count, 60, 2)).astype(np.int32)


def test_the_trace_comes_in_late_and_leaves_early() -> None:
    [trace] = traces(1)
    windows = in_time(trace[np.newaxis], threat(-LARGEST_MS, LARGEST_MS))
    assert windows.shape == (WINDOWS, 60, 2) and windows.dtype == np.int32
    assert np.array_equal(windows[2], trace)
    assert np.array_equal(windows[0][LARGEST:], trace[:-LARGEST])
    assert np.array_equal(windows[-1][:-LARGEST], trace[LARGEST:])


def test_what_was_not_recorded_is_mirrored_as_in_training() -> None:
    trace = traces(1)
    windows = in_time(trace, threat(-LARGEST_MS, LARGEST_MS))
    for place, ms in {0: LARGEST_MS, -1: -LARGEST_MS}.items():
        fixed = threat(ms, ms)
        twin = fixed.realise(fixed.place(fixed.signal(trace), tf.constant([1, 2])))
        assert np.array_equal(windows[place], twin[0])


def test_traces_of_one_event_follow_each_other() -> None:
    two = traces(2)
    windows = in_time(two, threat(-LARGEST_MS, LARGEST_MS))
    assert np.array_equal(windows[2], two[0]) and np.array_equal(windows[WINDOWS + 2], two[1])
