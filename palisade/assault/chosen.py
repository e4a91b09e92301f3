"""Which test events are attacked, and where each task has its windows of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from palisade.assault.crafting import Goal
from palisade.assault.strength import Amounts
from palisade.fusion.events import Events, Witness
from palisade.scenes.windows import Windows, owners
from palisade.seeds import generator

_OF_ALL = ("tasks", "aligned")  # fields of Events that are not one an event


@dataclass(frozen=True)
class Part:
    """A task's windows of some events.

    Attributes:
        held: the windows.
        places: ``[m]`` which of the windows' events each event is; composed ones may share one.
    """

    held: Windows
    places: NDArray[np.intp]


def numbered(held: Windows, accepted: NDArray[np.bool_]) -> Witness:
    """A task's events before any device was asked: their numbers stand in the scores' place.

    So ``composition.together`` says which of each task's own events make up a common one.

    Args:
        held: the task's windows.
        accepted: ``[classes]`` which labels warrant the action.
    """
    first = owners(held)[1]
    return Witness(
        scenes=held.scenes[first],
        kinds=held.events[first],
        splits=held.splits[first],
        truth=accepted[held.y[first]],
        scores=np.arange(len(first)),
        plausible=np.ones(len(first), np.bool_),
        aligned=held.aligned,
    )


def draw(test: Events, amounts: Amounts, seed: int) -> dict[Goal, Events]:
    """The test events to force open and to keep shut, at random and in their own order."""
    wanted: dict[Goal, tuple[NDArray[np.bool_], int]] = {
        "forced": (~test.warranted, amounts.forced),
        "denied": (test.warranted, amounts.denied),
    }
    return {
        goal: take(test, _some(np.flatnonzero(which), count, seed, goal))
        for goal, (which, count) in wanted.items()
    }


def take(events: Events, rows: NDArray[np.intp]) -> Events:
    """The events in some rows."""
    names = [field.name for field in fields(events) if field.name not in _OF_ALL]
    return replace(events, **{name: getattr(events, name)[rows] for name in names})


def parts(events: Events, windows: Mapping[str, Windows]) -> dict[str, Part]:
    """Each task's windows of events whose scores are numbers (see ``numbered``)."""
    found = {}
    for column, task in enumerate(events.tasks):
        held = windows[task]
        used, places = np.unique(events.scores[:, column], return_inverse=True)
        mine = np.isin(owners(held)[0], used)
        found[task] = Part(_only(held, mine), places.astype(np.intp))
    return found


def _only(held: Windows, mine: NDArray[np.bool_]) -> Windows:
    """The windows of some events, which stay in their order."""
    rows = {name: getattr(held, name)[mine] for name in ("x", "y", "scenes", "events", "splits")}
    return replace(held, **rows)


def _some(rows: NDArray[np.intp], count: int, seed: int, goal: Goal) -> NDArray[np.intp]:
    return np.sort(generator(seed, "door", goal).permutation(rows)[:count])
