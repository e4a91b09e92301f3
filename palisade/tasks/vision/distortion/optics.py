"""What lens, sensor and codec do to a picture, as pure functions (see ``pixels``)."""

from __future__ import annotations

import io

import numpy as np
import scipy.ndimage
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from palisade.tasks.vision.samples.pixels import Picture, encoded, light, to_float, to_uint8

_POINTS_PER_PX = 4  # of a blur


def motion_blur(x: Picture, length_px: float, angle_deg: float) -> Picture:
    """Smeared along a straight line while the shutter is open; 0 degrees is to the right."""
    along = np.linspace(-length_px / 2, length_px / 2, _fine(length_px))
    angle = np.deg2rad(angle_deg)
    return _blurred(x, along * np.sin(angle), along * np.cos(angle))


def defocus(x: Picture, radius_px: float) -> Picture:
    """Out of focus: each point becomes a disc."""
    along = np.linspace(-radius_px, radius_px, _fine(2 * radius_px))
    down, right = np.meshgrid(along, along)
    disc = np.hypot(down, right) <= radius_px
    return _blurred(x, down[disc], right[disc])


def sharpen(x: Picture, amount: float, radius_px: float) -> Picture:
    """Unsharp masking: the difference from a Gaussian blur, added ``amount`` times."""
    blurred = scipy.ndimage.gaussian_filter(x, (radius_px, radius_px, 0), mode="nearest")
    return np.asarray(x + np.float32(amount) * (x - blurred), dtype=np.float32)


def sensor_noise(
    x: Picture, full_scale_electrons: float, read_electrons: float, draw: Generator
) -> Picture:
    """Photons counted one by one, then read out: the linear model of EMVA 1288.

    Args:
        x: the picture.
        full_scale_electrons: that a pixel collects at full scale; the fewer, the darker the
            scene was before it was amplified.
        read_electrons: standard deviation of the Gaussian noise of reading a pixel.
        draw: where the noise comes from.
    """
    noise = draw.standard_normal(x.shape, dtype=np.float32) * read_electrons
    collected = draw.poisson(light(x) * full_scale_electrons)
    return encoded(np.asarray((collected + noise) / full_scale_electrons, dtype=np.float32))


def jpeg(x: Picture, quality: int) -> Picture:
    """Through JPEG at a quality of libjpeg's, 1 to 95."""
    pixels = to_uint8(x)
    grey = pixels.shape[-1] == 1
    stored = io.BytesIO()
    Image.fromarray(pixels[..., 0] if grey else pixels).save(stored, "JPEG", quality=quality)
    with Image.open(stored) as picture:
        return to_float(np.asarray(picture, dtype=np.uint8).reshape(pixels.shape))


def _fine(length_px: float) -> int:
    """How many points stand for a length: an odd number, so that one is in its middle."""
    return 2 * int(np.ceil(_POINTS_PER_PX * length_px / 2)) + 1


def _blurred(x: Picture, down_px: NDArray[np.float64], right_px: NDArray[np.float64]) -> Picture:
    """Every point's light spread evenly over these places around it, none lost.

    Light that arrives between pixels is shared among the four around it by their nearness.
    """
    reach = int(np.ceil(max(np.abs(down_px).max(), np.abs(right_px).max())))
    pixels = np.arange(-reach, reach + 1)[:, None]
    nearness = [np.maximum(1 - np.abs(pixels - places), 0) for places in (down_px, right_px)]
    kernel = (nearness[0] @ nearness[1].T / len(down_px))[..., None]
    return encoded(scipy.ndimage.convolve(light(x), kernel, mode="nearest"))
