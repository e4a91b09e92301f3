"""Things of a porch: parasols, urns, lamps, parcels, posts."""

from __future__ import annotations

from numpy.random import Generator

from palisade.tasks.vision.synthesis.brush import Layer
from palisade.tasks.vision.synthesis.look import Look
from palisade.tasks.vision.synthesis.palette import Palette


def parasol(layer: Layer, look: Look, palette: Palette, dice: Generator) -> None:
    """A closed garden umbrella on its foot."""
    tall, half = look.height_m, dice.uniform(0.13, 0.2)
    cloth = palette.cloth(look.tone)
    fold = cloth * 0.72 if cloth > 0.25 else cloth + 0.12
    layer.limb([(0, 0.05), (0, tall)], [0.045, 0.04], 0.55)
    layer.ellipse(0, 0.05, 0.26, 0.06, 0.35)
    hem = tall * dice.uniform(0.25, 0.4)
    layer.polygon([(0.03, tall - 0.06), (half, hem), (-half, hem), (-0.03, tall - 0.06)], cloth)
    for at in (-0.6, 0.0, 0.6):
        layer.line([(0, tall - 0.1), (at * half, hem)], 0.02, fold)
    tie = hem + 0.4 * (tall - hem)
    layer.box(-half * 0.72, tie, half * 0.72, tie + 0.04, fold)


def urn(layer: Layer, look: Look, palette: Palette, dice: Generator) -> None:
    """A stone urn or a ball on a pedestal."""
    tall, tone = look.height_m, palette.hard(look.tone)
    half, head = dice.uniform(0.19, 0.26), tall * 0.3
    base = tall - head
    layer.box(-half * 1.3, 0, half * 1.3, 0.12, tone * 0.9)
    layer.box(-half, 0.1, half, base - 0.06, tone)
    layer.box(-half * 0.7, 0.2, half * 0.7, base - 0.16, tone * 0.85)
    layer.box(-half * 1.25, base - 0.08, half * 1.25, base, tone * 1.1)
    if dice.random() < 0.3:
        layer.ellipse(0, base + head * 0.42, head * 0.42, head * 0.42, tone)
    else:
        layer.polygon(
            [(-0.07, base), (0.07, base), (half * 1.1, tall), (-half * 1.1, tall)], tone * 1.05
        )
        layer.box(-half * 1.2, tall - 0.05, half * 1.2, tall, tone * 0.8)


def lamp(layer: Layer, look: Look, palette: Palette, dice: Generator) -> None:
    """A garden lamp: a globe or a lantern on a post."""
    tall, tone = look.height_m, palette.hard(look.tone)
    layer.box(-0.13, 0, 0.13, 0.07, tone)
    layer.limb([(0, 0.05), (0, tall - 0.25)], [0.09, 0.06], tone)
    if dice.random() < 0.5:
        layer.ellipse(0, tall - 0.15, 0.15, 0.15, 0.85)
        layer.box(-0.06, tall - 0.32, 0.06, tall - 0.27, tone * 0.7)
        return
    layer.polygon([(-0.09, tall - 0.35), (0.09, tall - 0.35), (0.13, tall), (-0.13, tall)], 0.8)
    layer.polygon([(-0.17, tall - 0.02), (0.17, tall - 0.02), (0, tall + 0.1)], tone)
    layer.line([(0, tall - 0.35), (0, tall)], 0.02, tone)


def boxes(layer: Layer, look: Look, palette: Palette, dice: Generator) -> None:
    """A stack of parcels."""
    foot = 0.0
    for share in (0.45, 0.33, 0.22):
        tall, half = share * look.height_m, dice.uniform(0.18, 0.32)
        tone = palette.hard(min(0.9, 0.45 + 0.4 * look.tone + dice.normal(0, 0.07)))
        _carton(layer, dice.normal(0, 0.05), foot, half, tall, tone)
        foot += tall


def parcel(layer: Layer, look: Look, palette: Palette, dice: Generator) -> None:
    """A parcel on the ground."""
    half = dice.uniform(0.15, 0.3)
    _carton(layer, 0.0, 0.0, half, look.height_m, palette.hard(0.35 + 0.5 * look.tone))


def boots(layer: Layer, look: Look, palette: Palette, dice: Generator) -> None:
    """A pair of boots left at the door."""
    tone, tall = palette.cloth(look.tone), look.height_m
    for at in (-0.1, 0.07):
        layer.limb([(at, 0.06), (at, tall)], [0.1, 0.11], tone)
        layer.limb([(at, 0.05), (at + 0.11, 0.04)], [0.09, 0.07], tone)


def post(layer: Layer, look: Look, palette: Palette, dice: Generator) -> None:
    """A post of the porch close before the lens."""
    half, tone = dice.uniform(0.03, 0.055), palette.hard(look.tone)
    layer.box(-half, 0, half, look.height_m, tone)
    layer.box(-half * 0.35, 0, half * 0.1, look.height_m, tone * 0.88)


def frame(layer: Layer, look: Look, palette: Palette, dice: Generator) -> None:
    """A door's frame at the edge of the picture."""
    wide, tone = dice.uniform(0.06, 0.14), palette.hard(look.tone)
    layer.box(-wide, 0, wide, look.height_m, tone)
    layer.box(wide * 0.6, 0, wide * 0.8, look.height_m, tone * 0.75)


def _carton(layer: Layer, middle: float, low: float, half: float, tall: float, tone: float) -> None:
    layer.box(middle - half, low, middle + half, low + tall, tone)
    layer.box(middle - half, low + tall * 0.85, middle + half, low + tall, tone * 1.12)
    layer.box(middle - 0.03, low, middle + 0.03, low + tall, tone * 0.75)
    layer.box(middle + half * 0.3, low + tall * 0.2, middle + half * 0.8, low + tall * 0.5, 0.93)
