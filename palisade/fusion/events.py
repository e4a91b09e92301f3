"""What every sensor made of the same events, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from palisade.errors import PalisadeError
from palisade.scenes.events import NEAR_MISSES

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Witness:
    """One task's events, in the order in which its windows first name them.

    Attributes:
        scenes: ``[m]`` the event.
        kinds: ``[m]`` what happens; empty where the corpus does not say.
        splits: ``[m]`` ``calibration`` or ``test``.
        truth: ``[m]`` whether what the sensor witnesses warrants the action.
        scores: ``[m]`` int64, see ``scores``.
        plausible: ``[m]`` whether the sensor seems to work.
        aligned: whether other tasks have the same events.
    """

    scenes: NDArray[np.str_]
    kinds: NDArray[np.str_]
    splits: NDArray[np.str_]
    truth: Bools
    scores: NDArray[np.int64]
    plausible: Bools
    aligned: bool


@dataclass(frozen=True)
class Events:
    """Events that every task witnessed; ``tasks`` names the columns of what has one a task.

    Attributes:
        tasks: their names.
        scenes, kinds, splits: ``[m]``, as in ``Witness``.
        near_miss: ``[m]`` events that pass for ones to unlock for with one sensor at least.
        truth: ``[m, tasks]`` whether what a task's sensor witnesses warrants the action.
        scores: ``[m, tasks]`` int64.
        plausible: ``[m, tasks]``.
        aligned: whether a row is one event, and not examples put together by label.
    """

    tasks: tuple[str, ...]
    scenes: NDArray[np.str_]
    kinds: NDArray[np.str_]
    splits: NDArray[np.str_]
    near_miss: Bools
    truth: Bools
    scores: NDArray[np.int64]
    plausible: Bools
    aligned: bool

    def __len__(self) -> int:
        return len(self.scenes)

    @property
    def warranted(self) -> Bools:
        """``[m]`` events that the action should pass in."""
        return np.asarray(self.truth.all(axis=1))

    def of(self, split: str) -> Events:
        """The events of a split."""
        mine = self.splits == split
        return Events(
            self.tasks,
            self.scenes[mine],
            self.kinds[mine],
            self.splits[mine],
            self.near_miss[mine],
            self.truth[mine],
            self.scores[mine],
            self.plausible[mine],
            self.aligned,
        )


def join(witnesses: Mapping[str, Witness]) -> Events:
    """The events that all tasks have in common, in the order of the first one.

    Raises:
        PalisadeError: There are none, or two tasks disagree on what one is.
    """
    tasks = tuple(witnesses)
    places = [{name: at for at, name in enumerate(w.scenes.tolist())} for w in witnesses.values()]
    shared = [name for name in places[0] if all(name in place for place in places)]
    if not shared:
        raise PalisadeError(
            f"tasks {', '.join(tasks)} have no event in common",
            "draw their corpora with one `scenes` section, or use recordings without events",
        )
    rows = [np.array([place[name] for name in shared]) for place in places]
    seen = list(witnesses.values())
    for task, one, at in zip(tasks, seen, rows, strict=True):
        same = (one.splits[at] == seen[0].splits[rows[0]]) & (
            one.kinds[at] == seen[0].kinds[rows[0]]
        )
        if not same.all():
            odd = shared[int(np.argmin(same))]
            raise PalisadeError(
                f"event {odd} has another split or kind in {task} than in {tasks[0]}",
                "draw both corpora anew",
            )
    kinds = seen[0].kinds[rows[0]]
    return Events(
        tasks=tasks,
        scenes=np.array(shared),
        kinds=kinds,
        splits=seen[0].splits[rows[0]],
        near_miss=np.isin(kinds, sorted(NEAR_MISSES)),
        truth=np.stack([w.truth[at] for w, at in zip(seen, rows, strict=True)], axis=1),
        scores=np.stack([w.scores[at] for w, at in zip(seen, rows, strict=True)], axis=1),
        plausible=np.stack([w.plausible[at] for w, at in zip(seen, rows, strict=True)], axis=1),
        aligned=True,
    )
