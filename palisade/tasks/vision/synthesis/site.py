"""A place in the making: sky, ground, walls and trees, each with its distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from palisade.tasks.vision.synthesis import textures
from palisade.tasks.vision.synthesis.homes import Home
from palisade.tasks.vision.synthesis.palette import Palette
from palisade.tasks.vision.synthesis.view import View

Grey = NDArray[np.float32]
_SKY_M = 1e6


@dataclass(frozen=True)
class Backdrop:
    """A place without light, each array ``[extent_px, extent_px]`` float32.

    Attributes:
        grey: what each surface reflects.
        distance_m: how far it is.
        sky: 1 where there is sky, which gives light of its own.
        glow: light of its own after dusk: windows, street lamps.
    """

    grey: Grey
    distance_m: Grey
    sky: Grey
    glow: Grey


class Site:
    """A backdrop in the making."""

    def __init__(self, home: Home, seen: View, palette: Palette, dice: Generator) -> None:
        self.home, self.view, self.palette, self.dice = home, seen, palette, dice
        extent = seen.extent_px
        self.grey = np.zeros((extent, extent), np.float32)
        self.distance_m = np.full((extent, extent), _SKY_M, np.float32)
        self.sky_mask = np.zeros((extent, extent), np.float32)
        self.glow = np.zeros((extent, extent), np.float32)

    def finish(self) -> Backdrop:
        """What was painted."""
        return Backdrop(np.clip(self.grey, 0.02, 1), self.distance_m, self.sky_mask, self.glow)

    def sky(self) -> None:
        """A sky with soft clouds over the whole canvas."""
        extent = self.view.extent_px
        soft = textures.rough(extent, extent, extent / 3, self.dice)
        self.grey[:] = self.home.sky_tone + np.float32(0.05) * soft
        self.sky_mask[:] = 1

    def ground(self) -> None:
        """Ground up to the horizon, in the home's paving."""
        home, extent = self.home, self.view.extent_px
        top = min(extent - 1, int(self.view.horizon_px) + 1)
        rows = np.arange(top, extent, dtype=np.float32) + np.float32(0.5)
        far = self.view.focal_px * self.view.camera_m / (rows - self.view.horizon_px)
        aside = (np.arange(extent, dtype=np.float32) + 0.5 - extent / 2) / self.view.focal_px
        right = aside[None, :] * far[:, None]
        away = np.repeat(far[:, None], extent, axis=1)
        tone = self._paving(right, away, home.ground)
        self.grey[top:] = tone
        self.distance_m[top:] = away
        self.sky_mask[top:] = 0
        if home.mat:
            self._mat()

    def lawn(self, path_m: float) -> None:
        """Grass beside a path so wide."""
        extent = self.view.extent_px
        top = min(extent - 1, int(self.view.horizon_px) + 1)
        far = self.distance_m[top:]
        right = (np.arange(extent) + 0.5 - extent / 2)[None, :] * far / self.view.focal_px
        grass = self.palette.leaf(0.36) + np.float32(0.035) * textures.rough(
            extent - top, extent, 5, self.dice
        )
        beside = (np.abs(right) > path_m / 2) & (far > 1.1)
        self.grey[top:] = np.where(beside, grass, self.grey[top:])

    def wall(self, distance_m: float, height_m: float, kind: str, tone: float) -> None:
        """A wall, fence or hedge right across, so far off and so high."""
        extent = self.view.extent_px
        top = max(0, int(self.view.row(distance_m, height_m)))
        bottom = min(extent, int(self.view.row(distance_m)) + 1)
        if bottom - top < 2:
            return
        scale = self.view.scale(distance_m)
        face, cover = self._face(bottom - top, extent, scale, kind, tone)
        self.put(face, cover, distance_m, top, 0)

    def put(
        self, face: Grey, cover: NDArray[np.bool_], distance_m: float, top: int, left: int
    ) -> None:
        """A flat piece at a distance, where it covers; what is outside the canvas is cut off."""
        box = (slice(top, top + face.shape[0]), slice(left, left + face.shape[1]))
        self.grey[box] = np.where(cover, face, self.grey[box])
        self.distance_m[box] = np.where(cover, np.float32(distance_m), self.distance_m[box])
        self.sky_mask[box] = np.where(cover, np.float32(0), self.sky_mask[box])
        self.glow[box] = np.where(cover, np.float32(0), self.glow[box])

    def panel(
        self,
        distance_m: float,
        span_m: tuple[float, float, float, float],
        tone: float,
        *,
        glow: float = 0.0,
    ) -> None:
        """A plain rectangle: left, bottom, right and top in metres from lens and ground."""
        left, bottom, right, top = span_m
        columns = [round(self.view.column(distance_m, at)) for at in (left, right)]
        rows = [round(self.view.row(distance_m, at)) for at in (top, bottom)]
        extent = self.view.extent_px
        x = slice(max(0, columns[0]), min(extent, max(columns[1], columns[0] + 1)))
        y = slice(max(0, rows[0]), min(extent, max(rows[1], rows[0] + 1)))
        self.grey[y, x] = tone
        self.distance_m[y, x] = distance_m
        self.sky_mask[y, x] = 0
        self.glow[y, x] = glow

    def crowns(self, distance_m: float, height_m: float, number: int) -> None:
        """Trees in the distance."""
        extent = self.view.extent_px
        stencil = Image.new("L", (extent, extent))
        pen = ImageDraw.Draw(stencil)
        for _ in range(number):
            x = self.dice.uniform(0, extent)
            tall = self.view.scale(distance_m) * height_m * self.dice.uniform(0.6, 1.2)
            foot = self.view.row(distance_m)
            pen.rectangle([x - 1, foot - tall * 0.6, x + 1, foot], fill=255)
            for _ in range(7):
                dx, dy = self.dice.normal(0, 0.16 * tall), self.dice.normal(0, 0.1 * tall)
                r = self.dice.uniform(0.12, 0.22) * tall
                cx, cy = x + dx, foot - 0.72 * tall + dy
                pen.ellipse([cx - r, cy - r, cx + r, cy + r], fill=255)
        leaves = self.palette.leaf(0.3) + np.float32(0.04) * textures.rough(
            extent, extent, 6, self.dice
        )
        self.put(leaves.astype(np.float32), np.asarray(stencil) > 0, distance_m, 0, 0)

    def _mat(self) -> None:
        near, far, half = 0.75, 1.25, self.dice.uniform(0.35, 0.5)
        corners = [(-half, near), (half, near), (half, far), (-half, far)]
        image = Image.new("L", self.grey.shape)
        ImageDraw.Draw(image).polygon(
            [(self.view.column(z, x), self.view.row(z)) for x, z in corners], fill=255
        )
        fibres = self.dice.uniform(0.12, 0.5) + np.float32(0.05) * self.dice.standard_normal(
            self.grey.shape, dtype=np.float32
        )
        self.grey = np.where(np.asarray(image) > 0, fibres.astype(np.float32), self.grey)

    def _paving(self, right: Grey, away: Grey, kind: str) -> Grey:
        tone, dice = self.home.ground_tone, self.dice
        greys = dice.normal(0, 0.05, (64, 64)).astype(np.float32)
        along, across = {
            "slabs": (0.6, 0.6),
            "tiles": (0.3, 0.3),
            "planks": (50.0, 0.14),
            "path": (0.2, 0.1),
            "gravel": (0.05, 0.05),
        }[kind]
        row, column = np.floor(away / along), np.floor(right / across)
        own = greys[row.astype(int) % 64, column.astype(int) % 64]
        fade = np.clip(self.view.focal_px * across / away / 4, 0, 1)  # too fine to be resolved
        joint_px = self.view.focal_px / away * ((right / across - column) * across)
        depth_px = self.view.focal_px * self.view.camera_m / away**2 * (away - row * along)
        joints = (joint_px < 1) | (depth_px < 1)
        surface = np.where(joints & (kind != "gravel"), -0.12, own) * fade
        worn = textures.rough(right.shape[0], right.shape[1], right.shape[1] / 5, dice)
        return np.asarray(tone + surface + 0.035 * worn, np.float32)

    def _face(
        self, height: int, width: int, scale: float, kind: str, tone: float
    ) -> tuple[Grey, NDArray[np.bool_]]:
        dice = self.dice
        cover = np.ones((height, width), bool)
        if kind == "brick":
            face = textures.courses(height, width, (0.11 * scale, 0.3 * scale), 0.1, dice)
        elif kind == "blocks":
            face = textures.courses(height, width, (0.3 * scale, 0.6 * scale), -0.12, dice)
        elif kind == "boards":
            face = np.repeat(textures.boards(height, 0.18 * scale, 0.15, dice)[:, None], width, 1)
        elif kind == "pickets":
            row = textures.boards(width, 0.16 * scale, 0.3, dice)
            face = np.repeat(row[None, :], height, 0)
            cover = np.repeat((row > -0.29)[None, :], height, 0)
            for rail in (0.25, 0.75):
                at = int(rail * height)
                cover[at : at + max(1, height // 12)] = True
                face[at : at + max(1, height // 12)] = -0.05
        elif kind == "hedge":
            tone = self.palette.leaf(0.28)
            face = 0.05 * textures.rough(height, width, 5, dice)
            ragged = np.abs(textures.rough(1, width, 8, dice)[0]) * 0.06 * height
            cover = np.arange(height)[:, None] >= ragged[None, :]
        else:
            face = np.zeros((height, width), np.float32)
        worn = 0.03 * textures.rough(height, width, width / 4, dice)
        return np.asarray(tone + face + worn, np.float32), cover
