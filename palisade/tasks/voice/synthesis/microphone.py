"""How a cheap fixed-gain microphone colours and overdrives sound.

Second-order sections: Bristow-Johnson, Audio EQ Cookbook (W3C Working Group Note, 2021).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.signal
from numpy.typing import NDArray

Waveform = NDArray[np.float32]

Section = NDArray[np.float64]  # b0, b1, b2, a0 = 1, a1, a2

_BUTTERWORTH = 1 / np.sqrt(2)  # quality of a second-order Butterworth filter
_PEAK_QUALITY = 1.0  # about an octave and a half wide
_TILT_HZ = 1000.0


def respond(
    x: Waveform,
    *,
    high_pass_hz: float,
    low_pass_hz: float,
    tilt_db: float,
    peak_hz: float,
    peak_db: float,
    sample_rate_hz: int,
) -> Waveform:
    """Filter sounds ``[..., n]``: second-order Butterworth edges, a tilt and a resonance.

    The tilt is a shelf from 1 kHz up that raises or lowers the treble by ``tilt_db``, as a case
    or a cover over the port does; the resonance is that of its cavity.
    """
    sections = [
        _high_pass(high_pass_hz, sample_rate_hz),
        _low_pass(low_pass_hz, sample_rate_hz),
        _high_shelf(_TILT_HZ, tilt_db, sample_rate_hz),
        _peak(peak_hz, peak_db, sample_rate_hz),
    ]
    heard = scipy.signal.sosfilt(np.stack(sections), x, axis=-1)
    return np.asarray(heard, dtype=np.float32)


def overdrive(x: Waveform, knee: float) -> Waveform:
    """Saturate smoothly: ``knee * tanh(x / knee)``, so nothing exceeds the knee."""
    return np.asarray(knee * np.tanh(x / knee), dtype=np.float32)


def _high_pass(edge_hz: float, sample_rate_hz: int) -> Section:
    cosine, alpha = _angle(edge_hz, _BUTTERWORTH, sample_rate_hz)
    b = (1 + cosine) / 2, -(1 + cosine), (1 + cosine) / 2
    return _section(b, (1 + alpha, -2 * cosine, 1 - alpha))


def _low_pass(edge_hz: float, sample_rate_hz: int) -> Section:
    cosine, alpha = _angle(edge_hz, _BUTTERWORTH, sample_rate_hz)
    b = (1 - cosine) / 2, 1 - cosine, (1 - cosine) / 2
    return _section(b, (1 + alpha, -2 * cosine, 1 - alpha))


def _peak(centre_hz: float, gain_db: float, sample_rate_hz: int) -> Section:
    cosine, alpha = _angle(centre_hz, _PEAK_QUALITY, sample_rate_hz)
    root = 10 ** (gain_db / 40)
    b = 1 + alpha * root, -2 * cosine, 1 - alpha * root
    return _section(b, (1 + alpha / root, -2 * cosine, 1 - alpha / root))


def _high_shelf(corner_hz: float, gain_db: float, sample_rate_hz: int) -> Section:
    """A first-order shelf: 0 dB far below the corner, ``gain_db`` far above it.

    The analog ``(w + g s) / (w + s / g)``, with ``g ** 2`` the gain far above the corner
    ``w``, by the bilinear transform.
    """
    root = 10 ** (gain_db / 40)
    warped = np.tan(np.pi * corner_hz / sample_rate_hz)
    return _section((warped + root, warped - root, 0.0), (warped + 1 / root, warped - 1 / root, 0))


def _angle(hz: float, quality: float, sample_rate_hz: int) -> tuple[float, float]:
    angle = 2 * np.pi * hz / sample_rate_hz
    return float(np.cos(angle)), float(np.sin(angle) / (2 * quality))


def _section(b: Sequence[float], a: Sequence[float]) -> Section:
    return np.array([*b, *a]) / a[0]
