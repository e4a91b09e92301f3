"""What porches, weather and cameras do to the test pictures, by kind and severity.

Natural corruption rather than an attack, after Hendrycks and Dietterich (arXiv:1903.12261).
Nothing is drawn by a name that the training set's augmentation draws by, and fog is a kind
that it does not know.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from pydantic import Field

from palisade import parallel, seeds, stage
from palisade.splits import Split
from palisade.stratified import stratified
from palisade.tasks.vision.distortion import geometry, lighting, optics, weather
from palisade.tasks.vision.samples.pixels import Picture, to_float, to_uint8

# The physical value of each kind at severity 1, 2 and 3. A share is of the picture's side.
SEVERITIES: dict[str, tuple[float, float, float]] = {
    "sensor_noise": (1000.0, 300.0, 100.0),  # electrons that a pixel collects at full scale
    "motion_blur": (0.05, 0.10, 0.16),  # way while the shutter is open, share
    "defocus": (0.015, 0.03, 0.05),  # radius of the disc that a point becomes, share
    "fog": (0.25, 0.5, 0.9),  # optical depth; e to the minus this comes through
    "glare": (0.15, 0.4, 0.8),  # scattered light at its source, of full scale
    "exposure": (0.8, 1.5, 2.2),  # too much or too little light, stops
    "contrast": (0.6, 0.4, 0.25),  # share of each pixel's difference from the mean that is left
    "shadow": (0.5, 0.75, 0.9),  # share of the light taken on one side
    "jpeg": (30.0, 15.0, 7.0),  # libjpeg's quality
    "rain": (20.0, 50.0, 100.0),  # streaks
    "rotation": (5.0, 10.0, 18.0),  # of the camera, either way, degrees
    "shift": (0.06, 0.12, 0.2),  # of the camera's aim, any way, share
}
# Small CMOS sensors read a pixel with a noise of some 2 to 6 electrons at high gain.
READ_ELECTRONS = 3.0
GLARE_SPREAD_SHARE = 0.3
PENUMBRA_SHARE = 0.05
STREAK_SHARE = 0.15
STREAK_OPACITY = 0.8
BATCH = 32  # pictures a worker takes at a time


class Params(stage.Params):
    """How much of the test split is corrupted."""

    images: int = Field(ge=1, description="test pictures, each in every kind and severity")


def corrupt(test: Split, params: Params, *, seed: int) -> Split:
    """The same test pictures under every kind and severity, ids ``<kind>/<severity>/<id>``.

    Severities are 1, 2 and 3. Where a picture's lamp, shadow or drops are is drawn once a
    kind, so nothing but the severity changes with it.
    """
    chosen = test.take(stratified(test, params.images, seed=seed))
    batches = [chosen.take(slice(at, at + BATCH)) for at in range(0, len(chosen), BATCH)]
    x = np.concatenate(parallel.each(partial(_corrupted, seed=seed), batches, "corrupt"), axis=1)
    ids = [f"{kind}/{severity}/{name}" for kind, severity in _cells() for name in chosen.ids]
    return Split(
        x=x.reshape(-1, *x.shape[2:]),
        y=np.tile(chosen.y, len(x)),
        ids=np.array(ids, dtype=np.str_),
        groups=np.tile(chosen.groups, len(x)),
        labels=test.labels,
    )


def distort(x: Picture, kind: str, value: float, *, seed: int, name: str) -> Picture:
    """One picture under one kind of corruption at a physical value, unit as in ``SEVERITIES``."""
    return KINDS[kind](x, value, seeds.generator(seed, "field", kind, name))


def _cells() -> list[tuple[str, int]]:
    return [(kind, severity) for kind in SEVERITIES for severity in (1, 2, 3)]


def _corrupted(batch: Split, seed: int) -> NDArray[np.uint8]:
    """``[kinds * severities, pictures, h, w, channels]``."""
    pictures = to_float(np.asarray(batch.x, dtype=np.uint8))
    named = list(zip(pictures, batch.ids, strict=True))
    cells = [
        [to_uint8(distort(x, kind, value, seed=seed, name=str(name))) for x, name in named]
        for kind, values in SEVERITIES.items()
        for value in values
    ]
    return np.array(cells)


def _sensor_noise(x: Picture, electrons: float, draw: Generator) -> Picture:
    return optics.sensor_noise(x, electrons, READ_ELECTRONS, draw)


def _motion_blur(x: Picture, length_share: float, draw: Generator) -> Picture:
    return optics.motion_blur(x, length_share * max(x.shape), draw.uniform(0, 180))


def _defocus(x: Picture, radius_share: float, draw: Generator) -> Picture:
    return optics.defocus(x, radius_share * max(x.shape))


def _glare(x: Picture, veil: float, draw: Generator) -> Picture:
    return lighting.glare(
        x,
        veil=veil,
        spread_share=GLARE_SPREAD_SHARE,
        down_share=draw.uniform(-0.6, 0.2),
        right_share=draw.uniform(-0.6, 0.6),
    )


def _exposure(x: Picture, stops_ev: float, draw: Generator) -> Picture:
    return lighting.expose(x, stops_ev * draw.choice((-1, 1)))


def _contrast(x: Picture, kept_share: float, draw: Generator) -> Picture:
    return lighting.contrast(x, kept_share)


def _shadow(x: Picture, taken_share: float, draw: Generator) -> Picture:
    shadow = lighting.half_plane(
        x.shape,
        angle_deg=draw.uniform(0, 360),
        offset_share=draw.uniform(-0.35, 0.35),
        softness_share=PENUMBRA_SHARE,
    )
    return lighting.shade(x, shadow, taken_share)


def _jpeg(x: Picture, quality: float, draw: Generator) -> Picture:
    return optics.jpeg(x, round(quality))


def _rain(x: Picture, streaks: float, draw: Generator) -> Picture:
    return weather.rain(
        x,
        slant_deg=draw.uniform(-20, 20),
        streaks=round(streaks),
        length_share=STREAK_SHARE,
        opacity=STREAK_OPACITY,
        draw=draw,
    )


def _rotation(x: Picture, angle_deg: float, draw: Generator) -> Picture:
    return geometry.rotate(x, angle_deg * draw.choice((-1, 1)))


def _shift(x: Picture, shift_share: float, draw: Generator) -> Picture:
    way = draw.uniform(0, 2 * np.pi)
    length_px = shift_share * max(x.shape)
    return geometry.shift(x, round(length_px * np.sin(way)), round(length_px * np.cos(way)))


KINDS: dict[str, Callable[[Picture, float, Generator], Picture]] = {
    "sensor_noise": _sensor_noise,
    "motion_blur": _motion_blur,
    "defocus": _defocus,
    "fog": weather.fog,
    "glare": _glare,
    "exposure": _exposure,
    "contrast": _contrast,
    "shadow": _shadow,
    "jpeg": _jpeg,
    "rain": _rain,
    "rotation": _rotation,
    "shift": _shift,
}
