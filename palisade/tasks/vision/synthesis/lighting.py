"""How a scene is lit: by day, at dusk, by a lamp or by the camera's own infrared.

A lamp's light falls off with the square of the distance, smoothed near by, since neither lamp
nor sensor is a point.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from palisade.tasks.vision.synthesis.homes import Home
from palisade.tasks.vision.synthesis.picture import Picture
from palisade.tasks.vision.synthesis.site import Backdrop

Grey = NDArray[np.float32]

_DUSK_M, _LAMP_M, _INFRARED_M = 4.0, 2.6, 2.4  # where light has fallen to a half
_LAMP_PX, _BEAM_PX = 0.75, 0.85  # the same across the image, share of the extent


def strength(picture: Picture, distance_m: Grey | float) -> Grey:
    """Light that falls on something so far off; 1 is daylight."""
    away = np.asarray(distance_m, np.float32)
    if picture.light == "day":
        return np.ones_like(away)
    if picture.light == "dusk":
        ambient, own, half_m = 0.45, 0.25, _DUSK_M
    elif picture.infrared:
        ambient, own, half_m = 0.0, 1.2, _INFRARED_M
    else:
        ambient, own, half_m = 0.1, 0.9, _LAMP_M
    fallen = 1 + (away / np.float32(half_m)) ** 2
    return np.asarray(np.float32(ambient) + np.float32(own) / fallen, np.float32)


def spread(picture: Picture, home: Home, extent_px: int) -> Grey:
    """Light across the image, ``[extent_px, extent_px]`` about 1."""
    if picture.light == "day":
        return _tilt(extent_px, float(np.sign(picture.sun)))
    if picture.light == "night" and picture.infrared:
        return _spot(extent_px, 0.5, 0.5, _BEAM_PX)
    reach = _LAMP_PX if picture.light == "night" else 2 * _LAMP_PX
    return _spot(extent_px, home.lamp_across, 0.2, reach)


def backdrop(picture: Picture, place: Backdrop, across: Grey) -> Grey:
    """Radiance of a place, ``[extent_px, extent_px]``; 1 is white by day."""
    lit = place.grey * strength(picture, place.distance_m) * across
    sky = {"day": 1.0, "dusk": 0.62, "night": 0.02 if picture.infrared else 0.09}[picture.light]
    if picture.backlight:
        sky, lit = sky * 1.5, lit * np.float32(1.15)
    total = lit + place.sky * (np.float32(sky) * place.grey - lit)
    if picture.light != "day" and not picture.infrared:
        total = total + place.glow
    return np.asarray(total, np.float32)


@lru_cache(maxsize=4)
def _tilt(extent_px: int, side: float) -> Grey:
    ramp = np.linspace(-0.08, 0.08, extent_px, dtype=np.float32) * np.float32(side)
    return np.repeat((1 + ramp)[None, :], extent_px, axis=0)


@lru_cache(maxsize=8)
def _spot(extent_px: int, across: float, down: float, reach: float) -> Grey:
    at = (np.arange(extent_px, dtype=np.float32) + 0.5) / extent_px
    squared = (at[None, :] - across) ** 2 + (at[:, None] - down) ** 2
    return np.asarray(1.15 / (1 + squared / np.float32(reach**2)), np.float32)
