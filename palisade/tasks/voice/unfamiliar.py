"""Sounds of no kind that training or calibration draws: what a guard should find strange.

Each is ``[samples]`` int16, at a level as of speech; rates are as at 16 kHz.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from palisade.tasks.voice.samples import pcm

_RATE_HZ = 16000
_RMS = (0.02, 0.12)  # full scale 1
Time = NDArray[np.float64]


def _music(time_s: Time, dice: Generator) -> Time:
    """Plucked chords: decaying tones of an equal-tempered scale, each with its overtones."""
    total = np.zeros_like(time_s)
    for _ in range(dice.integers(4, 12)):
        at_s, base_hz = dice.uniform(-0.3, 0.9), 110 * 2 ** (dice.integers(0, 37) / 12)
        since = np.maximum(time_s - at_s, 0)
        for overtone in range(1, 9):
            decay = np.exp(-since * dice.uniform(1, 5) * overtone**0.5)
            tone = np.sin(2 * np.pi * base_hz * overtone * since) / overtone
            total += (time_s > at_s) * decay * tone
    return total


def _birdsong(time_s: Time, dice: Generator) -> Time:
    """Chirps of 20 to 100 ms whose pitch glides, between 1 and 7 kHz."""
    total = np.zeros_like(time_s)
    for _ in range(dice.integers(4, 14)):
        middle_s, width_s = dice.uniform(0, 1), dice.uniform(0.01, 0.05)
        since = time_s - middle_s
        base_hz, glide_hz_s = dice.uniform(2000, 6000), dice.uniform(-25000, 25000)
        glide = np.clip(glide_hz_s * since, -1000, 1000)
        phase = 2 * np.pi * np.cumsum(base_hz + glide) / _RATE_HZ
        total += np.exp(-0.5 * (since / width_s) ** 2) * np.sin(phase)
    return total


def _siren(time_s: Time, dice: Generator) -> Time:
    """A harmonic-rich tone that sweeps up and down between 400 and 1,800 Hz."""
    turn = np.sin(2 * np.pi * dice.uniform(0.5, 5) * time_s + dice.uniform(0, 2 * np.pi))
    base_hz = dice.uniform(600, 1200) * 2 ** (turn * dice.uniform(0.3, 0.6))
    phase = 2 * np.pi * np.cumsum(base_hz) / _RATE_HZ
    return np.asarray(np.tanh(dice.uniform(1, 5) * np.sin(phase)))


def _hammering(time_s: Time, dice: Generator) -> Time:
    """Blows on something that rings: sudden starts, a few modes each, 3 to 12 a second."""
    modes_hz, total = dice.uniform(300, 5000, 5), np.zeros_like(time_s)
    at_s, gap_s = dice.uniform(0, 0.1), 1 / dice.uniform(3, 12)
    while at_s < time_s[-1]:
        since = np.maximum(time_s - at_s, 0)
        for hz in modes_hz:
            ring = np.exp(-since * hz / dice.uniform(20, 80)) * np.sin(2 * np.pi * hz * since)
            total += dice.uniform(0.3, 1) * ring
        at_s += gap_s * dice.uniform(0.9, 1.1)
    return total


def _dialling(time_s: Time, dice: Generator) -> Time:
    """Telephone keys: a low and a high tone at once (ITU-T Q.23), 70 to 140 ms each."""
    total, at_s = np.zeros_like(time_s), 0.0
    while at_s < time_s[-1]:
        length_s = dice.uniform(0.07, 0.14)
        on = (time_s >= at_s) & (time_s < at_s + length_s)
        for group in ((697, 770, 852, 941), (1209, 1336, 1477, 1633)):
            total += on * np.sin(2 * np.pi * dice.choice(group) * time_s)
        at_s += length_s + dice.uniform(0.04, 0.12)
    return total


_KINDS: Mapping[str, Callable[[Time, Generator], Time]] = {
    "music": _music,
    "birdsong": _birdsong,
    "siren": _siren,
    "hammering": _hammering,
    "dialling": _dialling,
}
KINDS = tuple(_KINDS)


def draw(kind: str, shape: tuple[int, ...], dice: Generator) -> NDArray[np.int16]:
    """One sample of a kind, ``shape`` is ``(samples,)``."""
    sound = _KINDS[kind](np.arange(shape[0]) / _RATE_HZ, dice)
    rms = float(np.sqrt(np.mean(sound**2)))
    return pcm.to_int16((sound / max(rms, 1e-9) * dice.uniform(*_RMS)).astype(np.float32))
