"""What light does to a picture, as pure functions: see ``pixels`` for what a picture is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from palisade.tasks.vision.samples.pixels import Picture, encoded, light


def expose(x: Picture, stops_ev: float) -> Picture:
    """Exposed for longer by so many stops, each twice the light; below 0, for shorter."""
    return encoded(light(x) * np.float32(2.0**stops_ev))


def bias(x: Picture, offset: float) -> Picture:
    """Another black level: encoded values raised by a share of full scale."""
    return x + np.float32(offset)


def gamma(x: Picture, exponent: float) -> Picture:
    """Another tone curve: encoded values to a power; below 1 brightens the shadows."""
    return np.asarray(np.clip(x, 0, 1) ** np.float32(exponent), dtype=np.float32)


def contrast(x: Picture, kept_share: float) -> Picture:
    """So much of each pixel's difference from the picture's mean."""
    mean = x.mean(dtype=np.float64)
    return np.asarray(mean + (x - mean) * kept_share, dtype=np.float32)


def shade(x: Picture, shadow: Picture, taken_share: float) -> Picture:
    """Where ``shadow`` is 1, so much of the light is taken away; where it is 0, none."""
    return encoded(light(x) * (1 - np.float32(taken_share) * shadow))


def half_plane(
    shape: tuple[int, ...], *, angle_deg: float, offset_share: float, softness_share: float
) -> Picture:
    """``[h, w, 1]``: 1 on one side of a straight edge, 0 on the other.

    Args:
        shape: of the picture.
        angle_deg: 0 puts the shadow on the right, 90 at the bottom.
        offset_share: how far the edge is from the middle, of the picture's side.
        softness_share: width of the penumbra, of the picture's side.
    """
    down, right = _places(shape)
    angle = np.deg2rad(angle_deg)
    distance = right * np.cos(angle) + down * np.sin(angle) - offset_share
    ramp = np.clip(distance / max(softness_share, 1e-6) + 0.5, 0, 1)
    return np.asarray(ramp[..., None], dtype=np.float32)


def glare(
    x: Picture, *, veil: float, spread_share: float, down_share: float, right_share: float
) -> Picture:
    """A lamp or the sun, whose light is scattered over the lens.

    The veil falls with the square of the distance from its source, as in the eye (Stiles and
    Holladay; CIE 146:2002), and is half as strong at ``spread_share``.

    Args:
        x: the picture.
        veil: light at the source, of full scale.
        spread_share: of the picture's side.
        down_share: where the source is, from the middle, of the picture's side; it may be
            out of the picture.
        right_share: likewise.
    """
    down, right = _places(x.shape)
    square = (down - down_share) ** 2 + (right - right_share) ** 2
    scattered = veil / (1 + square / spread_share**2)
    return encoded(light(x) + np.asarray(scattered[..., None], dtype=np.float32))


def _places(shape: tuple[int, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where each pixel's centre is, from the middle, in sides: ``[h, 1]`` and ``[1, w]``."""
    height, width = shape[:2]
    side = max(height, width)
    down = (np.arange(height) - (height - 1) / 2) / side
    right = (np.arange(width) - (width - 1) / 2) / side
    return down[:, None], right[None, :]
