"""What a home's camera sees when nothing is there: greys, distances, sky and lit windows."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from palisade import seeds
from palisade.tasks.vision.synthesis import textures, view
from palisade.tasks.vision.synthesis.homes import Home
from palisade.tasks.vision.synthesis.palette import Palette
from palisade.tasks.vision.synthesis.site import Backdrop, Site

_HOUSES_M = 14.0
_STREET_M = (6.0, 10.0)


@lru_cache(maxsize=8)
def paint(home: Home, extent_px: int, infrared: bool, seed: int) -> Backdrop:
    """Paint a home's backdrop; the same home gives the same one."""
    dice = seeds.generator(seed, "synthesize", "vision", "backdrop", home.id)
    site = Site(home, view.of(home, extent_px), Palette(infrared), dice)
    site.sky()
    site.ground()
    {"street": _street, "garden": _garden, "yard": _yard, "hallway": _hallway}[home.view](site)
    return site.finish()


def photograph(home: Home, picture: NDArray[np.uint8], extent_px: int) -> Backdrop:
    """A team's own background ``[h, w]``; its distances are those of bare ground."""
    scaled = Image.fromarray(picture).resize((extent_px, extent_px), Image.Resampling.LANCZOS)
    empty = np.zeros((extent_px, extent_px), np.float32)
    seen = view.of(home, extent_px)
    rows = np.array([min(seen.distance(row), home.backdrop_m) for row in range(extent_px)])
    rows[: int(seen.horizon_px) + 1] = home.backdrop_m
    return Backdrop(
        grey=np.asarray(scaled, np.float32) / np.float32(255),
        distance_m=np.repeat(rows[:, None], extent_px, axis=1).astype(np.float32),
        sky=empty,
        glow=empty,
    )


def _street(site: Site) -> None:
    """Houses across a street, a low fence or hedge before it."""
    home, dice = site.home, site.dice
    site.crowns(_HOUSES_M + 6, 7.0, 5)
    left = -14.0
    while left < 14:
        wide, tall = dice.uniform(4, 7), dice.uniform(3.5, 6.5)
        tone = dice.uniform(0.25, 0.75)
        site.panel(_HOUSES_M, (left, 0, left + wide, tall), tone)
        site.panel(_HOUSES_M, (left, tall - 0.25, left + wide, tall + 0.5), tone * 0.5)
        for at in np.arange(left + 0.6, left + wide - 1, 1.8):
            lit = dice.random() < 0.35
            site.panel(
                _HOUSES_M, (at, 1.2, at + 1, 2.5), tone * 0.45, glow=dice.uniform(0.3, 0.7) * lit
            )
        left += wide + dice.uniform(0, 2)
    far, near = (site.view.row(distance) for distance in (_STREET_M[1], _STREET_M[0]))
    top, bottom = int(far), int(near) + 1
    site.grey[top:bottom] = dice.uniform(0.2, 0.4)
    site.grey[bottom : bottom + 1] = 0.75  # the kerb
    site.lawn(dice.uniform(1.0, 2.2))
    kind = home.wall if home.wall in ("pickets", "hedge", "brick") else "pickets"
    site.wall(home.backdrop_m, dice.uniform(0.6, 1.1), kind, home.wall_tone)
    _gate(site)


def _garden(site: Site) -> None:
    """A railing, then lawn, trees and a hedge."""
    home, dice = site.home, site.dice
    site.crowns(_HOUSES_M, 6.0, 7)
    site.wall(_HOUSES_M - 2, dice.uniform(1.2, 2.2), "hedge", 0.3)
    site.lawn(dice.uniform(1.2, 2.5))
    site.crowns(7.0, 3.0, 2)
    tone, scale = home.wall_tone, home.backdrop_m
    for at in np.arange(-8.0, 8.0, dice.uniform(0.15, 0.3)):
        site.panel(scale, (at, 0.1, at + 0.025, 1.0), tone)
    site.panel(scale, (-9, 0.95, 9, 1.03), tone)


def _yard(site: Site) -> None:
    """A wall close by, with a door or a window."""
    home, dice = site.home, site.dice
    site.crowns(_HOUSES_M, 7.0, 4)
    site.wall(home.backdrop_m, dice.uniform(1.9, 4.5), home.wall, home.wall_tone)
    for _ in range(int(dice.integers(0, 3))):
        left, darker = dice.uniform(-3, 2), home.wall_tone * dice.uniform(0.4, 0.8)
        door = dice.random() < 0.5
        low, high = (0.0, 1.95) if door else (0.9, 1.7)
        span = (left, low, left + dice.uniform(0.8, 1.2), high)
        lit = dice.uniform(0.3, 0.7) * (not door and dice.random() < 0.4)
        site.panel(home.backdrop_m, span, darker, glow=lit)
        site.panel(home.backdrop_m, (span[0], high, span[2], high + 0.08), 0.8)


def _hallway(site: Site) -> None:
    """A hallway of a block of flats: side walls, a ceiling, doors, an end wall."""
    home, dice = site.home, site.dice
    seen, extent = site.view, site.view.extent_px
    half, tall, end = dice.uniform(1.0, 1.7), dice.uniform(2.4, 2.9), home.backdrop_m
    x = (np.arange(extent) + 0.5 - extent / 2)[None, :]
    y = (np.arange(extent) + 0.5 - seen.horizon_px)[:, None]
    to_side = seen.focal_px * half / np.maximum(np.abs(x), 1e-3)
    to_top = seen.focal_px * (tall - seen.camera_m) / np.maximum(-y, 1e-3)
    to_floor = seen.focal_px * seen.camera_m / np.maximum(y, 1e-3)
    nearest = np.minimum(np.minimum(to_side + 0 * y, to_top + 0 * x), to_floor + 0 * x)
    nearest = np.minimum(nearest, end)
    worn = 0.02 * textures.rough(extent, extent, extent / 4, dice)
    walls = home.wall_tone + worn - 0.1 * (nearest >= end)
    height_m = seen.camera_m - y * nearest / seen.focal_px
    walls = np.where(height_m < 0.12, walls - 0.2, walls)  # skirting
    doors = ((nearest % 2.1) > 1.15) & (height_m < 2.05) & (nearest < end)
    doors = doors | ((nearest >= end) & (np.abs(x * end / seen.focal_px) < 0.45) & (height_m < 2))
    walls = np.where(doors, walls * dice.uniform(0.45, 0.8), walls)
    ceiling = (to_top + 0 * x) <= nearest + 1e-6
    lamps = ceiling & (np.abs(x * nearest / seen.focal_px) < 0.2) & ((nearest % 1.8) < 0.5)
    floor = (to_floor + 0 * x) <= nearest + 1e-6
    grey = np.where(ceiling, 0.85 + 0.15 * lamps, walls)
    site.grey = np.where(floor, site.grey, grey).astype(np.float32)
    site.distance_m = nearest.astype(np.float32)
    site.sky_mask[:] = 0
    site.glow = np.where(lamps, np.float32(0.9), np.float32(0))


def _gate(site: Site) -> None:
    """An opening in the fence, where the path goes through."""
    if site.dice.random() < 0.6:
        at, tone = site.dice.uniform(-1, 0.4), site.home.wall_tone * 0.7
        for post in (at, at + 0.9):
            site.panel(site.home.backdrop_m, (post, 0, post + 0.1, 1.2), tone)
