"""One picture's random choices, drawn by name from the seed.

Both classes are drawn alike: as many things, in the same places, of the same kinds. Where a
picture of the class ``person`` has a person, one of ``nobody`` has another thing of a person's
height, in greys of the same range; the coat stands, posters, shadows and pets are as frequent
with somebody as without.
"""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from palisade import seeds
from palisade.ranges import between
from palisade.tasks.vision.samples.labels import PERSON
from palisade.tasks.vision.synthesis import people, placing, things
from palisade.tasks.vision.synthesis.homes import Home, pick
from palisade.tasks.vision.synthesis.params import Params
from palisade.tasks.vision.synthesis.people import Person
from palisade.tasks.vision.synthesis.placing import Spot
from palisade.tasks.vision.synthesis.things import Thing

LIGHTS = ("day", "dusk", "night")
WEATHERS = ("calm", "wind", "rain")
_DECIMALS = 3


@dataclass(frozen=True)
class Stand:
    """Somebody or something, and where.

    Attributes:
        what: who or what.
        spot: where, frame by frame.
        foremost: whether it is what the picture is about: a person, or what stands in its place.
    """

    what: Person | Thing
    spot: Spot
    foremost: bool


@dataclass(frozen=True)
class Picture:
    """What was drawn for one picture, or for the pictures of one event.

    Attributes:
        name: of the picture, by which all of it is drawn.
        label: the class.
        attempt: how many were drawn before, in which the foremost hardly showed.
        light, weather: see ``LIGHTS`` and ``WEATHERS``.
        infrared: taken by infrared.
        sun: sideways slope of the sun's shadows; 0 for no sun.
        backlight: whether the light is behind.
        brightness: mean that the exposure aims at.
        defocus_px, sharpening, noise: of the camera, on this occasion.
        jpeg_quality: 1 to 95.
        stands: all that stands about, the farthest first.
    """

    name: str
    label: str
    attempt: int
    light: str
    weather: str
    infrared: bool
    sun: float
    backlight: bool
    brightness: float
    defocus_px: float
    sharpening: float
    noise: float
    jpeg_quality: int
    stands: tuple[Stand, ...]


@dataclass(frozen=True)
class Staging:
    """What an event asks of its pictures.

    Attributes:
        light, weather: those of the event.
        poses: that its people may have.
        spot: where its leading person or pet is, frame by frame; None for anywhere.
        lead: kinds of the leading thing where nobody is there; empty for any.
        alone: whether there is no second person.
    """

    light: str
    weather: str
    poses: tuple[str, ...] = people.POSES
    spot: Spot | None = None
    lead: tuple[str, ...] = ()
    alone: bool = False


def draw(
    name: str,
    label: str,
    home: Home,
    params: Params,
    *,
    cutouts: tuple[str, ...],
    seed: int,
    attempt: int = 0,
    staging: Staging | None = None,
) -> Picture:
    """Draw one picture's record.

    Args:
        name: such as ``train/person/17``, or an event's.
        label: its class.
        home: where.
        params: the bounds.
        cutouts: names of the team's cut-outs of this split.
        seed: the root seed.
        attempt: another picture of the same name.
        staging: what an event asks for.
    """
    dice = seeds.generator(seed, "synthesize", "vision", name, attempt)
    bounds = params.light
    light = _weighted(LIGHTS, bounds.light_weights, dice)
    weather = _weighted(WEATHERS, bounds.weather_weights, dice)
    if staging:
        light, weather = staging.light, staging.weather
    sunny = light == "day" and weather != "rain" and dice.random() < bounds.sun_share
    slope = between([0.3, 1.2], dice) * (1 if dice.random() < 0.5 else -1)
    behind = light != "night" and dice.random() < bounds.backlight_share
    noise = bounds.night_noise if light == "night" else bounds.noise
    record = {
        "brightness": between(bounds.brightness, dice),
        "defocus_px": between(bounds.defocus_px, dice),
        "sharpening": between(bounds.sharpening, dice),
        "noise": between(noise, dice),
    }
    return Picture(
        name=name,
        label=label,
        attempt=attempt,
        light=light,
        weather=weather,
        infrared=light == "night" and home.infrared,
        sun=round(slope, _DECIMALS) if sunny and not behind else 0.0,
        backlight=behind,
        jpeg_quality=round(between(bounds.jpeg_quality, dice)),
        stands=_stands(label, home, params, cutouts, staging, weather == "rain", dice),
        **{key: round(value, _DECIMALS) for key, value in record.items()},
    )


def _stands(
    label: str,
    home: Home,
    params: Params,
    cutouts: tuple[str, ...],
    staging: Staging | None,
    rain: bool,
    dice: Generator,
) -> tuple[Stand, ...]:
    number = int(_weighted(("1", "2", "3"), params.people.number_weights, dice))
    alike = int(_weighted(("0", "1", "2"), params.things.lookalike_weights, dice))
    if staging and staging.alone:
        number = 1
    first = staging.spot if staging else None
    spots = placing.large(number + alike, params.people, dice, first=first)
    alike = min(alike, len(spots) - 1)
    number = len(spots) - alike
    kinds = [pick(things.LOOKALIKES, dice) for _ in range(alike)]
    if label == PERSON:
        poses = staging.poses if staging else people.POSES
        foremost: list[Person | Thing] = [
            people.draw(
                params.people,
                dice,
                rain=rain,
                poses=poses,
                cutout_share=params.material.cutout_share if cutouts else 0.0,
                cutouts=cutouts,
            )
            for _ in spots[:number]
        ]
    else:
        # Lookalikes take a person's place; what they leave is as large.
        places = [*kinds, *(pick(things.LARGE, dice) for _ in range(number))]
        if staging and staging.lead:
            places.insert(0, pick(staging.lead, dice))
        lead, kinds = places[:number], places[number : number + alike]
        foremost = [things.draw(kind, params.people, dice) for kind in lead]
    around = [things.draw(kind, params.people, dice) for kind in kinds]
    stands = [
        Stand(what, spot, foremost=index < number)
        for index, (what, spot) in enumerate(zip([*foremost, *around], spots, strict=False))
    ]
    stands += _beside(home, params, dice)
    stands += _before(params, spots[0], dice)
    return tuple(sorted(stands, key=lambda one: -one.spot.distance_m))


def _beside(home: Home, params: Params, dice: Generator) -> list[Stand]:
    """Pets, parcels, a car: beside what the picture is about."""
    found: list[Stand] = []
    for share, kinds, bounds in (
        (params.things.pet_share, things.PETS, [1.4, 2.6]),
        (params.things.litter_share, things.SMALL, [1.5, 3.2]),
        (params.things.litter_share, things.SMALL, [1.5, 3.2]),
    ):
        kind, wanted = pick(kinds, dice), dice.random() < share
        thing, spot = things.draw(kind, params.people, dice), placing.anywhere(bounds, dice)
        if wanted:
            found.append(Stand(thing, spot, foremost=False))
    if dice.random() < params.things.car_share and home.view in ("street", "garden"):
        far = [home.backdrop_m * 0.92, home.backdrop_m * 0.99]
        thing = things.draw(things.CAR, params.people, dice)
        found.append(Stand(thing, placing.anywhere(far, dice), foremost=False))
    return found


def _before(params: Params, spot: Spot, dice: Generator) -> list[Stand]:
    """What hides a part of the foremost."""
    hides, kind = dice.random() < params.things.hidden_share, pick(things.BEFORE, dice)
    thing = things.draw(kind, params.people, dice)
    across = placing.edge(dice) if kind == "frame" else placing.beside(spot, dice)
    return [Stand(thing, across, foremost=False)] if hides else []


def _weighted(names: tuple[str, ...], weights: list[float], dice: Generator) -> str:
    total = sum(weights)
    return str(dice.choice(names, p=[weight / total for weight in weights]))
