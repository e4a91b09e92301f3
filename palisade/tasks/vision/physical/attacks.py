"""The physical attacks on a camera, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from palisade.errors import PalisadeError
from palisade.physical import aims
from palisade.physical.contest import Contest
from palisade.physical.scoring import Attacked, Mask, exactly
from palisade.splits import Split
from palisade.tasks.vision.physical import light, patches
from palisade.tasks.vision.physical.params import Params

__all__ = ["Params", "attacks", "right"]

HIDING, FEIGNING = "hide_person", "feign_person"
BLANK = "blank_print"


def attacks(contest: Contest[Params]) -> Iterator[Attacked]:
    """Every attack at every severity; ``none`` and the control first.

    ``blank_print`` is mid grey, of the same area: what covering alone takes.
    """
    params, scored = contest.params, contest.scored
    y, labels = scored.y, scored.labels
    yield Attacked("none", "-", np.asarray(scored.x), right("none", y, labels), True)
    for area in params.areas_percent:
        of, headline = patches.layout(contest, area, 1), area == params.reference_percent
        raw = patches.photographed(contest, of, patches.blank(contest, of), "blank")
        allowed = right(BLANK, y, labels)
        yield Attacked(BLANK, _percent(area), raw, allowed, headline)
    for attack, count in (("print", 1), ("stickers", params.prints.stickers)):
        for area in params.areas_percent:
            of = patches.layout(contest, area, count)
            headline = area == params.reference_percent
            for aim, made in aims.each(contest.target.aims, partial(patches.own, contest, of)):
                raw = patches.photographed(contest, of, made, attack)
                allowed = right(attack, y, labels)
                yield Attacked(
                    attack,
                    _percent(area),
                    raw,
                    allowed,
                    headline,
                    aim,
                    strength=area,
                    control=BLANK,
                )
    yield from _for_all(contest)
    yield from _lit(contest)


def right(attack: str, y: NDArray[np.int64], labels: tuple[str, ...]) -> Mask:
    """``[n, classes]`` which answers are right: the true class, whatever the attack."""
    return exactly(y, len(labels))


def person(contest: Contest[Params]) -> int:
    """The class that prints hide and feign.

    Raises:
        PalisadeError: The data has no such class.
    """
    labels = contest.scored.labels
    if contest.params.person not in labels:
        raise PalisadeError(
            f"params.yaml: physical's person is {contest.params.person!r}, which is no class",
            f"the classes are {', '.join(labels)}",
        )
    return labels.index(contest.params.person)


def among(split: Split, attack: str, person_class: int) -> NDArray[np.bool_]:
    """The pictures that a print for all is for: of persons to hide, or of none."""
    there = np.asarray(split.y == person_class)
    return there if attack == HIDING else ~there


def _for_all(contest: Contest[Params]) -> Iterator[Attacked]:
    params, one = contest.params, person(contest)
    for attack in (HIDING, FEIGNING):
        known = contest.known.take(among(contest.known, attack, one))
        mask = among(contest.scored, attack, one)
        for area in params.areas_percent if mask.any() and len(known) else ():
            of = patches.layout(contest, area, 1)
            allowed = right(attack, contest.scored.y[mask], contest.scored.labels)
            headline = area == params.reference_percent
            craft = partial(patches.universal, contest, of, attack, known)
            for aim, made in aims.each(contest.target.aims, craft):
                raw = patches.photographed(contest, of, made, attack, mask)
                yield Attacked(
                    attack,
                    _percent(area),
                    raw,
                    allowed,
                    headline,
                    aim,
                    for_all=True,
                    strength=area,
                    control=BLANK,
                    among=mask,
                )


def _lit(contest: Contest[Params]) -> Iterator[Attacked]:
    params = contest.params.light
    allowed = right("", contest.scored.y, contest.scored.labels)
    for most_ev in params.exposures_ev:
        headline = most_ev == params.reference_ev
        severity, change = f"{most_ev:g} EV", light.exposure(params, most_ev)
        raw = light.worst(contest, change, f"exposure {most_ev}", allowed)
        yield Attacked("lighting", severity, raw, allowed, headline, strength=most_ev)
    for taken in params.shadows_taken:
        headline = taken == params.reference_taken
        raw = light.worst(contest, light.shadow(params, taken), f"shadow {taken}", allowed)
        severity = _percent(100 * taken)
        yield Attacked("shadow", severity, raw, allowed, headline, strength=taken)


def _percent(share: float) -> str:
    return f"{share:g} %"
