"""Impulse responses of rooms that do not exist.

The direct sound, a few early reflections, then late reverberation as exponentially decaying
Gaussian noise (Polack, La transmission de l'énergie sonore dans les salles, 1988), which
decays faster at high frequencies, where air and furniture absorb more (Kuttruff, Room
Acoustics, 6th ed. 2016, ch. 5). RT60 is the time in which it falls by 60 dB (ISO 3382-2).
"""

from __future__ import annotations

import math

import numpy as np
import scipy.fft
from numpy.random import Generator
from numpy.typing import NDArray

Waveform = NDArray[np.float32]

_DECAY_60_DB = 3 * math.log(10)  # amplitude falls by 60 dB, a factor of 10^3, in one RT60
_TREBLE_RT60 = 0.6  # of the RT60 below; furnished rooms decay about so much faster at 4 kHz
_CROSSOVER_HZ = 2000.0
_EARLY_MS = (2.0, 30.0)
_EARLY_REFLECTIONS = 6  # the first order of a shoebox: four walls, floor, ceiling


def impulse_response(
    *, rt60_ms: float, direct_to_reverberant_db: float, sample_rate_hz: int, draw: Generator
) -> Waveform:
    """``[n]`` float32, the direct sound 1.0 at its first sample, of length RT60.

    All that comes later has an energy ``direct_to_reverberant_db`` below the direct sound's.
    """
    length = max(2, round(rt60_ms * sample_rate_hz / 1000))
    time = np.arange(length, dtype=np.float32) / length
    bass, treble = _bands(draw.standard_normal(length, dtype=np.float32), sample_rate_hz)
    tail = bass * np.exp(-_DECAY_60_DB * time)
    tail += treble * np.exp(-_DECAY_60_DB / _TREBLE_RT60 * time)
    at = (draw.uniform(*_EARLY_MS, _EARLY_REFLECTIONS) * sample_rate_hz / 1000).astype(int)
    early = draw.uniform(1.0, 3.0, _EARLY_REFLECTIONS) * draw.choice((-1, 1), _EARLY_REFLECTIONS)
    np.add.at(tail, np.minimum(at, length - 1), early)
    tail[0] = 0.0
    tail *= 10 ** (-direct_to_reverberant_db / 20) / np.sqrt(np.sum(tail**2, dtype=np.float64))
    tail[0] = 1.0
    return np.asarray(tail, dtype=np.float32)


def reverberate(x: Waveform, response: Waveform) -> Waveform:
    """The sound in the room, cut to its own length."""
    length = scipy.fft.next_fast_len(len(x) + len(response), real=True)
    spectrum = scipy.fft.rfft(x, length) * scipy.fft.rfft(response, length)
    wet = scipy.fft.irfft(spectrum, length)[: len(x)]
    return np.asarray(wet, dtype=np.float32)


def _bands(noise: Waveform, sample_rate_hz: int) -> tuple[Waveform, Waveform]:
    length = scipy.fft.next_fast_len(len(noise), real=True)
    spectrum = scipy.fft.rfft(noise, length)
    hz = np.arange(len(spectrum), dtype=np.float32) * sample_rate_hz / length
    bass = scipy.fft.irfft(spectrum / (1 + (hz / _CROSSOVER_HZ) ** 2), length)[: len(noise)]
    return bass, noise - bass
