"""Background sounds of a home, each ``[n]`` float32 of any level.

The levels are set by whoever mixes them; see ``scene``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.fft
import scipy.signal
from numpy.random import Generator
from numpy.typing import NDArray

Waveform = NDArray[np.float32]

STATIONARY = ("white", "pink", "brown", "hum", "fan", "rain")
BABBLE = "babble"
QUIET = "quiet"  # next to nothing: the microphone's own noise

_MAINS_HZ = (50.0, 60.0)
_HARMONICS = 12
_EXPONENT = {"white": 0.0, "pink": 1.0, "brown": 2.0, QUIET: 0.0}
_LOWEST_HZ = 20.0  # coloured noise is flat below the range of hearing


def make(kind: str, samples: int, sample_rate_hz: int, draw: Generator) -> Waveform:
    """One of ``STATIONARY``, or ``QUIET``."""
    if kind in _EXPONENT:
        return coloured(samples, sample_rate_hz, _EXPONENT[kind], draw)
    return {"hum": hum, "fan": fan, "rain": rain}[kind](samples, sample_rate_hz, draw)


def coloured(samples: int, sample_rate_hz: int, exponent: float, draw: Generator) -> Waveform:
    """Gaussian noise whose power falls as ``1 / f ** exponent``: 0 white, 1 pink, 2 brown."""
    spectrum, hz = _white(samples, sample_rate_hz, draw)
    shape = np.maximum(hz, _LOWEST_HZ) ** (-exponent / 2)
    return _sound(spectrum * shape, samples)


def hum(samples: int, sample_rate_hz: int, draw: Generator) -> Waveform:
    """Mains hum with its harmonics, the even ones stronger as with transformers, over hiss."""
    base_hz = draw.choice(_MAINS_HZ) * draw.uniform(0.998, 1.002)
    time = np.arange(samples) / sample_rate_hz
    turn = np.exp(2j * np.pi * base_hz * time).astype(np.complex64)
    tones, tone = np.zeros(samples, np.complex64), turn
    for harmonic in range(1, _HARMONICS + 1):
        strength = draw.uniform(0.2, 1.0) * (0.5 if harmonic % 2 else 1.0) / harmonic**0.7
        tones += np.complex64(strength * np.exp(2j * np.pi * draw.random())) * tone
        tone = tone * turn
    return tones.real + np.float32(0.3) * _unit(coloured(samples, sample_rate_hz, 1.0, draw))


def fan(samples: int, sample_rate_hz: int, draw: Generator) -> Waveform:
    """A fan or appliance: noise in one broad band, beating with its blades, and their tone."""
    spectrum, hz = _white(samples, sample_rate_hz, draw)
    centre_hz, width_octaves = draw.uniform(150, 2500), draw.uniform(1.0, 3.0)
    octaves = np.log2(np.maximum(hz, _LOWEST_HZ) / centre_hz)
    air = _unit(_sound(spectrum * np.exp(-0.5 * (octaves / width_octaves) ** 2), samples))
    blade_hz, phase = draw.uniform(40, 400), draw.uniform(0, 2 * np.pi)
    turn = np.sin(2 * np.pi * blade_hz * np.arange(samples) / sample_rate_hz + phase)
    depth, tone = draw.uniform(0, 0.5), draw.uniform(0, 0.5)
    return (air * (1 + depth * turn) + tone * turn).astype(np.float32)


def rain(samples: int, sample_rate_hz: int, draw: Generator) -> Waveform:
    """Drops on something that rings: Poisson arrivals through a resonance, over hiss."""
    drops = np.zeros(samples)
    at = draw.integers(samples, size=max(1, draw.poisson(draw.uniform(30, 600))))
    np.add.at(drops, at, draw.exponential(1.0, len(at)) * draw.choice((-1, 1), len(at)))
    resonance_hz, quality = draw.uniform(800, 5000), draw.uniform(1.0, 6.0)
    b, a = scipy.signal.iirpeak(resonance_hz, quality, fs=sample_rate_hz)
    ringing = _unit(scipy.signal.lfilter(b, a, drops))
    hiss = _unit(coloured(samples, sample_rate_hz, 0.5, draw))
    return (ringing + draw.uniform(0.1, 0.7) * hiss).astype(np.float32)


def babble(voices: Sequence[Waveform]) -> Waveform:
    """Several voices at once, each at the same level."""
    return np.asarray(sum(map(_unit, voices)), dtype=np.float32)


def _white(
    samples: int, sample_rate_hz: int, draw: Generator
) -> tuple[NDArray[np.complex64], NDArray[np.float32]]:
    spectrum = scipy.fft.rfft(draw.standard_normal(samples, dtype=np.float32))
    hz = np.arange(len(spectrum), dtype=np.float32) * (sample_rate_hz / samples)
    return spectrum, hz.astype(np.float32)


def _sound(spectrum: NDArray[np.complex64], samples: int) -> Waveform:
    return np.asarray(scipy.fft.irfft(spectrum, samples), dtype=np.float32)


def _unit(x: NDArray[np.floating]) -> Waveform:
    level = np.sqrt(np.mean(np.square(x, dtype=np.float64)))
    return np.asarray(x / max(float(level), 1e-9), dtype=np.float32)
