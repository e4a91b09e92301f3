"""What each kind of event looks like: who is there, and how they move from frame to frame.

A visitor has come, or is on the way, in every frame. One who passes by crosses the view on the
path. A pet comes up. At all other events nobody is there.
"""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from palisade import seeds
from palisade.ranges import between
from palisade.scenes.events import Event
from palisade.tasks.vision.samples.labels import NOBODY, PERSON
from palisade.tasks.vision.synthesis import things
from palisade.tasks.vision.synthesis.params import Params
from palisade.tasks.vision.synthesis.picture import Staging
from palisade.tasks.vision.synthesis.placing import Spot

_WALK_M_S = 1.2  # a comfortable pace (Bohannon, Age and Ageing 26, 1997)
_APPROACH_M = 0.8  # of a visitor's way that may be seen
_CROSSING = (0.2, 0.8)  # share of the width, of one who passes by
_PET_M = (1.4, 2.2)
_AT_THE_LOCK_M = 1.2


@dataclass(frozen=True)
class Look:
    """How a kind of event is seen.

    Attributes:
        label: what a camera witnesses.
        moves: ``comes``, ``works``, ``crosses``, ``pet`` or ``nothing``.
        poses: of the person.
    """

    label: str
    moves: str
    poses: tuple[str, ...] = ()


_TALKING = ("hang", "pockets", "hips", "walk", "phone")
_VISITOR = Look(PERSON, "comes", _TALKING)
_PASSING = Look(PERSON, "crosses", ("walk", "phone", "hang"))
_EMPTY = Look(NOBODY, "nothing")

LOOKS = {
    "visitor_unlocks": _VISITOR,
    "visitor_commands": _VISITOR,
    "visitor_talks": _VISITOR,
    "visitor_silent": _VISITOR,
    "street_unlock": _PASSING,
    "passer_by": _PASSING,
    "knock": Look(PERSON, "comes", ("ring", "wave")),
    "tampering": Look(PERSON, "works", ("crouch", "ring", "hang")),
    "pet": Look(NOBODY, "pet"),
    "television": _EMPTY,
    "weather": _EMPTY,
    "quiet": _EMPTY,
}


def stage_for(event: Event, params: Params, *, seed: int) -> Staging:
    """What an event asks of its pictures."""
    look = LOOKS[event.kind]
    dice = seeds.generator(seed, "synthesize", "vision", "staging", event.scene_id)
    spot = _spot(look.moves, event, params, dice)
    if look.label == PERSON:
        return Staging(event.light, event.weather, poses=look.poses, spot=spot, alone=True)
    lead = things.PETS if look.moves == "pet" else ()
    return Staging(event.light, event.weather, spot=spot, lead=lead)


def _spot(moves: str, event: Event, params: Params, dice: Generator) -> Spot | None:
    if moves == "comes":
        return _coming(event, params, dice)
    if moves == "works":
        return _working(event, params, dice)
    if moves == "crosses":
        return _crossing(event, params, dice)
    return _pet(dice, params) if moves == "pet" else None


def _coming(event: Event, params: Params, dice: Generator) -> Spot:
    """Walks up, and stops at the event's distance."""
    nearest = min(max(event.distance_m, params.people.distance_m[0]), params.people.distance_m[1])
    start = min(nearest + between([0.0, _APPROACH_M], dice), params.people.distance_m[1])
    seconds = (event.window_s - event.arrival_s) / params.frames_per_event
    return Spot(
        across=round(between(params.people.across, dice), 3),
        distance_m=round(start, 3),
        distance_step_m=round(-_WALK_M_S * seconds, 3),
        nearest_m=round(nearest, 3),
        stride=round(between([-1.0, 1.0], dice), 3),
    )


def _working(event: Event, params: Params, dice: Generator) -> Spot:
    """Stands right at the door."""
    near = max(min(event.distance_m, _AT_THE_LOCK_M), params.people.distance_m[0])
    across = round(between(params.people.across, dice), 3)
    return Spot(across, round(near, 3))


def _crossing(event: Event, params: Params, dice: Generator) -> Spot:
    """Walks across, from one side to the other or part of the way, in sight all the time."""
    left, right = _CROSSING
    way = between([0.3, 1.0], dice) * (right - left)
    begin = between([left, right - way], dice)
    step = way / max(1, params.frames_per_event - 1)
    leftwards = dice.random() < 0.5
    return Spot(
        across=round(begin + way if leftwards else begin, 3),
        distance_m=round(between(params.passer_by_m, dice), 3),
        across_step=round(-step if leftwards else step, 3),
        stride=round(between([0.4, 1.0], dice), 3),
    )


def _pet(dice: Generator, params: Params) -> Spot:
    """Comes up, a little to one side."""
    nearest = between(list(_PET_M), dice)
    return Spot(
        across=round(between(params.people.across, dice), 3),
        distance_m=round(nearest + between([0.0, 0.8], dice), 3),
        across_step=round(between([-0.05, 0.05], dice), 3),
        distance_step_m=-0.4,
        nearest_m=round(nearest, 3),
    )
