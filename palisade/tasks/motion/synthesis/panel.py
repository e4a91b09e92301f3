"""How a door answers to forces, and what an accelerometer on it measures.

The door is a sum of damped modes: it rocks on latch, seal and hinges, and its panel bends. What
a force gives at the sensor is each mode's accelerance, ``s^2 / (m (s^2 + 2 d w s + w^2))``,
weighted by the mode's shape at both places. The accelerometer filters at half of its output
rate and then drops samples, so that modes above are attenuated and folded, as on the device.

References:
    Ewins, Modal Testing, 2nd edition, chapter 2 (accelerance of a sum of modes).
    Blevins, Formulas for Natural Frequency and Mode Shape (a simply supported plate: a mode's
    mass is a quarter of the plate's; a door that turns on its hinges: a third).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from palisade.tasks.motion.synthesis.filters import passed, resonance

Force = NDArray[np.float64]  # [time] N, at RATE_HZ
Axes = NDArray[np.float64]  # [time, 3] mg

RATE_HZ = 1000
MG_PER_M_S2 = 1000 / 9.80665
_ROCKING_MASS, _BENDING_MASS = 1 / 3, 1 / 4
# Bending modes above the lowest, as shares of its frequency: (1, 2), (1, 3), (2, 1), (1, 4) of a
# simply supported plate twice as high as wide.
_OVERTONES = (1.0, 1.6, 2.6, 3.4, 4.0)
_HIGHEST_HZ = 200.0


@dataclass(frozen=True)
class Mode:
    """One mode of the door, in its plane (axis 0 or 1) or out of it (2).

    Attributes:
        axis: along which it moves: 0 across the door, 1 up, 2 out of it.
        hz, damping: its frequency, and its damping as a share of the critical.
        kg: its mass.
        at_sensor, at_force: its shape, at the sensor and where forces act.
    """

    axis: int
    hz: float
    damping: float
    kg: float
    at_sensor: float
    at_force: float


def draw(
    dice: Generator,
    *,
    door_kg: float,
    rocking_hz: float,
    bending_hz: float,
    rocking_damping: Sequence[float],
    bending_damping: Sequence[float],
) -> tuple[Mode, ...]:
    """The modes of a door, up to 200 Hz."""

    def mode(
        axis: int, hz: float, kg: float, damping: Sequence[float], shape: tuple[float, float]
    ) -> Mode:
        at_sensor, at_force = dice.uniform(shape[0], shape[1], size=2).tolist()
        sign = 1.0 if hz <= bending_hz else float(dice.choice((-1.0, 1.0)))
        return Mode(
            axis, hz, float(dice.uniform(damping[0], damping[1])), kg, at_sensor, sign * at_force
        )

    modes = [mode(2, rocking_hz, door_kg * _ROCKING_MASS, rocking_damping, (0.5, 1.0))]
    for share in _OVERTONES:
        hz = bending_hz * share * float(dice.uniform(0.95, 1.05))
        if hz < _HIGHEST_HZ:
            modes.append(mode(2, hz, door_kg * _BENDING_MASS, bending_damping, (0.3, 1.0)))
    # In its own plane a door is stiff: it moves as a whole in the play of its hinges.
    for axis in (0, 1):
        modes.append(mode(axis, float(dice.uniform(20, 45)), door_kg, rocking_damping, (0.8, 1.0)))
    return tuple(modes)


def answer(modes: Sequence[Mode], forces: Sequence[Force]) -> Axes:
    """``[time, 3]`` acceleration in mg at the sensor, at ``RATE_HZ``.

    Args:
        modes: of the door.
        forces: across the door, up, and out of it.
    """
    found = np.zeros((len(forces[0]), 3))
    for mode in modes:
        force = forces[mode.axis]
        if np.any(force):
            shape = mode.at_sensor * mode.at_force
            moved = resonance(force, hz=mode.hz, damping=mode.damping, rate_hz=RATE_HZ)
            found[:, mode.axis] += shape / mode.kg * moved * MG_PER_M_S2
    return found


def sampled(acceleration: Axes, rate_hz: int) -> Axes:
    """``[time at rate_hz, 3]`` as the accelerometer's filter passes it on (second order)."""
    return passed(acceleration, 2, rate_hz / 2, "low", RATE_HZ)[:: RATE_HZ // rate_hz]
