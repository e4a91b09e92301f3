"""Short sounds of a home, each ``[n]`` float32 of any level; nobody speaks.

What is struck rings in decaying modes; how many, how high and how long is what tells wood from
china and metal (Fletcher and Rossing, The Physics of Musical Instruments, 2nd ed. 1998, ch. 2-3).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.signal
from numpy.random import Generator
from numpy.typing import NDArray

Waveform = NDArray[np.float32]
Kind = Callable[[int, Generator], Waveform]  # by sampling rate and dice

_LONGEST_S = 1.5


def knock(rate_hz: int, dice: Generator) -> Waveform:
    """Two to four knuckles on wood."""
    one = _struck(rate_hz, dice, modes=3, hz=(70, 700), decay_s=(0.008, 0.03))
    return _repeated(one, rate_hz, dice, count=(2, 4), gap_s=(0.12, 0.3))


def slam(rate_hz: int, dice: Generator) -> Waveform:
    """A door that falls shut: a thud, and what rattles after it."""
    thud = _struck(rate_hz, dice, modes=4, hz=(35, 200), decay_s=(0.03, 0.12))
    return thud + np.float32(0.5) * _burst(rate_hz, dice, hz=(100, 3000), decay_s=(0.03, 0.12))


def click(rate_hz: int, dice: Generator) -> Waveform:
    """A switch or a latch."""
    one = _struck(rate_hz, dice, modes=3, hz=(1200, 6500), decay_s=(0.001, 0.006))
    return _repeated(one, rate_hz, dice, count=(1, 2), gap_s=(0.03, 0.15))


def clatter(rate_hz: int, dice: Generator) -> Waveform:
    """Dishes or cutlery."""
    one = _struck(rate_hz, dice, modes=6, hz=(900, 7000), decay_s=(0.02, 0.2))
    return _repeated(one, rate_hz, dice, count=(2, 9), gap_s=(0.03, 0.25))


def keys(rate_hz: int, dice: Generator) -> Waveform:
    """A bunch of keys."""
    one = _struck(rate_hz, dice, modes=5, hz=(3000, 7500), decay_s=(0.01, 0.05))
    return _repeated(one, rate_hz, dice, count=(6, 20), gap_s=(0.01, 0.09))


def steps(rate_hz: int, dice: Generator) -> Waveform:
    """Feet on a floor."""
    one = _struck(rate_hz, dice, modes=3, hz=(40, 400), decay_s=(0.01, 0.05))
    return _repeated(one, rate_hz, dice, count=(2, 3), gap_s=(0.4, 0.6))


def clap(rate_hz: int, dice: Generator) -> Waveform:
    """Hands, or a book on a table."""
    one = _burst(rate_hz, dice, hz=(500, 5000), decay_s=(0.004, 0.02))
    return _repeated(one, rate_hz, dice, count=(1, 3), gap_s=(0.15, 0.5))


def beep(rate_hz: int, dice: Generator) -> Waveform:
    """An appliance that is done."""
    hz, length_s = dice.uniform(800, 4000), dice.uniform(0.06, 0.4)
    time_s = np.arange(round(length_s * rate_hz)) / rate_hz
    edge = np.minimum(1.0, np.minimum(time_s, time_s[::-1]) / 0.005)
    one = edge * (np.sin(2 * np.pi * hz * time_s) + 0.3 * np.sin(6 * np.pi * hz * time_s))
    return _repeated(
        one.astype(np.float32), rate_hz, dice, count=(1, 3), gap_s=(length_s + 0.05, 0.8)
    )


def chime(rate_hz: int, dice: Generator) -> Waveform:
    """A doorbell of two tones, the second a third below."""
    high = dice.uniform(500, 900)
    time_s = np.arange(round(_LONGEST_S * rate_hz)) / rate_hz
    sound = np.zeros(len(time_s))
    for hz, at_s in ((high, 0.0), (high * 0.8, 0.6)):
        since_s = np.maximum(time_s - at_s, 0.0)
        tone = sum(np.sin(2 * np.pi * hz * n * since_s) / n**2 for n in (1, 2, 3))
        sound += (time_s >= at_s) * np.exp(-since_s / 0.35) * tone
    return sound.astype(np.float32)


KINDS: tuple[Kind, ...] = (
    knock, slam, click, clatter, keys, steps, clap, beep, chime,
)  # fmt: skip


def _struck(
    rate_hz: int,
    dice: Generator,
    *,
    modes: int,
    hz: tuple[float, float],
    decay_s: tuple[float, float],
) -> Waveform:
    """Decaying modes, their frequencies log-uniform."""
    sound = np.zeros(round(rate_hz * 6 * decay_s[1]))
    time_s = np.arange(len(sound)) / rate_hz
    for _ in range(modes):
        frequency_hz = np.exp(dice.uniform(*np.log(hz)))
        ringing = np.exp(-time_s / dice.uniform(*decay_s))
        sound += dice.uniform(0.2, 1.0) * ringing * np.sin(2 * np.pi * frequency_hz * time_s)
    return sound.astype(np.float32)


def _burst(
    rate_hz: int, dice: Generator, *, hz: tuple[float, float], decay_s: tuple[float, float]
) -> Waveform:
    """Decaying noise between two frequencies."""
    sections = scipy.signal.butter(2, hz, "bandpass", fs=rate_hz, output="sos")
    decay = dice.uniform(*decay_s)
    time_s = np.arange(round(rate_hz * 6 * decay_s[1])) / rate_hz
    noise = scipy.signal.sosfilt(sections, dice.standard_normal(len(time_s)))
    return np.asarray(noise * np.exp(-time_s / decay), np.float32)


def _repeated(
    one: Waveform,
    rate_hz: int,
    dice: Generator,
    *,
    count: tuple[int, int],
    gap_s: tuple[float, float],
) -> Waveform:
    """The same again a few times, none as hard as another."""
    times = int(dice.integers(*count, endpoint=True))
    gaps = dice.uniform(min(gap_s), max(gap_s), times - 1) * rate_hz
    starts = np.concatenate([[0], np.cumsum(gaps.astype(int))])
    sound = np.zeros(starts[-1] + len(one), np.float32)
    for start in starts:
        sound[start : start + len(one)] += np.float32(dice.uniform(0.4, 1.0)) * one
    return sound
