"""Trees and shrubs."""

from __future__ import annotations

from numpy.random import Generator

from palisade.tasks.vision.synthesis.brush import Layer
from palisade.tasks.vision.synthesis.look import Look
from palisade.tasks.vision.synthesis.palette import Palette


def cypress(layer: Layer, look: Look, palette: Palette, dice: Generator) -> None:
    """A slim evergreen in a pot, as tall and narrow as a person."""
    tall, half = look.height_m, dice.uniform(0.2, 0.32)
    _tub(layer, look, palette, 0.32, 0.2)
    core = palette.leaf(0.11 + 0.34 * look.tone)
    layer.polygon(
        [
            (half, 0.34),
            (half * 0.7, tall * 0.6),
            (0, tall),
            (-half * 0.7, tall * 0.6),
            (-half, 0.34),
        ],
        core,
    )
    for _ in range(40):
        up = dice.uniform(0, 1)
        reach = half * (1 - 0.85 * up**1.5)
        _leaf(layer, look, palette, dice, reach * dice.uniform(-1, 1), 0.35 + up * (tall - 0.4))


def shrub(layer: Layer, look: Look, palette: Palette, dice: Generator) -> None:
    """A round bush, or a ball on a stem."""
    tall, ball = look.height_m, dice.random() < 0.4
    half = dice.uniform(0.24, 0.34) if ball else dice.uniform(0.3, 0.5)
    middle, up = (tall - half, half) if ball else (tall * 0.5, tall * 0.5)
    if ball:
        _tub(layer, look, palette, 0.3, 0.18)
        layer.limb([(0, 0.25), (0, middle)], [0.05, 0.04], 0.25)
    layer.ellipse(0, middle, half * 0.9, up * 0.9, palette.leaf(0.11 + 0.34 * look.tone))
    for _ in range(40):
        u, v = dice.uniform(-1, 1), dice.uniform(-1, 1)
        reach = (1 - v * v) ** 0.5
        _leaf(layer, look, palette, dice, u * half * reach, middle + v * up * 0.9)


def pot(layer: Layer, look: Look, palette: Palette, dice: Generator) -> None:
    """A flower pot."""
    tall = look.height_m
    _tub(layer, look, palette, tall * 0.5, 0.16)
    for _ in range(14):
        _leaf(layer, look, palette, dice, dice.normal(0, 0.11), tall * dice.uniform(0.5, 1.0))


def foliage(layer: Layer, look: Look, palette: Palette, dice: Generator) -> None:
    """A hedge's or a bush's top close before the lens."""
    tall = look.height_m
    layer.box(-0.45, 0, 0.45, tall * 0.9, palette.leaf(0.2))
    for _ in range(60):
        _leaf(layer, look, palette, dice, dice.uniform(-0.5, 0.5), tall * dice.uniform(0.7, 1.0))


def _tub(layer: Layer, look: Look, palette: Palette, tall: float, half: float) -> None:
    tone = palette.hard(look.second_tone)
    layer.polygon([(-half * 0.75, 0), (half * 0.75, 0), (half, tall), (-half, tall)], tone)
    layer.box(-half * 1.08, tall - 0.05, half * 1.08, tall, tone * 0.85)


def _leaf(layer: Layer, look: Look, palette: Palette, dice: Generator, u: float, v: float) -> None:
    tone = palette.leaf(0.14 + 0.34 * look.tone + dice.normal(0, 0.055))
    layer.ellipse(u, v, dice.uniform(0.04, 0.08), dice.uniform(0.04, 0.08), tone)
