"""Traces of no kind that training or calibration draws: what a guard should find strange.

Each is ``[samples, 4]`` int32: three axes in mg and the PIR's counts, at 50 samples a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

_FULL_SCALE = 4095
_RATE_HZ = 50
Signal = NDArray[np.float64]


def _machine(time_s: Signal, dice: Generator) -> Signal:
    """A drill or washing machine: steady shaking at one pitch and its double on every axis."""
    hz, size_mg = dice.uniform(4, 20), dice.uniform(100, 900, 3)
    phases = dice.uniform(0, 2 * np.pi, 3)
    shaking = np.sin(2 * np.pi * hz * time_s[:, np.newaxis] + phases)
    shaking += 0.4 * np.sin(4 * np.pi * hz * time_s[:, np.newaxis] + phases)
    return np.column_stack([shaking * size_mg, _rest(len(time_s), dice)])


def _dropped(time_s: Signal, dice: Generator) -> Signal:
    """The device falls off its door: weightless, hits the ground, lies on another side."""
    fall, ground = sorted(dice.uniform(0.2, 2.5, 2))
    side = dice.permutation([0.0, 0.0, 1000.0]) * dice.choice([-1, 1])
    upright = np.array([0.0, 1000.0, 0.0])
    falling = ((time_s > fall) & (time_s < ground))[:, np.newaxis]
    lying = (time_s >= ground)[:, np.newaxis]
    acc = np.where(lying, side - upright, np.where(falling, -upright, 0.0))
    since = np.maximum(time_s - ground, 0)[:, np.newaxis]
    acc = acc + lying * 1800 * np.exp(-since * 8) * dice.normal(size=(len(time_s), 3))
    return np.column_stack([acc, _rest(len(time_s), dice)])


def _strobe(time_s: Signal, dice: Generator) -> Signal:
    """A lamp that blinks into the PIR: a square wave."""
    blink = np.sign(np.sin(2 * np.pi * dice.uniform(1, 8) * time_s + dice.uniform(0, 6)))
    pir = _FULL_SCALE / 2 + blink * dice.uniform(500, 2000)
    return np.column_stack([dice.normal(0, 3, (len(time_s), 3)), pir])


def _wandering(time_s: Signal, dice: Generator) -> Signal:
    """A loose contact: every channel walks at random."""
    steps = dice.normal(size=(len(time_s), 4)) * [60.0, 60.0, 60.0, 150.0]
    return np.asarray(np.cumsum(steps, axis=0) + [0, 0, 0, _FULL_SCALE / 2])


def _rest(samples: int, dice: Generator) -> Signal:
    return np.asarray(_FULL_SCALE / 2 + dice.normal(0, 8, samples))


_KINDS: Mapping[str, Callable[[Signal, Generator], Signal]] = {
    "machine": _machine,
    "dropped": _dropped,
    "strobe": _strobe,
    "wandering": _wandering,
}
KINDS = tuple(_KINDS)


def draw(kind: str, shape: tuple[int, ...], dice: Generator) -> NDArray[np.int32]:
    """One trace of a kind; ``shape`` is ``(samples, channels)``, of which the last is the PIR.

    With other channels than three axes and a PIR, the last ones are kept.
    """
    trace = _KINDS[kind](np.arange(shape[0]) / _RATE_HZ, dice)
    low, high = [-2000, -2000, -2000, 0], [2000, 2000, 2000, _FULL_SCALE]
    return np.clip(np.rint(trace), low, high).astype(np.int32)[:, -shape[1] :]
