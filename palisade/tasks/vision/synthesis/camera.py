"""From a scene's light to the camera's bytes: lens, exposure, sensor, compression."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from palisade.tasks.vision.synthesis.homes import Home
from palisade.tasks.vision.synthesis.picture import Picture

Grey = NDArray[np.float32]

_KNEE = 0.75  # from here on, highlights are compressed
_BRIGHTEST = 1.0  # what all but 3 % stay below, before highlights are compressed
_SHARPENING_PX = 1.2
_GAINS = (0.3, 6.0)  # of the automatic exposure


def take(
    radiance: Grey, picture: Picture, home: Home, image_px: int, dice: Generator
) -> NDArray[np.uint8]:
    """A picture as the camera stores it.

    Args:
        radiance: ``[extent, extent]``, extent a multiple of ``image_px``; 1 is white by day.
        picture, home: exposure, noise and lens.
        image_px: width and height of the picture.
        dice: for the noise.

    Returns:
        ``[image_px, image_px]`` uint8.
    """
    seen = _shrink(_bend(radiance, home.barrel), image_px)
    sigma = float(np.hypot(home.blur_px, picture.defocus_px))
    if sigma > 0.1:
        seen = ndimage.gaussian_filter(seen, sigma, mode="nearest", truncate=3.0)
    seen = seen * _vignette(image_px, home.vignette)
    seen = _compress(seen * np.float32(exposure(seen, picture.brightness)))
    if picture.sharpening:
        soft = ndimage.gaussian_filter(seen, _SHARPENING_PX, mode="nearest", truncate=2.0)
        seen = seen + np.float32(picture.sharpening) * (seen - soft)
    grain = dice.standard_normal(seen.shape, dtype=np.float32)
    # Photons come by chance, so bright parts have more noise, though less for their light.
    rough = np.float32(0.5) + np.float32(0.7) * np.sqrt(np.maximum(seen, 0))
    noisy = seen + np.float32(picture.noise) * rough * grain
    pixels = np.clip(np.rint(noisy * 255), 0, 255).astype(np.uint8)
    return through_jpeg(pixels, picture.jpeg_quality)


def exposure(seen: Grey, brightness: float) -> float:
    """Gain of an automatic exposure: a mean to reach, and few highlights that may burn out."""
    light = float(np.partition(seen.ravel(), -seen.size // 33)[-seen.size // 33])
    gain = min(brightness / max(float(seen.mean()), 1e-3), _BRIGHTEST / max(light, 1e-3))
    return float(np.clip(gain, *_GAINS))


def through_jpeg(pixels: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """Grey pixels ``[h, w]`` after JPEG compression at a quality of 1 to 95."""
    stored = io.BytesIO()
    Image.fromarray(pixels).save(stored, "JPEG", quality=quality)
    with Image.open(stored) as image:
        return np.asarray(image, np.uint8)


def _compress(seen: Grey) -> Grey:
    over = np.maximum(seen - np.float32(_KNEE), 0)
    room = np.float32(1 - _KNEE)
    return np.asarray(np.minimum(seen, np.float32(_KNEE)) + room * (1 - np.exp(-over / room)))


def _shrink(seen: Grey, image_px: int) -> Grey:
    times = len(seen) // image_px
    if times == 1:
        return seen
    blocks = seen.reshape(image_px, times, image_px, times)
    return np.asarray(blocks.mean(axis=(1, 3), dtype=np.float32))


def _bend(radiance: Grey, barrel: float) -> Grey:
    if barrel < 1e-3:
        return radiance
    source, inside = _bent(len(radiance), barrel)
    return np.where(inside, radiance.ravel()[source], np.float32(0.01))


@lru_cache(maxsize=4)
def _bent(extent_px: int, barrel: float) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Where each pixel's light comes from through a lens with barrel distortion.

    The usual first-order model (Brown, Decentering distortion of lenses, 1966), such that the
    middles of the edges stay where they are.
    """
    at = (np.arange(extent_px, dtype=np.float64) + 0.5) / extent_px * 2 - 1
    x, y = np.meshgrid(at, at)
    stretch = (1 + barrel * (x**2 + y**2)) / (1 + barrel)
    columns, rows = (((axis * stretch + 1) / 2 * extent_px) for axis in (x, y))
    inside = (columns >= 0) & (columns < extent_px) & (rows >= 0) & (rows < extent_px)
    place = [np.clip(axis.astype(np.intp), 0, extent_px - 1) for axis in (rows, columns)]
    return place[0] * extent_px + place[1], inside


@lru_cache(maxsize=4)
def _vignette(image_px: int, loss: float) -> Grey:
    at = (np.arange(image_px, dtype=np.float32) + 0.5) / image_px * 2 - 1
    squared = (at[None, :] ** 2 + at[:, None] ** 2) / 2
    return np.asarray(1 - np.float32(loss) * squared, np.float32)
