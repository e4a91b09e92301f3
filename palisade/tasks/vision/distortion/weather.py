"""Rain and fog before the camera, as pure functions (see ``pixels``)."""

from __future__ import annotations

import numpy as np
import scipy.ndimage
from numpy.random import Generator
from PIL import Image, ImageDraw

from palisade.tasks.vision.samples.pixels import Picture, encoded, light, to_float

_FINE = 4  # streaks are drawn on a raster so many times as fine
_STREAK_WIDTH_SHARE = 0.012  # of the picture's side
_FAINTEST = 0.4  # of the nearest drop's opacity: that of the farthest one
_SKY = 0.85  # encoded; a drop refracts the sky and so looks like it
_AIRLIGHT = 0.6  # linear: light scattered by fog too thick to see through
_FOG_PATCH_SHARE = 0.15  # size of its denser and thinner parts, of the picture's side
_FOG_UNEVENNESS = 0.25  # standard deviation of its optical depth, of the mean


def rain(
    x: Picture,
    *,
    streaks: int,
    length_share: float,
    slant_deg: float,
    opacity: float,
    draw: Generator,
) -> Picture:
    """Drops that fall while the shutter is open (Garg and Nayar, Vision and Rain, IJCV 2007).

    Args:
        x: the picture.
        streaks: how many.
        length_share: of a streak, of the picture's side.
        slant_deg: from the vertical, all alike; the wind's.
        opacity: of a streak, at most; drops at another distance are fainter.
        draw: where they are, and how faint.
    """
    height, width = x.shape[:2]
    mask = Image.new("L", (width * _FINE, height * _FINE))
    pen = ImageDraw.Draw(mask)
    length = length_share * max(mask.size)
    run, fall = length * np.sin(np.deg2rad(slant_deg)), length * np.cos(np.deg2rad(slant_deg))
    thick = max(1, round(_STREAK_WIDTH_SHARE * max(mask.size)))
    # A row a streak, so that a heavier rain holds the streaks of a lighter one.
    for left, top, near in draw.random((streaks, 3)) * (*mask.size, 1.0):
        ends = (left - run / 2, top - fall / 2, left + run / 2, top + fall / 2)
        strength = opacity * (_FAINTEST + (1 - _FAINTEST) * near)
        pen.line(ends, fill=round(255 * strength), width=thick)
    small = mask.resize((width, height), Image.Resampling.BOX)
    cover = to_float(np.asarray(small, dtype=np.uint8))[..., None]
    return np.asarray(x + cover * (np.float32(_SKY) - x), dtype=np.float32)


def fog(x: Picture, optical_depth: float, draw: Generator) -> Picture:
    """Light lost on its way and replaced by scattered light (Koschmieder 1924).

    Args:
        x: the picture.
        optical_depth: of the fog between camera and scene, on average over the picture; the
            share ``exp(-optical_depth)`` of the light comes through.
        draw: where it is denser.
    """
    height, width = x.shape[:2]
    patch = _FOG_PATCH_SHARE * max(height, width)
    cloud = scipy.ndimage.gaussian_filter(draw.standard_normal((height, width)), patch)
    cloud = (cloud - cloud.mean()) / cloud.std()
    depth = optical_depth * np.maximum(1 + _FOG_UNEVENNESS * cloud, 0)
    through = np.exp(-depth).astype(np.float32)[..., None]
    return encoded(light(x) * through + np.float32(_AIRLIGHT) * (1 - through))
