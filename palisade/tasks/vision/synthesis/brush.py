"""Draws one thing on a layer of its own: grey and coverage, in metres from where it stands.

A layer has the size of the whole canvas. Its origin is where the thing meets the ground, u
points to the right and v up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

Point = tuple[float, float]


class Layer:
    """A transparent canvas that is drawn on in a thing's own units.

    Args:
        extent_px: width and height of the canvas.
        x_px, y_px: the origin.
        unit_px: pixels in one unit.
        mirrored: u points to the left.
        lean: how far a point moves to the right per unit of its height.
    """

    def __init__(
        self,
        extent_px: int,
        x_px: float,
        y_px: float,
        unit_px: float,
        *,
        mirrored: bool = False,
        lean: float = 0.0,
    ) -> None:
        self.extent_px = extent_px
        self.x_px, self.y_px, self.unit_px = x_px, y_px, unit_px
        self.sign = -1.0 if mirrored else 1.0
        self.lean = lean
        self.image = Image.new("LA", (extent_px, extent_px))
        self._pen = ImageDraw.Draw(self.image)

    def at(self, u: float, v: float) -> Point:
        """A point on the canvas, in pixels."""
        x = self.x_px + self.unit_px * (self.sign * u + self.lean * v)
        return x, self.y_px - self.unit_px * v

    def polygon(self, points: Sequence[Point], tone: float) -> None:
        """A filled outline."""
        self._pen.polygon([self.at(*point) for point in points], fill=_ink(tone))

    def box(self, left: float, bottom: float, right: float, top: float, tone: float) -> None:
        """A rectangle, leaning as all does."""
        corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
        self.polygon(corners, tone)

    def ellipse(self, u: float, v: float, half_u: float, half_v: float, tone: float) -> None:
        """A filled ellipse about a point."""
        self._pen.ellipse(self._around(u, v, half_u, half_v), fill=_ink(tone))

    def dome(self, u: float, v: float, half_u: float, half_v: float, tone: float) -> None:
        """The upper half of an ellipse about a point."""
        self._pen.pieslice(self._around(u, v, half_u, half_v), 180, 360, fill=_ink(tone))

    def ring(self, u: float, v: float, radius: float, width: float, tone: float) -> None:
        """A circle's line."""
        thick = max(1, round(width * self.unit_px))
        self._pen.ellipse(self._around(u, v, radius, radius), outline=_ink(tone), width=thick)

    def line(self, points: Sequence[Point], width: float, tone: float) -> None:
        """A line, at least a pixel wide."""
        thick = max(1, round(width * self.unit_px))
        self._pen.line([self.at(*point) for point in points], fill=_ink(tone), width=thick)

    def limb(self, points: Sequence[Point], widths: Sequence[float], tone: float) -> None:
        """A chain of tapered, round-ended pieces: an arm, a leg, a tail."""
        joints = [self.at(*point) for point in points]
        radii = [max(0.5, width * self.unit_px / 2) for width in widths]
        for (start, r0), (end, r1) in zip(
            zip(joints, radii, strict=True), zip(joints[1:], radii[1:], strict=False), strict=False
        ):
            dx, dy = end[0] - start[0], end[1] - start[1]
            length = math.hypot(dx, dy) or 1.0
            nx, ny = -dy / length, dx / length
            self._pen.polygon(
                [
                    (start[0] + nx * r0, start[1] + ny * r0),
                    (end[0] + nx * r1, end[1] + ny * r1),
                    (end[0] - nx * r1, end[1] - ny * r1),
                    (start[0] - nx * r0, start[1] - ny * r0),
                ],
                fill=_ink(tone),
            )
        for (x, y), r in zip(joints, radii, strict=True):
            self._pen.ellipse([x - r, y - r, x + r, y + r], fill=_ink(tone))

    def within(self, points: Sequence[Point], pattern: NDArray[np.bool_], tone: float) -> None:
        """Ink where a pattern ``[extent_px, extent_px]`` is true inside an outline."""
        area = Image.new("L", self.image.size)
        ImageDraw.Draw(area).polygon([self.at(*point) for point in points], fill=255)
        stencil = ImageChops.multiply(area, Image.fromarray(pattern.view(np.uint8) * np.uint8(255)))
        self.image.paste(_ink(tone), (0, 0), stencil)

    def keep(self, points: Sequence[Point]) -> None:
        """Take away all that lies outside an outline."""
        area = Image.new("L", self.image.size)
        ImageDraw.Draw(area).polygon([self.at(*point) for point in points], fill=255)
        grey, cover = self.image.split()
        self._replace(Image.merge("LA", (grey, ImageChops.multiply(cover, area))))

    def print(self, other: Layer, *, contrast: float, middle: float) -> None:
        """Put another layer on top, its greys pulled towards a middle one."""
        grey, cover = other.image.split()
        offset = 255 * middle * (1 - contrast)
        self.image.paste(
            Image.merge("LA", (grey.point(lambda value: value * contrast + offset), cover)),
            (0, 0),
            cover,
        )

    def stamp(self, cutout: Image.Image, height: float) -> None:
        """Put a cut-out in mode LA with its foot at the origin, so many units high."""
        tall = max(2, round(height * self.unit_px))
        wide = max(2, round(tall * cutout.width / cutout.height))
        scaled = cutout.resize((wide, tall), Image.Resampling.BILINEAR)
        if self.sign < 0:
            scaled = scaled.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        self.image.paste(scaled, (round(self.x_px - wide / 2), round(self.y_px - tall)))

    def _around(self, u: float, v: float, half_u: float, half_v: float) -> list[float]:
        x, y = self.at(u, v)
        rx, ry = max(0.5, half_u * self.unit_px), max(0.5, half_v * self.unit_px)
        return [x - rx, y - ry, x + rx, y + ry]

    def _replace(self, image: Image.Image) -> None:
        self.image = image
        self._pen = ImageDraw.Draw(image)


def _ink(tone: float) -> tuple[int, int]:
    return min(255, max(0, round(255 * tone))), 255
