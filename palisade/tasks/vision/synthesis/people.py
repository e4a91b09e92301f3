"""Who stands before a camera: each person's body, pose, clothes and load, drawn by chance."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from palisade.ranges import between
from palisade.tasks.vision.synthesis.homes import pick
from palisade.tasks.vision.synthesis.params import People

FACINGS = ("front", "front", "back", "side")
POSES = (
    *("hang", "hang", "hang", "walk", "walk", "walk", "pockets", "pockets"),
    *("ring", "ring", "wave", "phone", "phone", "hips", "crouch"),
)
GARMENTS = ("jacket", "coat", "dress", "shirt", "vest")
BOTTOMS = ("trousers", "trousers", "skirt", "shorts")
PATTERNS = ("stripes", "bars", "checks", "dots")
HAIRS = ("short", "short", "long", "bald", "bun", "curls")
HATS = ("cap", "beanie", "brim", "hood", "helmet")
LOADS = ("parcel", "bag", "rucksack", "crate")
_DECIMALS = 3


@dataclass(frozen=True)
class Person:
    """One person; tones are greys by day.

    Attributes:
        height_m, build, lean: the body; build is breadth against an average one.
        facing: front, back or side. mirrored: turned to the other side.
        pose, hair, hat, garment, bottoms, pattern, load: see the tuples above; "" for none.
        skin, hair_tone, hat_tone, top_tone, pattern_tone, bottom_tone, shoe_tone, load_tone: greys.
        beard, glasses, scarf, umbrella: whether there is one.
        cutout: the name of a team's cut-out that is shown instead; empty for none.
    """

    height_m: float
    build: float
    lean: float
    facing: str
    mirrored: bool
    pose: str
    hair: str
    hat: str
    garment: str
    bottoms: str
    pattern: str
    load: str
    skin: float
    hair_tone: float
    hat_tone: float
    top_tone: float
    pattern_tone: float
    bottom_tone: float
    shoe_tone: float
    load_tone: float
    beard: bool
    glasses: bool
    scarf: bool
    umbrella: bool
    cutout: str = ""


def draw(
    bounds: People,
    dice: Generator,
    *,
    rain: bool = False,
    poses: tuple[str, ...] = POSES,
    cutout_share: float = 0.0,
    cutouts: tuple[str, ...] = (),
) -> Person:
    """Draw one person.

    Args:
        bounds: what is drawn between.
        dice: for this person alone.
        rain: umbrellas are three times as frequent.
        poses: those to choose from.
        cutout_share: share of persons that a cut-out shows.
        cutouts: the team's cut-outs of the split.
    """

    def of(low_high: list[float]) -> float:
        return round(between(low_high, dice), _DECIMALS)

    def chance(share: float) -> bool:
        return bool(dice.random() < share)

    pose = pick(poses, dice)
    top = of(bounds.tone)
    away = of([0.2, 0.45])
    hat, load = pick(HATS, dice), pick(LOADS, dice)
    pattern, cutout = pick(PATTERNS, dice), pick(cutouts or ("",), dice)
    wears, carries, umbrella = (
        chance(bounds.hat_share),
        chance(bounds.carrying_share),
        chance(min(1.0, bounds.umbrella_share * (3 if rain else 1))),
    )
    return Person(
        height_m=of(bounds.height_m),
        build=of(bounds.build),
        lean=of(bounds.lean),
        facing=pick(FACINGS, dice),
        mirrored=chance(0.5),
        pose=pose,
        hair=pick(HAIRS, dice),
        hat=hat if wears else "",
        garment=pick(GARMENTS, dice),
        bottoms=pick(BOTTOMS, dice),
        pattern=pattern if chance(bounds.pattern_share) else "",
        load=load if carries and pose != "crouch" else "",
        skin=of(bounds.skin),
        hair_tone=of([0.04, 0.6]),
        hat_tone=of(bounds.tone),
        top_tone=top,
        pattern_tone=round(top - away if top > 0.5 else top + away, _DECIMALS),
        bottom_tone=of(bounds.tone),
        shoe_tone=of([0.03, 0.5]),
        load_tone=of([0.3, 0.85]),
        beard=chance(0.2),
        glasses=chance(0.2),
        scarf=chance(0.15),
        umbrella=umbrella and pose not in ("crouch", "wave", "ring"),
        cutout=cutout if chance(cutout_share) else "",
    )
