"""Cats and dogs."""

from __future__ import annotations

from numpy.random import Generator

from palisade.tasks.vision.synthesis.brush import Layer
from palisade.tasks.vision.synthesis.look import Look
from palisade.tasks.vision.synthesis.palette import Palette


def dog(layer: Layer, look: Look, palette: Palette, dice: Generator) -> None:
    """A dog that stands sideways, or sits and looks at the door."""
    tall, fur = look.height_m, palette.hair(look.tone)
    dark = fur * 0.7 if fur > 0.2 else fur + 0.12
    if dice.random() < 0.5:
        _sitting(layer, tall, fur, dark, palette, ear=(0.055, 0.1), muzzle=0.075)
        return
    back, length = tall * 0.72, tall * 0.5
    layer.limb([(-length, back), (-length * 1.35, back + 0.2 * tall)], [0.05, 0.03], fur)
    for at, shade in ((-0.85, dark), (0.85, dark), (-1.0, fur), (0.7, fur)):
        layer.limb([(at * length, back), (at * length, 0.03)], [0.13 * tall, 0.07 * tall], shade)
    layer.limb([(-length, back - 0.04), (length, back)], [0.3 * tall, 0.36 * tall], fur)
    head = (length * 1.35, tall * 0.95)
    layer.limb([(length, back + 0.05), head], [0.24 * tall, 0.2 * tall], fur)
    layer.ellipse(*head, 0.16 * tall, 0.14 * tall, fur)
    layer.limb([head, (head[0] + 0.26 * tall, head[1] - 0.06)], [0.14 * tall, 0.1 * tall], fur)
    layer.ellipse(head[0] + 0.3 * tall, head[1] - 0.05, 0.035, 0.03, 0.06)
    layer.ellipse(head[0] - 0.06, head[1] - 0.02, 0.06 * tall, 0.14 * tall, dark)
    layer.ellipse(head[0] + 0.05, head[1] + 0.03, 0.022, 0.022, palette.eye)


def cat(layer: Layer, look: Look, palette: Palette, dice: Generator) -> None:
    """A cat that sits, or walks with its tail up."""
    tall, fur = look.height_m, palette.hair(look.tone)
    dark = fur * 0.7 if fur > 0.2 else fur + 0.12
    if dice.random() < 0.5:
        _sitting(layer, tall, fur, dark, palette, ear=(0.045, 0.075), muzzle=0.03)
        return
    back, length = tall * 0.55, tall * 0.5
    layer.limb(
        [(-length, back), (-length * 1.3, tall), (-length * 1.1, tall * 1.2)],
        [0.05, 0.04, 0.03],
        fur,
    )
    for at, shade in ((-0.75, dark), (0.75, dark), (-0.95, fur), (0.9, fur)):
        layer.limb([(at * length, back), (at * length, 0.02)], [0.08, 0.045], shade)
    layer.limb([(-length, back), (length, back)], [0.2 * tall * 1.4, 0.26 * tall], fur)
    for stripe in (-0.5, -0.1, 0.3):
        layer.line([(stripe * length, back - 0.06), (stripe * length, back + 0.08)], 0.03, dark)
    head = (length * 1.3, tall * 0.78)
    for ear in (-0.06, 0.06):
        tip = (head[0] + ear, head[1] + 0.17)
        layer.polygon([(tip[0] - 0.04, head[1] + 0.04), tip, (tip[0] + 0.04, head[1] + 0.04)], fur)
    layer.ellipse(*head, 0.105, 0.09, fur)
    for eye in (-0.035, 0.045):
        layer.ellipse(head[0] + eye, head[1] + 0.015, 0.018, 0.018, palette.eye)


def _sitting(
    layer: Layer,
    tall: float,
    fur: float,
    dark: float,
    palette: Palette,
    *,
    ear: tuple[float, float],
    muzzle: float,
) -> None:
    """An animal that sits and looks at the camera."""
    layer.limb([(0.15, 0.05), (0.32, 0.08), (0.36, 0.2)], [0.07, 0.06, 0.04], fur)
    layer.ellipse(0, tall * 0.26, tall * 0.3, tall * 0.27, fur)
    layer.limb([(0, tall * 0.3), (0, tall * 0.62)], [tall * 0.42, tall * 0.3], fur)
    layer.ellipse(0, tall * 0.42, tall * 0.1, tall * 0.16, min(1.0, fur + 0.18))
    for at in (-0.09, 0.09):
        layer.limb([(at, tall * 0.4), (at, 0.03)], [0.09 * tall + 0.02, 0.08 * tall + 0.02], dark)
    head, half = tall * 0.8, tall * 0.19
    for side in (-1, 1):
        layer.polygon(
            [
                (side * half * 0.95, head + 0.02),
                (side * (half * 0.7 + ear[0] / 2), head + half * 0.7 + ear[1]),
                (side * half * 0.25, head + half * 0.7),
            ],
            dark,
        )
    layer.ellipse(0, head, half, half * 0.9, fur)
    layer.ellipse(0, head - half * 0.4, muzzle + 0.01, muzzle, min(1.0, fur + 0.15))
    layer.ellipse(0, head - half * 0.25, 0.025, 0.02, 0.06)
    for side in (-1, 1):
        layer.ellipse(side * half * 0.45, head + half * 0.15, 0.022, 0.022, palette.eye)
