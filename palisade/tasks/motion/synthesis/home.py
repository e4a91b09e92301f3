"""One home: its door, how the sensors are mounted on it, and which specimens they are.

References:
    BMA255 data sheet (typical noise density 150 ug/sqrt(Hz), zero-g offset within 60 mg): the
    bounds in params.yaml lie around such figures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from palisade import seeds
from palisade.ranges import between
from palisade.tasks.motion.synthesis import detector, lens, panel
from palisade.tasks.motion.synthesis.detector import Detector
from palisade.tasks.motion.synthesis.lens import Lens
from palisade.tasks.motion.synthesis.panel import Mode
from palisade.tasks.motion.synthesis.params import Homes

_TURNS = (0, 90, 180, 270)  # how the board may sit in its case, about the door's normal


@dataclass(frozen=True)
class Home:
    """What is the same in all traces of a home.

    Attributes:
        name: eight hexadecimal digits.
        climate_c: usual temperature outside.
        sensor_height_m: above the ground.
        lens, detector: the PIR.
        modes: the door.
        axes: ``[3, 3]`` from across, up and out of the door to the accelerometer's axes.
        acc_noise_ug: noise density, a square root of Hz.
        acc_offset_mg, acc_gain: ``[3]`` of each axis.
    """

    name: str
    climate_c: float
    sensor_height_m: float
    lens: Lens
    detector: Detector
    modes: tuple[Mode, ...]
    axes: NDArray[np.float64]
    acc_noise_ug: float
    acc_offset_mg: NDArray[np.float64]
    acc_gain: NDArray[np.float64]


def name(split: str, index: int, *, seed: int) -> str:
    """What the home of that number in a split is called."""
    return f"{seeds.derive(seed, 'synthesize', 'home', split, index):016x}"[-8:]


def draw(called: str, params: Homes, *, seed: int) -> Home:
    """The home of that name."""
    dice = seeds.generator(seed, "synthesize", "home", called)
    angles = [between(params.mounting_deg, dice) for _ in range(3)]
    glass = lens.draw(
        dice,
        far_facets=round(between(params.far_facets, dice)),
        field_deg=between(params.field_deg, dice),
        element_deg=between(params.element_deg, dice),
        tilt_deg=angles[0],
    )
    height_m = between(params.sensor_height_m, dice)
    modes = panel.draw(
        dice,
        door_kg=between(params.door_kg, dice),
        rocking_hz=between(params.rocking_hz, dice),
        bending_hz=between(params.bending_hz, dice),
        rocking_damping=params.rocking_damping,
        bending_damping=params.bending_damping,
    )
    return Home(
        name=called,
        climate_c=between(params.climate_c, dice),
        sensor_height_m=height_m,
        lens=glass,
        detector=_detector(glass, height_m, params, dice),
        modes=modes,
        axes=rotation_deg(*angles) @ rotation_deg(0.0, 0.0, float(dice.choice(_TURNS))),
        acc_noise_ug=between(params.acc_noise_ug, dice),
        acc_offset_mg=dice.uniform(params.acc_offset_mg[0], params.acc_offset_mg[1], size=3),
        acc_gain=dice.uniform(params.acc_gain[0], params.acc_gain[1], size=3),
    )


def rotation_deg(x: float, y: float, z: float) -> NDArray[np.float64]:
    """``[3, 3]`` rotation about the three axes in turn."""
    turned = np.eye(3)
    for axis, degrees in enumerate((x, y, z)):
        cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
        first, second = (axis + 1) % 3, (axis + 2) % 3
        one = np.eye(3)
        one[first, first] = one[second, second] = cosine
        one[first, second], one[second, first] = -sine, sine
        turned = one @ turned
    return turned


def _detector(glass: Lens, height_m: float, params: Homes, dice: Generator) -> Detector:
    """A specimen, its gain as it is set for the lens, then off by its own spread."""
    specimen = Detector(
        thermal_s=between(params.thermal_ms, dice) / 1000,
        low_cut_hz=between(params.low_cut_hz, dice),
        high_cut_hz=between(params.high_cut_hz, dice),
        gain=1.0,
        noise_counts=between(params.pir_noise_counts, dice),
    )
    rated_m = between(params.rated_m, dice)
    gain = detector.gain_for(specimen, glass, rated_m=rated_m, sensor_height_m=height_m)
    return replace(specimen, gain=gain * between(params.pir_gain, dice))
