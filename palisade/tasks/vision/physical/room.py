"""What attacks on a camera need in a real room: prints of a true size, and how to hang them."""

from __future__ import annotations

import io
import math
import time
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from palisade.errors import PalisadeError
from palisade.physical import aims
from palisade.physical.contest import Contest
from palisade.tasks.vision.physical import attacks, patches
from palisade.tasks.vision.physical.params import Params, Sheet
from palisade.tasks.vision.physical.patches import Prints
from palisade.tasks.vision.physical.prints import Layout
from palisade.tasks.vision.samples.pixels import to_uint8

MM_PER_INCH = 25.4
_EPOCH = time.gmtime(0)  # a PDF must have a date


def contents(contest: Contest[Params]) -> dict[str, bytes]:
    """PNG files of a print's true size by name, and all of them as pages of one PDF."""
    sheet, pictures = contest.params.sheet, {}
    for attack, of in _layouts(contest).items():
        made, mm = _made(contest, attack, of)[0], side_mm(of, sheet)
        for name, one in zip(_names(attack, of), made, strict=True):
            pictures[f"{name}.png"] = enlarged(one, mm, contest)
    found = {name: png(picture, sheet.dpi) for name, picture in pictures.items()}
    return {**found, "prints.pdf": pdf(list(pictures.values()), sheet.dpi)}


def protocol(contest: Contest[Params]) -> str:
    """Set-up, distances, light, and what to record."""
    sheet, prints = contest.params.sheet, contest.params.prints
    rows = "\n".join(
        f"| {attack} | {name}.png | {side_mm(of, sheet):.0f} mm |"
        for attack, of in _layouts(contest).items()
        for name in _names(attack, of)
    )
    return f"""
Print every PNG, or the pages of prints.pdf, at 100 % ("actual size", no fitting to the page) on
matt paper; the sides below are what a ruler must find. They cover
{contest.params.reference_percent:g} % of a picture whose side sees
{sheet.field_of_view_deg:g} degrees, at {sheet.distance_m:g} m from the camera. Larger than a sheet:
print as a poster and join the sheets without a gap.

| attack | file | side |
|---|---|---|
{rows}

## Set-up

1. Mount the camera as it will hang. Measure its distance to the print: {sheet.distance_m:g} m.
2. hide_person: a person holds or wears the print before the chest; hide_person_stickers: all
   stickers, in a ring without touching. feign_person: it hangs where a
   person would stand, and nobody is there.
3. Turn it up to {prints.rotation_deg:g} degrees either way, and move it between
   {1 / prints.scale[1]:.2f} and {1 / prints.scale[0]:.2f} of the distance.
4. lighting: the same scene at two more exposures, one stop up and one down. shadow: a board before
   a lamp or the sun throws one straight edge across the scene.
5. Repeat by day, at dusk and under a lamp, at least 30 pictures each, with and without the print.

## What to record

The camera's own pictures, PNG, not rescaled. blank_print is a grey sheet of the same size: what
covering alone does.
"""


def side_mm(of: Layout, sheet: Sheet) -> float:
    """Side of one print that covers its share of the picture at the sheet's distance."""
    across_m = 2 * sheet.distance_m * math.tan(math.radians(sheet.field_of_view_deg) / 2)
    return 1000 * across_m * math.sqrt(of.area / of.count)


def dots(mm: float, dpi: int) -> int:
    """Pixels of a side on paper."""
    return round(mm / MM_PER_INCH * dpi)


def enlarged(made: NDArray[np.float32], mm: float, contest: Contest[Params]) -> Image.Image:
    """A print ``[dots, dots, channels]`` at its resolution on paper, with sharp edges."""
    pixels = to_uint8(made)
    picture = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    side = dots(mm, contest.params.sheet.dpi)
    return picture.resize((side, side), Image.Resampling.NEAREST)


def png(picture: Image.Image, dpi: int) -> bytes:
    """A PNG file that says its resolution."""
    written = io.BytesIO()
    picture.save(written, "PNG", dpi=(dpi, dpi))
    return written.getvalue()


def pdf(pictures: list[Image.Image], dpi: int) -> bytes:
    """A PDF file, a page a picture, each as large as it is on paper."""
    written = io.BytesIO()
    pictures[0].save(
        written,
        "PDF",
        save_all=True,
        append_images=pictures[1:],
        resolution=dpi,
        creationDate=_EPOCH,
        modDate=_EPOCH,
    )
    return written.getvalue()


def _layouts(contest: Contest[Params]) -> dict[str, Layout]:
    """What hangs in the room, by attack: one print, and several that share its area out."""
    params = contest.params
    one = patches.layout(contest, params.reference_percent, 1)
    several = patches.layout(contest, params.reference_percent, params.prints.stickers)
    found = {"blank_print": one}
    for attack in (attacks.HIDING, attacks.FEIGNING):
        found |= {attack: one, f"{attack}_stickers": several}
    return found


def _names(attack: str, of: Layout) -> list[str]:
    """Of an attack's prints."""
    return [attack] if of.count == 1 else [f"{attack}_{n}" for n in range(1, of.count + 1)]


def _made(contest: Contest[Params], attack: str, of: Layout) -> Prints:
    """An attack's prints ``[1, count, dots, dots, channels]``: the stage's, for the last aim.

    Raises:
        PalisadeError: The calibration split has no picture to craft on.
    """
    if attack == "blank_print":
        return patches.blank(contest, of)
    goal = attack.removesuffix("_stickers")
    known = contest.known.take(attacks.among(contest.known, goal, attacks.person(contest)))
    if not len(known):
        raise PalisadeError(f"no calibration picture serves {goal}", "add some to the corpus")
    craft = partial(patches.universal, contest, of, attack, known)
    found: Prints
    *_, (_, found) = aims.each(contest.target.aims, craft)
    return found
