"""What a dual-element pyroelectric sensor sees through its Fresnel lens.

Each facet of the lens throws the image of two elements of opposite polarity onto the scene: a
positive and a negative zone side by side. Rows of facets look far, half-way and near the door. A
body counts by its radiant contrast to what is behind it, times the part of each zone that it
covers; one that covers both zones of a pair cancels, and one that crosses them gives a swing.

References:
    Sensors 2016, 16(1), 126 (rows of paired zones; people and other targets cross different
    rows).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Track = NDArray[np.float64]  # [time]

ROOM_K = 293.15
_ZERO_C = 273.15

_STEP_DEG = 0.25
_GRID_DEG = np.arange(-180.0, 180.0 + _STEP_DEG, _STEP_DEG)
# Elements of 2 mm x 1 mm, 1 mm apart, are what most dual detectors in TO-5 cans have.
_PITCH_IN_WIDTHS = 2.0
_HEIGHT_IN_WIDTHS = 2.0
# Rows: how far below the horizon they look, their facets and span as a share of the far row's,
# and their gain: a near body needs, and is given, a smaller facet.
_ROWS = (
    (-3.0, 1.0, 1.0, 1.0),
    (-11.0, 0.8, 0.95, 0.85),
    (-21.0, 0.65, 0.9, 0.7),
    (-33.0, 0.5, 0.8, 0.55),
    (-48.0, 0.35, 0.7, 0.45),
)


@dataclass(frozen=True)
class Lens:
    """Zones of all rows.

    Attributes:
        elevation_deg: ``[rows]`` of the middle of a row's zones.
        height_deg: of a zone.
        covered: ``[rows, grid]`` integral over azimuth of a row's sensitivity, in zone widths.
    """

    elevation_deg: NDArray[np.float64]
    height_deg: float
    covered: NDArray[np.float64]


@dataclass(frozen=True)
class Body:
    """An upright warm rectangle on its way, as the sensor sees it from the door.

    Attributes:
        away_m, aside_m: ``[time]`` distance from the door's plane, and along it.
        low_m, high_m: its lower and upper edge above the ground.
        width_m: its width, seen from the sensor.
        contrast_k: ``[time]`` or one number: radiant contrast (see ``contrast_k``).
    """

    away_m: Track
    aside_m: Track
    low_m: float
    high_m: float
    width_m: float
    contrast_k: Track | float


def draw(
    dice: Generator, *, far_facets: int, field_deg: float, element_deg: float, tilt_deg: float
) -> Lens:
    """A lens whose facets are placed and moulded a little unevenly.

    Args:
        dice: what the unevenness is drawn from.
        far_facets: in the row that looks far.
        field_deg: that this row covers, from side to side.
        element_deg: width of a zone.
        tilt_deg: by which the sensor is mounted too high.
    """
    rows = []
    for _, share, span, gain in _ROWS:
        facets = max(2, round(far_facets * share))
        centres = (np.arange(facets) / (facets - 1) - 0.5) * field_deg * span
        centres += dice.normal(0, 0.5, facets)
        gains = gain * dice.uniform(0.8, 1.2, facets)
        # A ray aslant passes more plastic and meets a narrower facet.
        gains *= np.cos(np.deg2rad(centres))
        rows.append(_row(centres, gains, element_deg, blur_deg=float(dice.uniform(0.6, 1.4))))
    return Lens(
        elevation_deg=np.array([row[0] for row in _ROWS]) + tilt_deg,
        height_deg=element_deg * _HEIGHT_IN_WIDTHS,
        covered=np.array(rows),
    )


def flux(lens: Lens, bodies: Sequence[Body], *, sensor_height_m: float) -> Track:
    """``[time]`` what bodies give the pair of elements: K of contrast over one whole zone."""
    total = np.zeros(len(bodies[0].away_m))
    for body in bodies:
        total += _covered(lens, body, sensor_height_m) * body.contrast_k
    return total


def contrast_k(surface_c: float, ambient_c: float) -> float:
    """Radiant contrast of a surface to its surroundings, as K of difference near 20 C.

    Stefan and Boltzmann's law, linear at 20 C: a grey body's ``T^4`` over ``4 T0^3``.
    """
    surface, ambient = surface_c + _ZERO_C, ambient_c + _ZERO_C
    return (surface**4 - ambient**4) / (4 * ROOM_K**3)


def _covered(lens: Lens, body: Body, sensor_height_m: float) -> Track:
    """``[time]`` how much more of positive zones a body covers than of negative ones."""
    away = np.maximum(body.away_m, 0.1)
    distance = np.hypot(away, body.aside_m)
    azimuth = np.rad2deg(np.arctan2(body.aside_m, away))
    half = np.rad2deg(np.arctan2(body.width_m / 2, distance))
    low = np.rad2deg(np.arctan2(body.low_m - sensor_height_m, distance))
    high = np.rad2deg(np.arctan2(body.high_m - sensor_height_m, distance))
    seen = np.zeros_like(distance)
    for elevation, covered in zip(lens.elevation_deg, lens.covered, strict=True):
        top = np.minimum(high, elevation + lens.height_deg / 2)
        bottom = np.maximum(low, elevation - lens.height_deg / 2)
        filled = np.maximum(top - bottom, 0.0) / lens.height_deg
        right = np.interp(azimuth + half, _GRID_DEG, covered)
        seen += filled * (right - np.interp(azimuth - half, _GRID_DEG, covered))
    return seen


def _row(
    centres: NDArray[np.float64], gains: NDArray[np.float64], element_deg: float, *, blur_deg: float
) -> NDArray[np.float64]:
    """Integral over azimuth of a row's sensitivity, in zone widths."""
    sensitivity = np.zeros_like(_GRID_DEG)
    for centre, gain in zip(centres, gains, strict=True):
        for polarity in (-1.0, 1.0):
            middle = centre + polarity * _PITCH_IN_WIDTHS * element_deg / 2
            zone = np.abs(_GRID_DEG - middle) < element_deg / 2
            sensitivity += polarity * gain * zone / max(zone.sum(), 1)
    reach = int(4 * blur_deg / _STEP_DEG)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * _STEP_DEG / blur_deg) ** 2)
    return np.cumsum(np.convolve(sensitivity, kernel / kernel.sum(), mode="same"))
