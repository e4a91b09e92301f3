"""How things take light and give shadow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Grey = NDArray[np.float32]

_EDGE = 0.66  # light on an edge that turns away from the camera, against the middle
_EDGE_SHARE = 0.035  # of a thing's height, how broad such an edge is
_SUNNY_SIDE = 0.2  # more light on the one side, and less on the other
_SCALED = (0.25, 4.0)  # at most, for contrast
_CONTACT = 0.45  # light that is lost right under a foot
_CONTACT_M = (0.3, 0.075)  # half width and, as seen, half depth of that dark


def roundness(cover: Image.Image, sun: float) -> Grey:
    """Light on something round, ``[h, w]`` about 1: edges turn away, one side faces the sun.

    Args:
        cover: where it is, mode L.
        sun: slope of the sun's shadows; 0 for none.
    """
    radius = max(1, round(_EDGE_SHARE * cover.height))
    soft = np.asarray(cover.filter(ImageFilter.BoxBlur(radius)), np.float32)
    shade = np.float32(_EDGE) + np.float32((1 - _EDGE) / 255) * soft
    if sun:
        side = np.linspace(1, -1, cover.width, dtype=np.float32)
        shade = shade * (1 + np.float32(_SUNNY_SIDE * np.sign(sun)) * side[None, :])
    return shade


def separation(lit: Grey, behind: Grey, cover: Grey, least: float) -> float:
    """What to multiply the light of something with to set it apart from what is behind.

    Args:
        lit: its light, ``[h, w]``.
        behind: what is behind it.
        cover: where it is, 0 to 1.
        least: by how much the means are to differ at least; 1 is returned where they do.
    """
    area = float(cover.sum())
    if area < 1:
        return 1.0
    own, other = float((lit * cover).sum()) / area, float((behind * cover).sum()) / area
    if abs(own - other) >= least:
        return 1.0
    darker = own < other and other > 2 * least
    target = other - least if darker else other + least
    return float(np.clip(target / max(own, 1e-3), *_SCALED))


def contact(canvas: Grey, x_px: float, foot_px: float, scale: float) -> None:
    """Darken the ground under a foot, in place.

    Args:
        canvas: ``[extent, extent]``.
        x_px, foot_px: the foot.
        scale: pixels in a metre.
    """
    half, flat = (scale * metres for metres in _CONTACT_M)
    rows = slice(max(0, int(foot_px - 2 * flat)), max(0, int(foot_px + 2 * flat) + 1))
    columns = slice(max(0, int(x_px - 2 * half)), max(0, int(x_px + 2 * half) + 1))
    area = canvas[rows, columns]
    y = (rows.start + np.arange(area.shape[0], dtype=np.float32) + 0.5 - foot_px) / flat
    x = (columns.start + np.arange(area.shape[1], dtype=np.float32) + 0.5 - x_px) / half
    area *= 1 - np.float32(_CONTACT) * np.exp(-(y**2)[:, None] - (x**2)[None, :])


def cast(cover: Image.Image, foot_px: float, *, squash: float, slope: float) -> Grey:
    """A shadow on the ground, 0 to 1: the silhouette, squashed and slanted about its foot.

    Args:
        cover: the silhouette, mode L.
        foot_px: the row of its foot.
        squash: height of the shadow against the silhouette's.
        slope: how far it goes sideways, per height of the silhouette.
    """
    shear = slope / squash
    flat = cover.transform(
        cover.size,
        Image.Transform.AFFINE,
        (1, shear, -shear * foot_px, 0, 1 / squash, foot_px * (1 - 1 / squash)),
    )
    return np.asarray(flat.filter(ImageFilter.BoxBlur(1.5)), np.float32) / np.float32(255)
