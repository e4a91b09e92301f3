"""A person's body, in units of the body's height.

Proportions are an average adult's: a head is an eighth to a seventh of the height, shoulders
are at 0.82, hips at 0.53, knees at 0.285 of it (Drillis and Contini, Body segment parameters,
1966).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from palisade.tasks.vision.synthesis import carried, head
from palisade.tasks.vision.synthesis.brush import Layer, Point
from palisade.tasks.vision.synthesis.clothing import clothe
from palisade.tasks.vision.synthesis.palette import Palette
from palisade.tasks.vision.synthesis.people import Person

_CROUCH = 0.2  # how far hips and all above sink

# Elbow and hand of the near and of the far arm, out from the shoulder's side.
_ARMS: dict[str, tuple[tuple[Point, Point], tuple[Point, Point]]] = {
    "hang": (((0.155, 0.65), (0.165, 0.5)), ((0.155, 0.65), (0.165, 0.5))),
    "walk": (((0.15, 0.66), (0.12, 0.53)), ((0.165, 0.65), (0.195, 0.53))),
    "pockets": (((0.185, 0.66), (0.11, 0.545)), ((0.185, 0.66), (0.11, 0.545))),
    "ring": (((0.19, 0.71), (0.15, 0.86)), ((0.155, 0.65), (0.165, 0.5))),
    "wave": (((0.225, 0.76), (0.215, 0.95)), ((0.155, 0.65), (0.165, 0.5))),
    "phone": (((0.165, 0.66), (0.05, 0.765)), ((0.155, 0.65), (0.165, 0.5))),
    "hips": (((0.235, 0.68), (0.12, 0.565)), ((0.235, 0.68), (0.12, 0.565))),
    "crouch": (((0.17, 0.68), (0.08, 0.6)), ((0.17, 0.68), (0.06, 0.58))),
    "hold": (((0.17, 0.655), (0.09, 0.61)), ((0.17, 0.655), (0.09, 0.61))),
    "canopy": (((0.15, 0.67), (0.06, 0.74)), ((0.155, 0.65), (0.165, 0.5))),
}


@dataclass(frozen=True)
class Body:
    """Where things are on a person, once turned and bent.

    Attributes:
        wide: breadth of trunk and limbs against an average one seen from the front.
        thick: breadth of limbs.
        sink: how much lower all above the knees is.
        stride: how far a foot is before the other, -1 to 1.
    """

    wide: float
    thick: float
    sink: float
    stride: float


def sink(person: Person) -> float:
    """How much lower the head of a person is than of one who stands, share of the height."""
    return _CROUCH if person.pose == "crouch" else 0.0


def draw(layer: Layer, person: Person, palette: Palette, *, stride: float) -> None:
    """Draw a person on a layer whose unit is the person's height.

    Args:
        layer: its origin is the ground between the feet.
        person: who.
        palette: how the camera sees materials.
        stride: of one who walks, -1 to 1.
    """
    if person.cutout:
        raise ValueError("a cut-out is stamped, not drawn")
    side = person.facing == "side"
    body = Body(
        wide=person.build * (0.72 if side else 1.0),
        thick=0.75 + 0.25 * person.build,
        sink=sink(person),
        stride=stride if person.pose == "walk" else 0.0,
    )
    carried.behind(layer, person, palette, body.sink)
    if person.facing != "front":
        _arm(layer, person, body, palette, far=True)
    _legs(layer, person, body, palette)
    clothe(layer, person, body.wide, body.sink, palette)
    if person.facing == "front":
        _arm(layer, person, body, palette, far=True)
    centre = (0.012 if side else 0.0, 0.93 - body.sink)
    _neck(layer, person, body, palette)
    head.draw(layer, person, palette, centre)
    carried.on_back(layer, person, palette, body.sink)
    if not (person.load in ("parcel", "crate") and person.facing == "back"):
        carried.before(layer, person, palette, body.sink)
    _arm(layer, person, body, palette, far=False)
    carried.in_hand(layer, person, palette, body.sink)


def _arm(layer: Layer, person: Person, body: Body, palette: Palette, *, far: bool) -> None:
    pose = person.pose
    if person.load in ("parcel", "crate"):
        pose = "hold"
    elif person.umbrella:
        pose = "canopy"
    elbow, hand = _ARMS[pose][1 if far else 0]
    side = -1.0 if far else 1.0
    if person.facing == "side":
        shoulder, elbow, hand = _turned(pose, body, far)
    else:
        shoulder = (side * 0.118 * body.wide, 0.79)
        elbow = (side * elbow[0] * body.wide, elbow[1])
        hand = (side * hand[0] * body.wide, hand[1])
    joints = [(u, v - body.sink) for u, v in (shoulder, elbow, hand)]
    bare = person.garment in ("shirt", "dress", "vest") and person.bottoms != "trousers"
    cloth = palette.cloth(person.top_tone)
    sleeve = cloth * (0.8 if far else 0.9) if cloth > 0.2 else cloth + 0.05
    skin = palette.skin(person.skin)
    widths = [0.062 * body.thick, 0.05 * body.thick, 0.036 * body.thick]
    layer.limb(joints, widths, skin if bare else sleeve)
    if bare:
        layer.limb(joints[:2], [0.07 * body.thick, 0.058 * body.thick], sleeve)
    if pose != "pockets":
        layer.ellipse(*joints[2], 0.024, 0.027, skin)


def _turned(pose: str, body: Body, far: bool) -> tuple[Point, Point, Point]:
    """An arm seen from the side: u points where the person looks."""
    swing = body.stride * (-1 if far else 1) * 0.12
    shoulder = (-0.005, 0.79)
    reach: dict[str, tuple[Point, Point]] = {
        "ring": ((0.08, 0.7), (0.2, 0.78)),
        "wave": ((0.09, 0.73), (0.14, 0.92)),
        "phone": ((0.05, 0.66), (0.13, 0.76)),
        "hold": ((0.02, 0.65), (0.16, 0.63)),
        "canopy": ((0.05, 0.67), (0.12, 0.74)),
        "crouch": ((0.08, 0.67), (0.2, 0.66)),
        "pockets": ((-0.05, 0.65), (0.04, 0.55)),
        "hips": ((-0.06, 0.66), (0.03, 0.57)),
    }
    if pose in reach and not (far and pose in ("ring", "wave", "phone", "canopy")):
        return shoulder, *reach[pose]
    return shoulder, (swing * 0.6 - 0.02, 0.65), (swing + 0.02, 0.51)


def _legs(layer: Layer, person: Person, body: Body, palette: Palette) -> None:
    skin, cloth = palette.skin(person.skin), palette.cloth(person.bottom_tone)
    shoe = palette.cloth(person.shoe_tone)
    bare = person.bottoms != "trousers" or person.garment == "dress"
    thick = body.thick
    for side in (-1.0, 1.0):
        hip, knee, foot = _leg(person, body, side)
        darker = 0.86 if side < 0 else 1.0
        leg = (skin if bare else cloth) * darker
        layer.limb([hip, knee, foot], [0.1 * thick, 0.07 * thick, 0.05 * thick], leg)
        if person.bottoms == "shorts" and person.garment != "dress":
            layer.limb([hip, knee], [0.105 * thick, 0.09 * thick], cloth * darker)
        ahead = 0.03 if person.facing == "side" else 0.012 * side
        layer.ellipse(
            foot[0] + ahead, foot[1] - 0.012, 0.05 if ahead == 0.03 else 0.034, 0.02, shoe
        )
    if person.bottoms == "skirt" and person.garment not in ("dress", "coat"):
        hem, top = 0.3 - body.sink / 2, 0.58 - body.sink
        flare = 0.15 * body.wide
        layer.polygon(
            [(-0.09 * body.wide, top), (0.09 * body.wide, top), (flare, hem), (-flare, hem)], cloth
        )


def _leg(person: Person, body: Body, side: float) -> tuple[Point, Point, Point]:
    hip = (side * 0.05 * body.wide, 0.52 - body.sink)
    if person.facing == "side":
        step = body.stride * side * 0.13
        bend = 0.14 if body.sink else 0.02 + max(0.0, step) * 0.3
        return hip, (step * 0.5 + bend, 0.28), (step, 0.03 + max(0.0, -step) * 0.25)
    lift = max(0.0, body.stride * side) * 0.06
    spread = 0.16 if body.sink else 0.06
    return hip, (side * spread * body.wide, 0.285 + lift / 2), (side * 0.07, 0.03 + lift)


def _neck(layer: Layer, person: Person, body: Body, palette: Palette) -> None:
    skin = palette.skin(person.skin) * 0.82
    layer.limb([(0, 0.8 - body.sink), (0.006, 0.88 - body.sink)], [0.06, 0.05 * body.thick], skin)
    if person.scarf or person.garment in ("coat", "jacket"):
        tone = palette.cloth(person.pattern_tone if person.scarf else person.top_tone)
        breadth = 0.055 if person.scarf else 0.048
        layer.ellipse(0.0, 0.835 - body.sink, breadth, 0.022, float(np.clip(tone * 0.85, 0, 1)))
