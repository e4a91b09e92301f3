"""Things on wheels: cars, bins, strollers, bicycles."""

from __future__ import annotations

from numpy.random import Generator

from palisade.tasks.vision.synthesis.brush import Layer
from palisade.tasks.vision.synthesis.look import Look
from palisade.tasks.vision.synthesis.palette import Palette


def car(layer: Layer, look: Look, palette: Palette, dice: Generator) -> None:
    """A parked car from the side."""
    tall, paint = look.height_m, palette.hard(look.tone)
    long = dice.uniform(1.9, 2.2)
    glass = 0.2 if paint > 0.35 else 0.5
    waist = tall * 0.58
    layer.polygon(
        [
            (-long, 0.28),
            (-long, waist * 0.8),
            (-long * 0.62, waist),
            (-long * 0.35, tall),
            (long * 0.4, tall),
            (long * 0.72, waist),
            (long, waist * 0.9),
            (long, 0.28),
        ],
        paint,
    )
    top, sill = tall - 0.1, waist + 0.03
    layer.polygon([(-long * 0.54, sill), (-long * 0.32, top), (-0.05, top), (-0.05, sill)], glass)
    layer.polygon([(0.05, sill), (0.05, top), (long * 0.37, top), (long * 0.6, sill)], glass)
    for at in (-long * 0.62, long * 0.62):
        layer.ellipse(at, 0.31, 0.33, 0.31, 0.1)
        layer.ellipse(at, 0.31, 0.17, 0.16, 0.6)
    layer.ellipse(-long * 0.96, waist * 0.68, 0.1, 0.07, 0.95)


def wheeled_bin(layer: Layer, look: Look, palette: Palette, dice: Generator) -> None:
    """A wheeled rubbish bin."""
    tall, tone = look.height_m, palette.hard(look.tone)
    half = dice.uniform(0.24, 0.32)
    edge = tone * 0.7 if tone > 0.2 else tone + 0.12
    layer.polygon(
        [(-half * 0.8, 0.04), (half * 0.8, 0.04), (half, tall - 0.1), (-half, tall - 0.1)], tone
    )
    layer.polygon(
        [(-half * 1.1, tall - 0.12), (half * 1.1, tall - 0.12), (half, tall), (-half, tall)], edge
    )
    layer.box(-half * 0.5, tall * 0.5, half * 0.5, tall * 0.53, edge)
    for at in (-half * 0.7, half * 0.7):
        layer.ellipse(at, 0.07, 0.07, 0.08, 0.08)


def stroller(layer: Layer, look: Look, palette: Palette, dice: Generator) -> None:
    """An empty stroller with its hood up."""
    tall, cloth, metal = look.height_m, palette.cloth(look.tone), 0.5
    inside = cloth * 0.5
    layer.limb([(-0.25, 0.12), (0.42, tall)], [0.03, 0.03], metal)
    layer.limb([(0.3, 0.12), (-0.3, 0.55)], [0.03, 0.03], metal)
    layer.polygon([(-0.4, 0.55), (-0.3, 0.35), (0.2, 0.35), (0.32, 0.62)], cloth)
    layer.dome(0.08, 0.6, 0.3, tall - 0.65, cloth)
    layer.dome(-0.02, 0.6, 0.2, tall - 0.78, inside)
    for at in (-0.27, 0.3):
        layer.ring(at, 0.13, 0.13, 0.035, 0.1)
        layer.ellipse(at, 0.13, 0.03, 0.03, metal)


def bicycle(layer: Layer, look: Look, palette: Palette, dice: Generator) -> None:
    """A bicycle on its stand."""
    tone, tyre = palette.hard(look.tone), 0.1 if look.second_tone > 0.5 else 0.6
    back, front, crank = (-0.52, 0.34), (0.52, 0.34), (-0.08, 0.3)
    for wheel in (back, front):
        layer.ring(*wheel, 0.33, 0.045, tyre)
    seat, bar = (-0.2, look.height_m - 0.15), (0.36, look.height_m)
    tubes = ((back, crank), (crank, seat), (back, seat), (seat, (0.38, 0.8)))
    for tube in (*tubes, (crank, (0.38, 0.78)), (bar, front)):
        layer.limb(tube, [0.045, 0.045], tone)
    layer.limb([(-0.3, seat[1] + 0.02), (-0.1, seat[1] + 0.02)], [0.06, 0.04], tyre)
    layer.limb([bar, (0.22, look.height_m + 0.03)], [0.035, 0.03], tyre)
