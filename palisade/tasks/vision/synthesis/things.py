"""What stands about that is no person: kinds, and how each is drawn.

A thing is drawn in metres on a layer whose origin is its foot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from numpy.random import Generator

from palisade.ranges import between
from palisade.tasks.vision.synthesis import furniture, lookalikes, outdoors, pets, plants
from palisade.tasks.vision.synthesis.brush import Layer
from palisade.tasks.vision.synthesis.palette import Palette
from palisade.tasks.vision.synthesis.params import People

SHADOW = "shadow"  # of somebody outside the picture; cast, not drawn
LOOKALIKES = ("coat_stand", "coat_stand", "poster", SHADOW)
LARGE = ("cypress", "shrub", "parasol", "urn", "lamp", "bin", "stroller", "boxes", "bicycle")
SMALL = ("parcel", "bin", "pot", "boots")
PETS = ("dog", "cat")
BEFORE = ("post", "frame", "foliage", "near_parcel")
CAR = "car"

# A thing's height in metres; the paintings keep to it.
HEIGHTS_M: dict[str, list[float]] = {
    "coat_stand": [1.55, 1.95],
    "poster": [1.2, 1.8],
    SHADOW: [1.5, 1.95],
    "cypress": [1.4, 2.1],
    "shrub": [0.9, 1.6],
    "parasol": [1.7, 2.3],
    "urn": [1.1, 1.7],
    "lamp": [1.4, 1.9],
    "bin": [0.9, 1.3],
    "stroller": [0.95, 1.15],
    "boxes": [0.9, 1.7],
    "bicycle": [0.95, 1.15],
    "parcel": [0.2, 0.5],
    "pot": [0.4, 0.8],
    "boots": [0.25, 0.4],
    "dog": [0.5, 0.95],
    "cat": [0.35, 0.55],
    "post": [3.0, 3.0],
    "frame": [3.0, 3.0],
    "foliage": [0.8, 1.05],
    "near_parcel": [0.6, 0.9],
    CAR: [1.4, 1.75],
}

Painter = Callable[[Layer, "Thing", Palette, Generator], None]


@dataclass(frozen=True)
class Thing:
    """One thing.

    Attributes:
        kind: a key of ``HEIGHTS_M``.
        height_m: how tall.
        tone, second_tone: its greys by day.
        mirrored: turned to the other side.
        look: seeds its smaller shapes.
    """

    kind: str
    height_m: float
    tone: float
    second_tone: float
    mirrored: bool
    look: int


def draw(kind: str, bounds: People, dice: Generator) -> Thing:
    """Draw a thing of a kind, in the greys that people's clothes have."""
    return Thing(
        kind=kind,
        height_m=round(between(HEIGHTS_M[kind], dice), 3),
        tone=round(between(bounds.tone, dice), 3),
        second_tone=round(between(bounds.tone, dice), 3),
        mirrored=bool(dice.random() < 0.5),
        look=int(dice.integers(2**31)),
    )


def paint(layer: Layer, thing: Thing, palette: Palette, dice: Generator) -> None:
    """Draw a thing on a layer in metres.

    Args:
        layer: its origin is the thing's foot.
        thing: what; any kind but a shadow.
        palette: how the camera sees materials.
        dice: seeded by ``thing.look``.
    """
    _PAINTERS[thing.kind](layer, thing, palette, dice)


_PAINTERS: dict[str, Painter] = {
    "coat_stand": lookalikes.coat_stand,
    "poster": lookalikes.poster,
    "cypress": plants.cypress,
    "shrub": plants.shrub,
    "pot": plants.pot,
    "foliage": plants.foliage,
    "parasol": furniture.parasol,
    "urn": furniture.urn,
    "lamp": furniture.lamp,
    "boots": furniture.boots,
    "boxes": furniture.boxes,
    "parcel": furniture.parcel,
    "near_parcel": furniture.parcel,
    "post": furniture.post,
    "frame": furniture.frame,
    "bin": outdoors.wheeled_bin,
    "stroller": outdoors.stroller,
    "bicycle": outdoors.bicycle,
    CAR: outdoors.car,
    "dog": pets.dog,
    "cat": pets.cat,
}
