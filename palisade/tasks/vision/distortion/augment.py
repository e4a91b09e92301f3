"""Training pictures as other light, weather, lenses and codecs would have given them."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from palisade import augmentation, stage
from palisade.splits import Split
from palisade.tasks.vision.distortion import operations
from palisade.tasks.vision.distortion.operations import Operation
from palisade.tasks.vision.samples.pixels import Picture, to_float, to_uint8

BATCH = 256  # pictures a worker takes at a time


class Params(stage.Params):
    """How the training set is enlarged.

    The operations act in the order in which they stand here, that in which light meets them:
    the camera's place, things before it, light, weather, lens, sensor, codec.
    """

    copies: int = Field(ge=0, le=20, description="distorted copies of each picture, beside itself")
    mirror: operations.Mirror
    rotation: operations.Rotation
    zoom: operations.Zoom
    crop: operations.Crop
    shift: operations.Shift
    patch: operations.Patch
    shadow: operations.Shadow
    backlight: operations.Backlight
    lighting: operations.Lighting
    rain: operations.Rain
    lens_blur: operations.LensBlur
    motion_blur: operations.MotionBlur
    sensor_noise: operations.SensorNoise
    gamma: operations.Gamma
    sharpening: operations.Sharpening
    jpeg: operations.Jpeg


def augment(train: Split, params: Params, *, seed: int) -> Split:
    """The training set, then its distorted copies (see ``augmentation.enlarge``)."""
    work = partial(_copies, params=params, seed=seed)
    return augmentation.enlarge(train, work, copies=params.copies, batch=BATCH)


def distort(x: Picture, params: Params, *, seed: int, name: str) -> Picture:
    """One distorted copy of a picture, drawn by the copy's name."""
    for operation, draw in augmentation.acting(params, Operation, seed=seed, name=name):
        x = operation.apply(x, draw)
    return x


def _copies(batch: Split, params: Params, seed: int, *, suffix: str) -> NDArray[np.uint8]:
    pictures = to_float(np.asarray(batch.x, dtype=np.uint8))
    copies = (
        distort(x, params, seed=seed, name=f"{name}{suffix}")
        for x, name in zip(pictures, batch.ids, strict=True)
    )
    return np.stack([to_uint8(copy) for copy in copies])
