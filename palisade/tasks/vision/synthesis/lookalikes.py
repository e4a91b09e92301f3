"""What is easily taken for a person: a coat stand with coat and hat, a picture of somebody."""

from __future__ import annotations

from dataclasses import replace

from numpy.random import Generator

from palisade.tasks.vision.synthesis import figure, people
from palisade.tasks.vision.synthesis.brush import Layer
from palisade.tasks.vision.synthesis.look import Look
from palisade.tasks.vision.synthesis.palette import Palette
from palisade.tasks.vision.synthesis.params import People

_PRINT_CONTRAST = 0.5  # of a print's greys against a real person's

# Who may be in a poster: the same people as at the door.
_SITTERS = People(
    number_weights=[1.0, 0.0, 0.0],
    distance_m=[1.0, 1.0],
    across=[0.5, 0.5],
    height_m=[1.7, 1.7],
    build=[0.85, 1.3],
    lean=[0.0, 0.0],
    tone=[0.08, 0.92],
    skin=[0.22, 0.82],
    pattern_share=0.3,
    hat_share=0.25,
    umbrella_share=0.0,
    carrying_share=0.0,
)


def coat_stand(layer: Layer, look: Look, palette: Palette, dice: Generator) -> None:
    """A pole with hooks, feet, a hanging coat with limp sleeves, and a hat on top of it."""
    tall, pole = look.height_m, 0.25 if look.tone > 0.45 else 0.62
    for foot in (-0.24, 0.24):
        layer.limb([(0, 0.14), (foot, 0.02)], [0.03, 0.025], pole)
    layer.limb([(0, 0.0), (0, tall)], [0.035, 0.03], pole)
    for hook in (-0.16, 0.16):
        layer.limb([(0, tall - 0.2), (hook, tall - 0.1)], [0.022, 0.02], pole)
    cloth = palette.cloth(look.tone)
    fold = cloth * 0.72 if cloth > 0.25 else cloth + 0.12
    top, hem, half = tall - 0.24, tall * dice.uniform(0.3, 0.42), dice.uniform(0.17, 0.24)
    layer.polygon(
        [
            (0.0, top + 0.06),
            (half * 0.8, top - 0.03),
            (half, top - 0.35),
            (half * 1.1, hem + 0.03),
            (half * 0.4, hem),
            (-half * 0.5, hem + 0.05),
            (-half * 1.05, hem),
            (-half, top - 0.35),
            (-half * 0.8, top - 0.03),
        ],
        cloth,
    )
    for side in (-1, 1):
        layer.limb(
            [(side * half * 0.85, top - 0.06), (side * half * 1.08, top - 0.62)],
            [0.09, 0.075],
            fold,
        )
    for at in (-0.4, 0.05, 0.45):
        layer.line([(at * half, top - 0.15), (at * half * 1.3, hem + 0.06)], 0.014, fold)
    if dice.random() < 0.8:
        hat = palette.cloth(look.second_tone)
        band = hat * 0.6 if hat > 0.2 else hat + 0.15
        layer.dome(0, tall - 0.03, 0.1, 0.12, hat)
        layer.ellipse(0, tall - 0.03, 0.17, 0.022, band)


def poster(layer: Layer, look: Look, palette: Palette, dice: Generator) -> None:
    """A framed picture of somebody's head and shoulders, on an easel or leaning upright."""
    tall = look.height_m
    half, low = dice.uniform(0.26, 0.38), tall * dice.uniform(0.25, 0.45)
    rim = 0.12 if look.tone > 0.5 else 0.85
    for foot in (-0.2, 0.2):
        layer.limb([(foot * 0.6, low), (foot, 0.0)], [0.035, 0.035], 0.3)
    layer.box(-half, low, half, tall, rim)
    inner = [(-half + 0.045, low + 0.045), (half - 0.045, low + 0.045)]
    inner += [(half - 0.045, tall - 0.045), (-half + 0.045, tall - 0.045)]
    layer.polygon(inner, look.tone)
    sitter = replace(
        people.draw(_SITTERS, dice, poses=("hang", "hips", "phone")), facing="front", cutout=""
    )
    # So large that the head is a third to half of the picture's height.
    unit = (tall - low) * dice.uniform(2.2, 3.2)
    foot_x, foot_y = layer.at(0.0, tall - 0.09 - unit)
    page = Layer(layer.extent_px, foot_x, foot_y, unit * layer.unit_px)
    figure.draw(page, sitter, palette, stride=0.0)
    clip = Layer(layer.extent_px, layer.x_px, layer.y_px, layer.unit_px)
    clip.image = page.image
    clip.keep([(layer.sign * u, v) for u, v in inner])
    layer.print(clip, contrast=_PRINT_CONTRAST, middle=0.5)
    if dice.random() < 0.6:  # a caption
        base = low + 0.045
        layer.box(-half + 0.045, base, half - 0.045, base + 0.14, rim)
        layer.line([(-half + 0.1, base + 0.07), (half - 0.1, base + 0.07)], 0.03, 1 - rim)
