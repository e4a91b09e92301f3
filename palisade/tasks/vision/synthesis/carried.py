"""What a person carries: parcels, bags, rucksacks, umbrellas."""

from __future__ import annotations

from palisade.tasks.vision.synthesis.brush import Layer
from palisade.tasks.vision.synthesis.palette import Palette
from palisade.tasks.vision.synthesis.people import Person


def behind(layer: Layer, person: Person, palette: Palette, sink: float) -> None:
    """What the trunk covers."""
    tone = palette.cloth(person.load_tone)
    if person.load == "rucksack" and person.facing == "side":
        layer.ellipse(-0.11 * person.build, 0.69 - sink, 0.075, 0.12, tone)
    if person.load in ("parcel", "crate") and person.facing == "back":
        before(layer, person, palette, sink)


def before(layer: Layer, person: Person, palette: Palette, sink: float) -> None:
    """What is held before the trunk."""
    if person.load not in ("parcel", "crate"):
        return
    half, tall = (0.13, 0.15) if person.load == "parcel" else (0.16, 0.1)
    tone, low = palette.hard(person.load_tone), 0.575 - sink
    u = 0.17 if person.facing == "side" else 0.0
    layer.box(u - half, low, u + half, low + tall, tone)
    layer.box(u - half, low + tall * 0.8, u + half, low + tall, tone * 1.15)
    if person.load == "parcel":
        layer.box(u - 0.018, low, u + 0.018, low + tall, tone * 0.72)
        layer.box(u + 0.04, low + 0.03, u + 0.1, low + 0.07, 0.92)
    else:
        layer.line([(u - half, low + tall / 2), (u + half, low + tall / 2)], 0.02, tone * 0.6)


def on_back(layer: Layer, person: Person, palette: Palette, sink: float) -> None:
    """What is worn over the trunk: a rucksack, or its straps."""
    if person.load != "rucksack" or person.facing == "side":
        return
    tone = palette.cloth(person.load_tone)
    if person.facing == "back":
        layer.ellipse(0, 0.7 - sink, 0.1, 0.125, tone)
        layer.box(-0.1, 0.58 - sink, 0.1, 0.7 - sink, tone)
        layer.ellipse(0, 0.635 - sink, 0.065, 0.04, tone * 0.75)
        return
    for side in (-1, 1):
        layer.line([(side * 0.07, 0.82 - sink), (side * 0.08, 0.66 - sink)], 0.022, tone * 0.7)


def in_hand(layer: Layer, person: Person, palette: Palette, sink: float) -> None:
    """What hangs from a hand, or is held over the head."""
    side = person.facing == "side"
    if person.load == "bag":
        u, tone = (0.05 if side else -0.175 * person.build), palette.cloth(person.load_tone)
        layer.line([(u - 0.03, 0.4 - sink), (u, 0.5 - sink), (u + 0.03, 0.4 - sink)], 0.01, tone)
        layer.box(u - 0.065, 0.27 - sink / 2, u + 0.065, 0.42 - sink, tone)
        layer.box(u - 0.065, 0.36 - sink / 2, u + 0.065, 0.38 - sink / 2, tone * 0.75)
    if person.umbrella:
        _umbrella(layer, palette.cloth(person.hat_tone), 0.12 if side else 0.06 * person.build)


def _umbrella(layer: Layer, tone: float, hand: float) -> None:
    rim, half = 1.0, 0.34
    layer.line([(hand, 0.72), (hand - 0.02, rim + 0.16)], 0.014, 0.3)
    middle = hand - 0.02
    layer.dome(middle, rim, half, 0.2, tone)
    for at in (-0.75, -0.25, 0.25, 0.75):
        layer.ellipse(middle + at * half, rim, half * 0.25, 0.018, tone * 0.55)
    for at in (-0.5, 0.0, 0.5):
        layer.line([(middle, rim + 0.2), (middle + at * half, rim)], 0.008, tone * 0.75)
