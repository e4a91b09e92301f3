"""Puts a picture together: the place, what stands in it from far to near, rain, the camera."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from palisade import seeds
from palisade.tasks.vision.synthesis import backdrop, camera, lighting, shading, standing, view
from palisade.tasks.vision.synthesis.homes import Home
from palisade.tasks.vision.synthesis.palette import Palette
from palisade.tasks.vision.synthesis.params import Params
from palisade.tasks.vision.synthesis.picture import Picture, Stand
from palisade.tasks.vision.synthesis.placing import NEAR_M
from palisade.tasks.vision.synthesis.site import Backdrop
from palisade.tasks.vision.synthesis.standing import Drawn

Grey = NDArray[np.float32]
Factors = dict[tuple[int, str], float]  # of contrast, by stand and part, as in the first frame

_BACKLIT = 0.42  # light on what faces the camera when the light is behind it
_SUN_SQUASH, _SUN_DEPTH = 0.22, 0.4  # of the sun's shadows
_STRANGER_SQUASH, _STRANGER_DEPTH = 0.62, 0.55  # of a shadow that comes without its owner
_SHADOW_SEEN = 0.3  # such a shadow counts where it is so dark


@dataclass(frozen=True)
class Rendered:
    """One frame.

    Attributes:
        pixels: ``[image_px, image_px]`` uint8.
        visible: share of the image in which the foremost shows.
    """

    pixels: NDArray[np.uint8]
    visible: float


@dataclass(frozen=True)
class Studio:
    """What is needed to render pictures of one home.

    Attributes:
        home: the place.
        params: image sizes and contrast.
        seed: the root seed.
        background: the team's own, ``[h, w]`` uint8, if it is the home's.
        cutouts: the team's cut-outs of the split by name, in mode LA.
    """

    home: Home
    params: Params
    seed: int
    background: NDArray[np.uint8] | None
    cutouts: Mapping[str, Image.Image]

    @property
    def extent_px(self) -> int:
        """Width and height of the canvas."""
        return self.params.image_px * self.params.oversampling

    @property
    def outdoors(self) -> bool:
        """Whether rain and wind come here."""
        return self.background is not None or self.home.view != "hallway"

    def place(self, infrared: bool) -> Backdrop:
        """The empty place."""
        if self.background is not None:
            return backdrop.photograph(self.home, self.background, self.extent_px)
        return backdrop.paint(self.home, self.extent_px, infrared, self.seed)


def render(picture: Picture, studio: Studio, frames: int = 1) -> list[Rendered]:
    """Render so many frames of a picture."""
    factors: Factors = {}
    return [_frame(picture, studio, frame, factors) for frame in range(frames)]


def _frame(picture: Picture, studio: Studio, frame: int, factors: Factors) -> Rendered:
    dice = seeds.generator(
        studio.seed, "synthesize", "vision", picture.name, picture.attempt, "frame", frame
    )
    scene = _Scene(picture, studio, frame, factors, dice)
    for number, stand in enumerate(picture.stands):
        scene.add(number, stand)
    if picture.weather == "rain" and studio.outdoors:
        scene.rain()
    pixels = camera.take(scene.canvas, picture, studio.home, studio.params.image_px, dice)
    return Rendered(pixels, float(scene.foremost.mean()))


class _Scene:
    """A frame in the making: light on a canvas."""

    def __init__(
        self, picture: Picture, studio: Studio, frame: int, factors: Factors, dice: Generator
    ) -> None:
        self.picture, self.studio, self.frame, self.dice = picture, studio, frame, dice
        self.factors = factors
        self.view = view.of(studio.home, studio.extent_px)
        self.palette = Palette(picture.infrared)
        self.across = lighting.spread(picture, studio.home, studio.extent_px)
        self.canvas = lighting.backdrop(picture, studio.place(picture.infrared), self.across)
        self.foremost = np.zeros_like(self.canvas)
        gain = camera.exposure(self.canvas[::3, ::3], picture.brightness)
        self.contrast = studio.params.light.contrast_least / gain

    def add(self, number: int, stand: Stand) -> None:
        """Put somebody or something in front of what is there."""
        drawn = standing.draw(
            stand,
            self.view,
            self.palette,
            self.studio,
            frame=self.frame,
            windy=self.picture.weather == "wind" and self.studio.outdoors,
            dice=self.dice,
        )
        cover = drawn.layer.image.getchannel("A")
        if drawn.shadow_only:
            self._fall(cover, drawn, stand.foremost)
            return
        if self.picture.sun and drawn.away_m > NEAR_M:
            slope = self.picture.sun
            shadow = shading.cast(cover, drawn.foot_px, squash=_SUN_SQUASH, slope=slope)
            self.canvas *= 1 - np.float32(_SUN_DEPTH) * shadow
        box = cover.getbbox()
        if box:
            scale = self.view.scale(drawn.away_m)
            shading.contact(self.canvas, drawn.layer.x_px, drawn.foot_px, scale)
            self._paste(number, drawn, box, stand.foremost)

    def rain(self) -> None:
        """Streaks of rain, brighter than the rest."""
        extent = self.view.extent_px
        image = Image.new("L", (extent, extent))
        pen = ImageDraw.Draw(image)
        slant = self.dice.normal(0, 0.15)
        for _ in range(int(self.dice.integers(25, 70))):
            x, y = self.dice.uniform(0, extent, 2)
            long = self.dice.uniform(0.04, 0.14) * extent
            faint = int(self.dice.integers(60, 200))
            pen.line([x, y, x + slant * long, y + long], fill=faint, width=1)
        streaks = np.asarray(image, np.float32) / np.float32(255)
        bright = np.float32(1.3 * self.canvas.mean() + 0.1)
        self.canvas += streaks * (bright - np.float32(0.6) * self.canvas)

    def _fall(self, cover: Image.Image, drawn: Drawn, foremost: bool) -> None:
        """The shadow of somebody who is not in the picture."""
        shadow = shading.cast(cover, drawn.foot_px, squash=_STRANGER_SQUASH, slope=drawn.slope)
        self.canvas *= 1 - np.float32(_STRANGER_DEPTH) * shadow
        if foremost:
            self.foremost = np.maximum(self.foremost, shadow > _SHADOW_SEEN)

    def _paste(
        self, number: int, drawn: Drawn, box: tuple[int, int, int, int], foremost: bool
    ) -> None:
        image = drawn.layer.image.crop(box)
        grey, cover = (np.asarray(part, np.float32) / np.float32(255) for part in image.split())
        at = (slice(box[1], box[3]), slice(box[0], box[2]))
        behind, seen = self.canvas[at], self.foremost[at]
        lit = grey * lighting.strength(self.picture, drawn.away_m) * self.across[at]
        if self.picture.backlight:
            lit = lit * np.float32(_BACKLIT)
        if not drawn.flat:
            lit = lit * shading.roundness(image.getchannel("A"), self.picture.sun)
        neck = int(np.clip(drawn.neck_px - box[1], 0, len(lit)))
        # A head must stand out by itself: a pale coat does not make a dark head show.
        for name, part in (("head", slice(0, neck)), ("body", slice(neck, None))):
            self._set_apart((number, name), lit[part], behind[part], cover[part])
        self.canvas[at] = behind + cover * (lit - behind)
        self.foremost[at] = np.maximum(seen, cover) if foremost else seen * (1 - cover)

    def _set_apart(self, key: tuple[int, str], lit: Grey, behind: Grey, cover: Grey) -> None:
        """Give something contrast, in place; in later frames the same, if it is enough by half."""
        wanted = shading.separation(lit, behind, cover, self.contrast)
        lit *= np.float32(self.factors.setdefault(key, wanted))
        lit *= np.float32(shading.separation(lit, behind, cover, self.contrast / 2))
