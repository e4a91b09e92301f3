"""What a room does to sound."""

from __future__ import annotations

import numpy as np
import scipy.signal
from numpy.random import Generator

from palisade.tasks.voice.distortion.signals import Waveform, rms

DECAY_60_DB = 3 * np.log(10)  # amplitude falls by 60 dB, a factor of 10^3, in one RT60


def room_response(
    rt60_ms: float, direct_to_reverberant_db: float, sample_rate_hz: int, draw: Generator
) -> Waveform:
    """A room's impulse response: the direct sound, then noise that decays exponentially.

    Polack's model of late reverberation (La transmission de l'énergie sonore dans les salles,
    1988): Gaussian noise whose level falls by 60 dB in ``rt60_ms``, of an energy
    ``direct_to_reverberant_db`` below the direct sound's.
    """
    length = max(2, round(rt60_ms * sample_rate_hz / 1000))
    tail = draw.standard_normal(length) * np.exp(-DECAY_60_DB * np.arange(length) / length)
    tail[0] = 0.0
    # Not np.linalg.norm: its BLAS may add in another order with another number of threads.
    tail *= 10 ** (-direct_to_reverberant_db / 20) / np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    return np.asarray(tail, dtype=np.float32)


def reverberate(x: Waveform, response: Waveform) -> Waveform:
    """In the room of an impulse response, at the same RMS."""
    wet = np.asarray(scipy.signal.fftconvolve(x, response)[: len(x)], dtype=np.float32)
    level = rms(wet)
    return wet * np.float32(rms(x) / level) if level > 0 else wet
