"""What crafted inputs did to the door: by which sensors they reach, beside what bounds it.

Sensors do not see each other, so an attack on several is each one's own, and the door's verdict
is put together of the tasks' verdicts: attacked where the attacker reaches, clean elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.assault.crafting import Goal
from palisade.assault.siege import Outcome
from palisade.evaluation.rates import rate
from palisade.fusion.decision import others
from palisade.fusion.events import Events

Bools = NDArray[np.bool_]
Reach = tuple[int, ...]  # places of the tasks that the attacker reaches
RATES = {"forced": "false_accept_rate", "denied": "false_reject_rate"}


@dataclass(frozen=True)
class Door:
    """The door in ``m`` events, attacked towards one goal.

    Attributes:
        events: what they are; their scores are not used.
        outcomes: by task, in the order of ``events.tasks``.
        thresholds_lsb: ``[tasks]``.
        goal: what the attacker wants.
    """

    events: Events
    outcomes: Mapping[str, Outcome]
    thresholds_lsb: NDArray[np.int64]
    goal: Goal

    def scores(self, which: str) -> NDArray[np.int64]:
        """``[m, tasks]`` scores: ``clean``, ``crafted`` or ``noise``."""
        found = [getattr(self.outcomes[task], which) for task in self.events.tasks]
        return np.stack(found, axis=1)

    def won(self, reach: Reach, which: str = "crafted") -> Bools:
        """``[m]`` whether the door does what the attacker wants, some tasks' inputs crafted."""
        agrees = self._agrees("clean")
        agrees[:, reach] = self._agrees(which)[:, reach]
        return self._to_liking(agrees)

    def bound(self, reach: Reach) -> Bools:
        """``[m]`` the same with those tasks' scores wholly in the attacker's hands."""
        agrees = self._agrees("clean")
        agrees[:, reach] = self.goal == "forced"
        return self._to_liking(agrees)

    def any_of(self, size: int, bound: bool = False) -> Bools:
        """``[m]`` whether some tasks, as many as said, are enough, the best in each event."""
        verdict = self.bound if bound else self.won
        return np.asarray(np.any([verdict(reach) for reach in self.reaches(size)], axis=0))

    def reaches(self, size: int | None = None) -> list[Reach]:
        """Every choice of tasks, or those of one size."""
        count = len(self.events.tasks)
        sizes = range(1, count + 1) if size is None else [size]
        return [reach for n in sizes for reach in combinations(range(count), n)]

    def name(self, reach: Reach) -> str:
        """``motion_voice``."""
        return "_".join(self.events.tasks[place] for place in reach)

    def groups(self, reach: Reach) -> dict[str, Bools]:
        """``[m]`` masks of the events that figures are given of.

        Of forced ones: near-misses; bystanders' events, in which all tasks out of reach truly
        agree; and those that one of these contradicts, as ``fuse`` counts a controlled task.
        """
        found = {"all": np.ones(len(self.events), np.bool_)}
        if self.goal == "forced":
            rest = others(len(self.events.tasks), reach)
            bystander = np.asarray(self.events.truth[:, rest].all(axis=1))
            found |= {
                "near_miss": self.events.near_miss,
                "bystander": bystander,
                "contradicted": ~bystander,
            }
        return found

    def _agrees(self, which: str) -> Bools:
        return np.asarray(self.scores(which) >= self.thresholds_lsb)

    def _to_liking(self, agrees: Bools) -> Bools:
        passed = np.asarray(agrees.all(axis=1))
        return passed if self.goal == "forced" else ~passed


def metrics(doors: Mapping[Goal, Door]) -> dict[str, Any]:
    """Rates for ``dvc metrics diff``: clean, by what is reached, and by how many are."""
    found: dict[str, Any] = {
        "clean": {RATES[goal]: rate(door.won(())).value for goal, door in doors.items()},
        "events": {goal: len(door.events) for goal, door in doors.items()},
    }
    for goal, door in doors.items():
        tree: dict[str, Any] = {}
        for reach in door.reaches():
            tree[door.name(reach)] = _told(door, reach)
        for size in range(1, len(door.events.tasks)):
            tree[f"any_{size}"] = {RATES[goal]: rate(door.any_of(size)).value}
            if goal == "forced":
                tree[f"any_{size}"]["bound"] = rate(door.any_of(size, bound=True)).value
        found[goal] = tree
    return found


def _told(door: Door, reach: Reach) -> dict[str, float]:
    name, won = RATES[door.goal], door.won(reach)
    found = {name: rate(won).value}
    if door.goal == "forced":  # whoever holds one sensor keeps the door shut: that bound is 1
        found["bound"] = rate(door.bound(reach)).value
        bystander = door.groups(reach)["bystander"]
        if bystander.any():
            found[f"bystander_{name}"] = rate(won[bystander]).value
    return found


def rows(doors: Mapping[Goal, Door]) -> list[dict[str, Any]]:
    """Rates with intervals, by goal, tasks reached and group of events."""
    return [row for door in doors.values() for row in (*_by_reach(door), *_by_size(door))]


def _by_reach(door: Door) -> Iterator[dict[str, Any]]:
    for reach in door.reaches():
        for among, mask in door.groups(reach).items():
            row = _row(door, door.name(reach), among, mask, door.won(reach), door.bound(reach))
            yield row | {"noise": rate(door.won(reach, "noise")[mask]).value}


def _by_size(door: Door) -> Iterator[dict[str, Any]]:
    """With so many tasks in reach, the best of all choices in each event."""
    masks = {name: mask for name, mask in door.groups(()).items() if name in ("all", "near_miss")}
    for size in range(1, len(door.events.tasks)):
        for among, mask in masks.items():
            won, bound = door.any_of(size), door.any_of(size, bound=True)
            yield _row(door, f"any_{size}", among, mask, won, bound)


def _row(
    door: Door, reached: str, among: str, mask: Bools, won: Bools, bound: Bools
) -> dict[str, Any]:
    told = rate(won[mask])
    return {
        "goal": door.goal,
        "reached": reached,
        "among": among,
        "clean": rate(door.won(())[mask]).value,
        "noise": "",
        "rate": told.value,
        "low": told.low,
        "high": told.high,
        "bound": rate(bound[mask]).value,
        "n": told.n,
    }


def event_rows(doors: Mapping[Goal, Door]) -> Iterator[dict[str, Any]]:
    """A row an event: what it is, and each task's scores."""
    for goal, door in doors.items():
        events, named = door.events, ("clean", "noise", "crafted")
        scores = {which: door.scores(which) for which in named}
        for at in range(len(events)):
            row: dict[str, Any] = {
                "goal": goal,
                "scene": str(events.scenes[at]),
                "event": str(events.kinds[at]),
                "near_miss": int(events.near_miss[at]),
            }
            for place, task in enumerate(events.tasks):
                row[f"{task}_truth"] = int(events.truth[at, place])
                for which in named:
                    row[f"{task}_{which}_lsb"] = int(scores[which][at, place])
            yield row
