"""A head: face, hair, hat or hood, in units of the body's height."""

from __future__ import annotations

from palisade.tasks.vision.synthesis.brush import Layer, Point
from palisade.tasks.vision.synthesis.palette import Palette
from palisade.tasks.vision.synthesis.people import Person

HALF_WIDE, HALF_TALL = 0.047, 0.066


def draw(layer: Layer, person: Person, palette: Palette, centre: Point) -> None:
    """Draw a head about its centre."""
    u, v = centre
    skin, hair = palette.skin(person.skin), palette.hair(person.hair_tone)
    if person.hair == "long":
        layer.ellipse(u - _turn(person) * 0.015, v - 0.02, 0.062, 0.09, hair)
    if person.hat == "hood":
        _hood(layer, person, palette, centre)
        return
    if person.facing == "side":
        layer.ellipse(u - 0.01, v + 0.008, HALF_WIDE + 0.012, HALF_TALL, hair)
    layer.ellipse(u + _turn(person) * 0.008, v, HALF_WIDE, HALF_TALL, skin)
    for ear in (-1, 1):
        if person.facing != "side" and person.hair != "long":
            layer.ellipse(u + ear * HALF_WIDE, v - 0.004, 0.009, 0.015, skin * 0.85)
    if person.facing == "back":
        if person.hair != "bald":
            layer.ellipse(u, v + 0.006, HALF_WIDE + 0.003, HALF_TALL, hair)
    else:
        _face(layer, person, palette, centre)
        _hair(layer, person, hair, centre)
    if person.hair == "bun":
        layer.ellipse(u - _turn(person) * 0.055, v + _bun(person), 0.027, 0.024, hair)
    if person.hat:
        _hat(layer, person, palette.cloth(person.hat_tone), centre)


def _bun(person: Person) -> float:
    return 0.045 if person.facing == "side" else 0.075


def _turn(person: Person) -> float:
    return 1.0 if person.facing == "side" else 0.0


def _face(layer: Layer, person: Person, palette: Palette, centre: Point) -> None:
    u, v = centre
    skin = palette.skin(person.skin)
    dark = skin * 0.55
    turn = 0.026 * _turn(person)
    if person.beard:
        layer.ellipse(u + turn / 2, v - 0.042, 0.036, 0.03, palette.hair(person.hair_tone))
    if turn:
        layer.ellipse(u + 0.057, v - 0.008, 0.012, 0.014, skin)
        layer.ellipse(u - 0.02, v - 0.005, 0.011, 0.017, skin * 0.8)
    for side in (-1, 1):
        if turn and side < 0:
            continue
        at = (u + turn + side * (0.009 if turn else 0.019), v + 0.004)
        if person.glasses:
            layer.ellipse(*at, 0.016, 0.014, 0.1)
        else:
            layer.ellipse(at[0], at[1] + 0.004, 0.013, 0.011, dark)
        layer.ellipse(*at, 0.0065, 0.0065, palette.eye)
    layer.line([(u + turn, v), (u + turn + 0.003, v - 0.018)], 0.009, skin * 0.8)
    layer.line([(u + turn - 0.016, v - 0.034), (u + turn + 0.016, v - 0.034)], 0.009, dark)


def _hair(layer: Layer, person: Person, hair: float, centre: Point) -> None:
    u, v = centre
    back = 0.012 * _turn(person)
    if person.hair == "bald":
        return
    layer.dome(u - back, v + 0.024, HALF_WIDE + 0.004, HALF_TALL * 0.74, hair)
    if person.hair == "curls":
        for at in (-0.045, -0.025, 0.0, 0.025, 0.045):
            layer.ellipse(u + at - back, v + 0.055 - 8 * at * at, 0.021, 0.02, hair)


def _hood(layer: Layer, person: Person, palette: Palette, centre: Point) -> None:
    u, v = centre
    cloth = palette.cloth(person.top_tone)
    shade = cloth * 0.55 if cloth > 0.25 else cloth + 0.1
    layer.ellipse(u - 0.008 * _turn(person), v + 0.002, 0.062, 0.079, cloth)
    layer.polygon([(u - 0.05, v), (u + 0.05, v), (u + 0.07, v - 0.09), (u - 0.07, v - 0.09)], cloth)
    if person.facing == "back":
        layer.line([(u, v + 0.08), (u, v - 0.08)], 0.008, shade)
        return
    layer.ellipse(u + 0.016 * _turn(person), v - 0.006, 0.045, 0.064, shade)
    layer.ellipse(u + 0.02 * _turn(person), v - 0.01, 0.037, 0.054, palette.skin(person.skin))
    _face(layer, person, palette, (u, v - 0.006))


def _hat(layer: Layer, person: Person, tone: float, centre: Point) -> None:
    u, v = centre
    band = tone * 0.65 if tone > 0.2 else tone + 0.15
    if person.hat == "cap":
        layer.dome(u, v + 0.026, HALF_WIDE + 0.006, 0.052, tone)
        reach = 0.1 if person.facing == "side" else 0.05
        if person.facing != "back":
            layer.ellipse(u + (reach - 0.05), v + 0.026, 0.055, 0.009, band)
    elif person.hat == "beanie":
        layer.dome(u, v + 0.018, HALF_WIDE + 0.008, 0.07, tone)
        layer.box(u - 0.054, v + 0.012, u + 0.054, v + 0.032, band)
    elif person.hat == "brim":
        layer.dome(u, v + 0.034, HALF_WIDE + 0.003, 0.062, tone)
        layer.ellipse(u, v + 0.036, 0.095, 0.013, band)
    else:
        layer.dome(u, v + 0.012, HALF_WIDE + 0.02, 0.082, tone)
        layer.box(u - 0.066, v + 0.008, u + 0.066, v + 0.018, band)
