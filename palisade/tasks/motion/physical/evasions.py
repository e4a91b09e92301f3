"""Ways past a sensor that need no gradient: slowness, a cover, a value that stays.

Signals are ``[samples, channels]`` float64 in mg and counts, as in ``distortion/signals.py``.

References:
    Kruse, Uncooled Thermal Imaging, SPIE, chapter 5, doi:10.1117/3.415351.ch5 (a pyroelectric
    element has no DC signal: it answers to change alone); EN 50131-2-2 (the standard that alarm
    systems' passive infrared detectors are tested by; how slow and how well covered is severe is
    an estimate of this project's, and no figure of the standard's).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from palisade.tasks.motion.distortion import signals
from palisade.tasks.motion.samples.sensor import Signal


def slow_approach(
    x: Signal,
    *,
    pir: Sequence[int],
    acc: Sequence[int],
    rate: float,
    low_cut_hz: float,
    sample_rate_hz: float,
) -> Signal:
    """The same walk at ``rate`` of its pace: what the PIR saw, later, slower and fainter.

    A walk slowed down meets the same zones at frequencies that are ``rate`` times as high, where
    the detector's two high-passes of first order, at ``low_cut_hz``, take more away: each
    component is scaled by what they let through now over what they let through then. Footsteps
    give the door an impulse in proportion to the speed at which a foot comes down.
    """
    slowed = signals.stretch(x, rate, fixed=(len(x) - 1) / 2)
    changed = x.copy()
    rest = np.median(x[:, pir], axis=0)
    hz = np.fft.rfftfreq(2 * len(x), 1 / sample_rate_hz)
    passed = _passed(hz, low_cut_hz) / np.maximum(_passed(hz / rate, low_cut_hz), 1e-12)
    moving = slowed[:, pir] - rest
    mirrored = np.concatenate([moving, moving[::-1]])  # so that its ends meet
    fainter = np.fft.irfft(np.fft.rfft(mirrored, axis=0) * passed[:, np.newaxis], axis=0)
    changed[:, pir] = rest + fainter[: len(x)]
    return signals.gain(changed, acc, rate)


def masked(x: Signal, pir: Sequence[int], share: float) -> Signal:
    """The PIR behind a cover that lets a share of the radiation through."""
    return signals.gain(x, pir, share)


def stuck(x: Signal, places: Sequence[int]) -> Signal:
    """Channels that keep the value of their first sample."""
    changed = x.copy()
    changed[:, places] = x[0, places]
    return changed


def _passed(hz: np.ndarray, corner_hz: float) -> np.ndarray:
    """Amplitude that two high-passes of first order let through."""
    ratio = (hz / corner_hz) ** 2
    return np.asarray(ratio / (1 + ratio))
