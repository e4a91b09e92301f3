"""Surfaces: grey patterns that look like masonry, wood, stone and leaves."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

Grey = NDArray[np.float32]


def clouds(height: int, width: int, cell_px: float, dice: Generator) -> Grey:
    """Smooth noise ``[height, width]`` of mean 0 and deviation about 1, blobs of a size."""
    rows, columns = max(2, round(height / cell_px) + 1), max(2, round(width / cell_px) + 1)
    coarse = dice.standard_normal((rows, columns), dtype=np.float32)
    smooth = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(smooth, dtype=np.float32)


def rough(height: int, width: int, cell_px: float, dice: Generator) -> Grey:
    """Noise of several scales, deviation about 1: a natural surface."""
    total = np.zeros((height, width), np.float32)
    for octave, weight in enumerate((0.7, 0.5, 0.4)):
        total += weight * clouds(height, width, max(1.0, cell_px / 2**octave), dice)
    return total


def courses(
    height: int, width: int, brick_px: tuple[float, float], joint: float, dice: Generator
) -> Grey:
    """A wall of bricks in stretcher bond: deviation from the wall's grey, joints dark or light.

    Args:
        height, width: of the surface, pixels.
        brick_px: height and width of a brick.
        joint: grey of the joints against the bricks.
        dice: for the bricks' own greys.
    """
    tall, wide = max(2.0, brick_px[0]), max(3.0, brick_px[1])
    y, x = np.mgrid[:height, :width].astype(np.float32)
    row = np.floor(y / tall)
    along = x / wide + 0.5 * (row % 2)
    greys = dice.normal(0, 0.05, (64, 64)).astype(np.float32)
    surface = greys[row.astype(int) % 64, np.floor(along).astype(int) % 64]
    mortar = ((y % tall) < 1.0) | ((along % 1.0) * wide < 1.0)
    return np.where(mortar, np.float32(joint), surface)


def boards(length: int, across_px: float, gap: float, dice: Generator) -> Grey:
    """Boards side by side: the grey across them, ``[length]``, gaps darker."""
    at = np.arange(length, dtype=np.float32)
    greys = dice.normal(0, 0.045, 64).astype(np.float32)
    edge = (at % max(2.0, across_px)) < max(1.0, 0.1 * across_px)
    return np.where(edge, np.float32(-gap), greys[(at / max(2.0, across_px)).astype(int) % 64])
