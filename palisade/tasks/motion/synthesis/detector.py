"""From radiation to counts: the pyroelectric element, its amplifier, and the converter.

The element's voltage answers to radiation as a thermal low-pass and an electrical high-pass,
both of first order; the amplifier adds a high-pass and a low-pass, as in the application
circuits of PIR controllers, and rests at half of the supply.

References:
    Putley, The Pyroelectric Detector, Semiconductors and Semimetals 5 (1970), chapter 6
    (responsivity with a thermal and an electrical time constant).
    BISS0001 data sheet (the comparators trip at 0.3 and 0.7 of the supply).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from palisade.tasks.motion.synthesis.filters import Kind, passed
from palisade.tasks.motion.synthesis.lens import Body, Lens, Track, flux

FULL_SCALE_COUNTS = 4095
REST_COUNTS = 2048.0
TRIP_SHARE = 0.2  # of full scale, to either side of the middle: 0.3 and 0.7 of the supply
_RAIL_COUNTS = 40.0  # an amplifier's output stops so far from the supply
# The walk that a gain is set for: it trips the comparator. EN 50131-2-2 walks a little cooler.
_WALK_M_S, _WALK_K = 1.0, 4.0
_WALK_BODY_M = (0.0, 1.75, 0.45)
_RATE_HZ = 100
_WALK_S = 8.0


@dataclass(frozen=True)
class Detector:
    """One specimen.

    Attributes:
        thermal_s: time constant of the element.
        low_cut_hz: of each of two high-passes: the element's own, and the amplifier's.
        high_cut_hz: of the amplifier's low-pass.
        gain: counts for 1 K over one zone, in the middle of the band.
        noise_counts: root mean square.
    """

    thermal_s: float
    low_cut_hz: float
    high_cut_hz: float
    gain: float
    noise_counts: float


def voltage(detector: Detector, seen: Track, rate_hz: float) -> Track:
    """``[time]`` counts about the rest that radiation ``[time]`` gives; at rest before it."""
    signal = seen - seen[0]
    stages: tuple[tuple[float, Kind], ...] = (
        (1 / (2 * np.pi * detector.thermal_s), "low"),
        (detector.low_cut_hz, "high"),
        (detector.low_cut_hz, "high"),
        (detector.high_cut_hz, "low"),
    )
    for corner_hz, kind in stages:
        signal = passed(signal, 1, corner_hz, kind, rate_hz)
    return np.asarray(signal * detector.gain, np.float64)


def noise(detector: Detector, samples: int, rate_hz: float, dice: Generator) -> Track:
    """``[samples]`` counts: the element's thermal noise in the amplifier's band, and white."""
    white = dice.normal(0, 1, samples)
    corners_hz = (detector.low_cut_hz, detector.high_cut_hz)
    band = passed(dice.normal(0, 1, samples), 1, corners_hz, "band", rate_hz)
    band /= max(float(band.std()), 1e-9)
    return np.asarray(detector.noise_counts * (0.9 * band + 0.4 * white), np.float64)


def converted(counts_about_rest: Track) -> NDArray[np.float64]:
    """Counts as the converter sees them: about the middle, and no further than the rails."""
    high = FULL_SCALE_COUNTS - _RAIL_COUNTS
    return np.clip(REST_COUNTS + counts_about_rest, _RAIL_COUNTS, high)


def gain_for(detector: Detector, lens: Lens, *, rated_m: float, sensor_height_m: float) -> float:
    """The gain at which a walk past at the rated distance trips the comparator.

    The reference is a body 4 K warmer than its surroundings that crosses at 1 m/s.
    """
    along = np.arange(-_WALK_S / 2, _WALK_S / 2, 1 / _RATE_HZ) * _WALK_M_S
    low_m, high_m, width_m = _WALK_BODY_M
    body = Body(np.full_like(along, rated_m), along, low_m, high_m, width_m, _WALK_K)
    seen = flux(lens, [body], sensor_height_m=sensor_height_m)
    unit = Detector(detector.thermal_s, detector.low_cut_hz, detector.high_cut_hz, 1.0, 0.0)
    swing = np.abs(voltage(unit, seen, _RATE_HZ)[_RATE_HZ:]).max()
    return float(TRIP_SHARE * FULL_SCALE_COUNTS / max(swing, 1e-6))
