"""The operations of augmentation: how often each acts, how strongly, and what it does.

Every strength is drawn uniformly between two bounds. Lengths are shares of a picture's side, so
that one setting means the same at any resolution.
"""

from __future__ import annotations

from typing import Annotated

from numpy.random import Generator
from pydantic import AfterValidator, Field

from palisade import augmentation
from palisade.ranges import PositiveRange, Range, between
from palisade.tasks.vision.distortion import geometry, lighting, optics, weather
from palisade.tasks.vision.samples.pixels import Picture

_EDGE_SHARE = 0.35  # a shadow's edge is at most so far from the middle, and so crosses the picture


def _at_most_one(bounds: list[float]) -> list[float]:
    if bounds[0] < 0 or bounds[1] > 1:
        raise ValueError("a share is from 0 to 1")
    return bounds


def _jpeg_quality(bounds: list[float]) -> list[float]:
    if bounds[0] < 1 or bounds[1] > 95:
        raise ValueError("a quality is from 1 to 95")
    return bounds


Share = Annotated[Range, AfterValidator(_at_most_one)]
PositiveShare = Annotated[PositiveRange, AfterValidator(_at_most_one)]
Quality = Annotated[Range, AfterValidator(_jpeg_quality)]


class Operation(augmentation.Operation):
    """One operation on a picture."""

    def apply(self, x: Picture, draw: Generator) -> Picture:
        """The picture after it, at a strength that is drawn."""
        raise NotImplementedError


class Mirror(Operation):
    """Left and right exchanged."""

    def apply(self, x: Picture, draw: Generator) -> Picture:
        return geometry.mirror(x)


class Rotation(Operation):
    """A camera that hangs askew."""

    angle_deg: Range = Field(description="clockwise; negative is counterclockwise")

    def apply(self, x: Picture, draw: Generator) -> Picture:
        return geometry.rotate(x, between(self.angle_deg, draw))


class Zoom(Operation):
    """Another distance or focal length."""

    factor: PositiveRange = Field(description="larger; below 1 is smaller")

    def apply(self, x: Picture, draw: Generator) -> Picture:
        return geometry.zoom(x, between(self.factor, draw))


class Crop(Operation):
    """A part of the picture, anywhere in it."""

    kept_share: PositiveShare = Field(description="of each side")

    def apply(self, x: Picture, draw: Generator) -> Picture:
        return geometry.crop(x, between(self.kept_share, draw), draw.random(), draw.random())


class Shift(Operation):
    """Another place in the picture, by whole pixels."""

    shift_share: Range = Field(description="down, and to the right, each drawn; of the side")

    def apply(self, x: Picture, draw: Generator) -> Picture:
        side = max(x.shape)
        down, right = (round(between(self.shift_share, draw) * side) for _ in range(2))
        return geometry.shift(x, down, right)


class Patch(Operation):
    """Something that hides a part (DeVries and Taylor 2017, arXiv:1708.04552)."""

    side_share: Share = Field(description="of each of its sides, of the picture's side")

    def apply(self, x: Picture, draw: Generator) -> Picture:
        rows, columns, channels = x.shape
        height, width = (round(between(self.side_share, draw) * max(x.shape)) for _ in range(2))
        # Its middle is in the picture, so a part of it may stand out.
        top, left = draw.integers(rows) - height // 2, draw.integers(columns) - width // 2
        return geometry.cover(x, (int(top), int(left), height, width), draw.random(channels))


class Shadow(Operation):
    """A wall's shadow over one side, or a post's across the picture."""

    taken_share: Share = Field(description="of the light")
    softness_share: Share = Field(description="width of the penumbra, of the side")
    band_share: float = Field(ge=0, le=1, description="of the shadows that are a post's")
    width_share: Share = Field(description="of a post's shadow, of the side")

    def apply(self, x: Picture, draw: Generator) -> Picture:
        shadow = self._shadow(x.shape, draw)
        return lighting.shade(x, shadow, between(self.taken_share, draw))

    def _shadow(self, shape: tuple[int, ...], draw: Generator) -> Picture:
        angle, offset = draw.uniform(0, 360), draw.uniform(-_EDGE_SHARE, _EDGE_SHARE)
        soft = between(self.softness_share, draw)

        def beyond(offset_share: float) -> Picture:
            return lighting.half_plane(
                shape, angle_deg=angle, offset_share=offset_share, softness_share=soft
            )

        if draw.random() < self.band_share:
            return beyond(offset) - beyond(offset + between(self.width_share, draw))
        return beyond(offset)


class Backlight(Operation):
    """A low sun or a lamp that shines into the lens, against which the camera stops down."""

    veil: Share = Field(description="scattered light at the source, of full scale")
    spread_share: PositiveRange = Field(description="where it is half as strong, of the side")
    underexposure_ev: Range = Field(description="stops by which the rest is darker")

    def apply(self, x: Picture, draw: Generator) -> Picture:
        dark = lighting.expose(x, -between(self.underexposure_ev, draw))
        return lighting.glare(
            dark,
            veil=between(self.veil, draw),
            spread_share=between(self.spread_share, draw),
            down_share=draw.uniform(-0.6, 0.2),  # rarely low in the picture, at times above it
            right_share=draw.uniform(-0.6, 0.6),
        )


class Lighting(Operation):
    """Another exposure and black level."""

    exposure_ev: Range = Field(description="stops; negative is darker")
    bias: Range = Field(description="black level raised, of full scale")

    def apply(self, x: Picture, draw: Generator) -> Picture:
        exposed = lighting.expose(x, between(self.exposure_ev, draw))
        return lighting.bias(exposed, between(self.bias, draw))


class Rain(Operation):
    """Rain between the camera and the scene."""

    streaks: PositiveRange = Field(description="number of them")
    length_share: Share = Field(description="of a streak, of the side")
    slant_deg: Range = Field(description="from the vertical")
    opacity: Share = Field(description="of the nearest streaks")

    def apply(self, x: Picture, draw: Generator) -> Picture:
        return weather.rain(
            x,
            streaks=round(between(self.streaks, draw)),
            length_share=between(self.length_share, draw),
            slant_deg=between(self.slant_deg, draw),
            opacity=between(self.opacity, draw),
            draw=draw,
        )


class LensBlur(Operation):
    """Out of focus, or a wet lens."""

    radius_share: Share = Field(description="of the disc that a point becomes, of the side")

    def apply(self, x: Picture, draw: Generator) -> Picture:
        return optics.defocus(x, between(self.radius_share, draw) * max(x.shape))


class MotionBlur(Operation):
    """Somebody, or the door, moves while the shutter is open."""

    length_share: Share = Field(description="of the way, of the side")

    def apply(self, x: Picture, draw: Generator) -> Picture:
        length_px = between(self.length_share, draw) * max(x.shape)
        return optics.motion_blur(x, length_px, draw.uniform(0, 180))


class SensorNoise(Operation):
    """Few photons, amplified."""

    full_scale_electrons: PositiveRange = Field(description="that a pixel collects at full scale")
    read_electrons: PositiveRange = Field(description="standard deviation of reading a pixel")

    def apply(self, x: Picture, draw: Generator) -> Picture:
        full, read = between(self.full_scale_electrons, draw), between(self.read_electrons, draw)
        return optics.sensor_noise(x, full, read, draw)


class Gamma(Operation):
    """Another tone curve."""

    exponent: PositiveRange = Field(description="of encoded values; below 1 is brighter")

    def apply(self, x: Picture, draw: Generator) -> Picture:
        return lighting.gamma(x, between(self.exponent, draw))


class Sharpening(Operation):
    """A camera that sharpens by itself."""

    amount: PositiveRange = Field(description="times the difference from a blur is added")
    radius_share: PositiveRange = Field(description="of the Gaussian blur, of the side")

    def apply(self, x: Picture, draw: Generator) -> Picture:
        amount, radius = between(self.amount, draw), between(self.radius_share, draw)
        return optics.sharpen(x, amount, radius * max(x.shape))


class Jpeg(Operation):
    """A camera that compresses."""

    quality: Quality = Field(description="libjpeg's, 1 to 95")

    def apply(self, x: Picture, draw: Generator) -> Picture:
        return optics.jpeg(x, round(between(self.quality, draw)))
