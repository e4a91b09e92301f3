"""Draws whatever stands in a picture on a layer of its own, where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.random import Generator
from PIL import Image

from palisade.tasks.vision.synthesis import figure, people, things
from palisade.tasks.vision.synthesis.brush import Layer
from palisade.tasks.vision.synthesis.palette import Palette
from palisade.tasks.vision.synthesis.params import Params
from palisade.tasks.vision.synthesis.people import Person
from palisade.tasks.vision.synthesis.picture import Stand
from palisade.tasks.vision.synthesis.things import Thing
from palisade.tasks.vision.synthesis.view import View

_SWAY = 0.012  # standard deviation of a person's lean from frame to frame
_BREEZE = 0.03  # the same of a plant in the wind
_NECK = 0.865  # of a person's height
_FLAT = frozenset({"poster"})
_PLANTS = frozenset({"cypress", "shrub", "pot", "foliage"})


class Supply(Protocol):
    """Where cut-outs come from, and what people look like."""

    @property
    def params(self) -> Params: ...
    @property
    def cutouts(self) -> Mapping[str, Image.Image]: ...


@dataclass(frozen=True)
class Drawn:
    """Somebody or something on a layer.

    Attributes:
        layer: with nothing else on it.
        away_m: distance from the camera.
        foot_px: row of its foot.
        neck_px: row above which a person has the head.
        flat: whether it has no roundness.
        shadow_only: whether only the layer's shadow is to be seen.
        slope: of that shadow.
    """

    layer: Layer
    away_m: float
    foot_px: float
    neck_px: float
    flat: bool = False
    shadow_only: bool = False
    slope: float = 0.0


def draw(
    stand: Stand,
    view: View,
    palette: Palette,
    supply: Supply,
    *,
    frame: int,
    windy: bool,
    dice: Generator,
) -> Drawn:
    """Draw what stands somewhere, in one frame.

    Args:
        stand: who or what, and where.
        view: the camera.
        palette: how it sees materials.
        supply: cut-outs, and what people look like.
        frame: the frame's number.
        windy: whether plants move.
        dice: for what differs from frame to frame.
    """
    across, away = stand.spot.at(frame)
    what, foot = stand.what, (across * view.extent_px, view.row(away))
    neck = view.row(away, _NECK * what.height_m)
    if isinstance(what, Person):
        sway = dice.normal(0, _SWAY) if frame else 0.0
        layer = _person_layer(replace(what, lean=what.lean + sway), foot, away, view)
        if what.cutout:
            layer.stamp(supply.cutouts[what.cutout], 1.0)
        else:
            figure.draw(layer, what, palette, stride=stand.spot.stride * (-1) ** frame)
        return Drawn(layer, away, foot[1], neck + figure.sink(what) * layer.unit_px)
    look = np.random.default_rng(what.look)
    if what.kind == things.SHADOW:
        person = people.draw(supply.params.people, look)
        layer = _person_layer(person, foot, away, view)
        figure.draw(layer, person, palette, stride=1.0)
        slope = what.tone - what.second_tone
        return Drawn(layer, away, foot[1], neck, shadow_only=True, slope=slope)
    lean = dice.normal(0, _BREEZE) if windy and what.kind in _PLANTS else 0.0
    layer = _thing_layer(what, foot, away, view, lean)
    things.paint(layer, what, palette, look)
    return Drawn(layer, away, foot[1], neck, flat=what.kind in _FLAT)


def _person_layer(person: Person, foot: tuple[float, float], away: float, view: View) -> Layer:
    return Layer(
        view.extent_px,
        *foot,
        view.scale(away) * person.height_m,
        mirrored=person.mirrored,
        lean=person.lean,
    )


def _thing_layer(
    thing: Thing, foot: tuple[float, float], away: float, view: View, lean: float
) -> Layer:
    return Layer(view.extent_px, *foot, view.scale(away), mirrored=thing.mirrored, lean=lean)
