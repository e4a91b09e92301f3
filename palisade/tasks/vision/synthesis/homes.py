"""The homes: where each camera hangs, what it looks at, and through which lens.

A home is seen in one split alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from palisade import seeds
from palisade.ranges import between
from palisade.tasks.vision.synthesis.params import Params

VIEWS = ("street", "garden", "yard", "hallway")
WALLS = ("brick", "blocks", "boards", "plaster", "pickets", "hedge")
GROUNDS = ("slabs", "planks", "gravel", "tiles", "path")
_DECIMALS = 3  # of what is drawn, so that the manifest tells the very values


@dataclass(frozen=True)
class Home:
    """One home.

    Attributes:
        id: eight hexadecimal digits.
        split: where it is seen.
        view: one of ``VIEWS``.
        wall: one of ``WALLS``, what bounds the view.
        ground: one of ``GROUNDS``.
        wall_tone, ground_tone, sky_tone: greys.
        focal: focal length in image heights.
        camera_m: height of the lens.
        horizon: its row, share of the height.
        backdrop_m: distance of what bounds the view.
        barrel, vignette, blur_px: of the lens.
        infrared: whether it sees by infrared at night; else by a lamp.
        lamp_across: where the lamp hangs, share of the width.
        mat: whether there is a door mat.
        background: the name of the team's background; empty for none.
    """

    id: str
    split: str
    view: str
    wall: str
    ground: str
    wall_tone: float
    ground_tone: float
    sky_tone: float
    focal: float
    camera_m: float
    horizon: float
    backdrop_m: float
    barrel: float
    vignette: float
    blur_px: float
    infrared: bool
    lamp_across: float
    mat: bool
    background: str


def draw(
    split: str, index: int, params: Params, *, backgrounds: tuple[str, ...], seed: int
) -> Home:
    """Draw one home of a split; more homes leave the others as they were."""
    names = ("synthesize", "vision", "home", split, index)
    dice = seeds.generator(seed, *names)
    bounds = params.homes

    def of(low_high: list[float]) -> float:
        return round(between(low_high, dice), _DECIMALS)

    return Home(
        id=f"{seeds.derive(seed, *names):016x}"[-8:],
        split=split,
        view=pick(VIEWS, dice),
        wall=pick(WALLS, dice),
        ground=pick(GROUNDS, dice),
        wall_tone=of([0.25, 0.8]),
        ground_tone=of([0.3, 0.75]),
        sky_tone=of([0.7, 1.0]),
        focal=of(bounds.focal),
        camera_m=of(bounds.camera_m),
        horizon=of(bounds.horizon),
        backdrop_m=of(bounds.backdrop_m),
        barrel=of(bounds.barrel),
        vignette=of(bounds.vignette),
        blur_px=of(bounds.blur_px),
        infrared=bool(dice.random() < bounds.infrared_share),
        lamp_across=of([0.05, 0.95]),
        mat=bool(dice.random() < 0.6),
        background=_own(index, params.material.background_share, backgrounds, dice),
    )


def pick(items: tuple[str, ...], dice: Generator) -> str:
    """One of several names."""
    return items[int(dice.integers(len(items)))]


def _own(index: int, share: float, names: tuple[str, ...], dice: Generator) -> str:
    wanted = dice.random() < share
    return names[index % len(names)] if names and wanted else ""
