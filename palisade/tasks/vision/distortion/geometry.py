"""Where things stand in a picture, as pure functions (see ``pixels``).

What comes in from outside the picture mirrors it at its edge: texture goes on there, where a
repeated edge would draw stripes. Between pixels, values are interpolated linearly.
"""

from __future__ import annotations

import numpy as np
import scipy.ndimage
from numpy.typing import ArrayLike

from palisade.tasks.vision.samples.pixels import Picture


def mirror(x: Picture) -> Picture:
    """Left and right exchanged."""
    return x[:, ::-1]


def shift(x: Picture, down_px: int, right_px: int) -> Picture:
    """Moved by whole pixels; below 0, up and to the left."""
    height, width = x.shape[:2]
    margins = [(max(by, 0), max(-by, 0)) for by in (down_px, right_px)]
    padded = np.pad(x, (*margins, (0, 0)), mode="symmetric")
    top, left = max(-down_px, 0), max(-right_px, 0)
    return padded[top : top + height, left : left + width]


def rotate(x: Picture, angle_deg: float) -> Picture:
    """Turned about the middle, clockwise."""
    sine, cosine = np.sin(np.deg2rad(angle_deg)), np.cos(np.deg2rad(angle_deg))
    return _resampled(x, [[cosine, -sine], [sine, cosine]], (0.0, 0.0))


def zoom(x: Picture, factor: float) -> Picture:
    """Larger about the middle by a factor; below 1, smaller."""
    return _resampled(x, np.eye(2) / factor, (0.0, 0.0))


def crop(x: Picture, kept_share: float, down: float, right: float) -> Picture:
    """A part as large as the picture again.

    Args:
        x: the picture.
        kept_share: of each side.
        down: where the part lies: 0 at the top edge, 1 at the bottom.
        right: likewise, 0 at the left edge.
    """
    height, width = x.shape[:2]
    loose = (1 - kept_share) * np.array([height, width])
    return _resampled(x, np.eye(2) * kept_share, loose * (np.array([down, right]) - 0.5))


def cover(x: Picture, box: tuple[int, int, int, int], colour: ArrayLike) -> Picture:
    """Something opaque in front: ``(top, left, height, width)`` px, cut off at the edges."""
    top, left, height, width = box
    covered = x.copy()
    covered[max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)] = colour
    return covered


def _resampled(x: Picture, matrix: ArrayLike, offset_px: ArrayLike) -> Picture:
    """Each pixel read from ``matrix @ place + offset_px``; places count from the middle."""
    matrix = np.asarray(matrix, dtype=np.float64)
    middle = (np.array(x.shape[:2]) - 1) / 2
    offset = middle + np.asarray(offset_px) - matrix @ middle
    channels = [
        scipy.ndimage.affine_transform(channel, matrix, offset, order=1, mode="reflect")
        for channel in np.moveaxis(x, -1, 0)
    ]
    return np.asarray(np.stack(channels, axis=-1), dtype=np.float32)
