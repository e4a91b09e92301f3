"""Events put together by label, where the tasks' recordings are of different events.

For each combination of sensors that have reason to act, examples are drawn from each task's
own pool. Such events have no kind of their own: theirs is the tasks whose truth warrants the
action, ``vision+motion``. What several sensors get wrong together (a dark night, a dog that
looks and moves like a child) they do not show, so their figures are kinder than life.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
from numpy.typing import NDArray

from palisade import seeds
from palisade.errors import PalisadeError
from palisade.fusion.events import Events, Witness, join
from palisade.fusion.policy import Composed
from palisade.scenes.events import SPLITS

# Of all events, by how many sensors have no reason to act; shared out evenly among the
# combinations. Those with one such sensor are near-misses.
SHARES = {0: 0.3, 1: 0.45}
REST = "none"


def counts(tasks: int, events: int) -> dict[tuple[bool, ...], int]:
    """How many events of each combination of truths, by task; sums to about ``events``."""
    combinations = list(product((True, False), repeat=tasks))
    alike: dict[int, int] = {}
    for truth in combinations:
        alike[_missing(truth)] = alike.get(_missing(truth), 0) + 1
    rest = (1 - sum(SHARES.values())) / sum(n for missing, n in alike.items() if missing > 1)
    return {
        truth: max(1, round(events * _share(_missing(truth), alike, rest)))
        for truth in combinations
    }


def together(witnesses: Mapping[str, Witness], amounts: Composed, *, seed: int) -> Events:
    """The same events of all tasks, or composed ones where the tasks have none in common."""
    if all(one.aligned for one in witnesses.values()):
        return join(witnesses)
    events = {"calibration": amounts.calibration, "test": amounts.test}
    return compose(witnesses, events, seed=seed)


def compose(witnesses: Mapping[str, Witness], events: Mapping[str, int], *, seed: int) -> Events:
    """Put events together.

    Each pool is gone through in random order, and again once it is used up.

    Args:
        witnesses: by task.
        events: about how many of each split.
        seed: the root seed.

    Raises:
        PalisadeError: A task has no example that a combination needs.
    """
    tasks = tuple(witnesses)
    truths, splits = [], []
    for split in SPLITS:
        for combination, count in counts(len(tasks), events[split]).items():
            truths += [combination] * count
            splits += [split] * count
    truth, split_of = np.array(truths, bool), np.array(splits)
    columns = [
        _drawn(task, witnesses[task], truth[:, place], split_of, seed)
        for place, task in enumerate(tasks)
    ]
    missing = (~truth).sum(axis=1)
    seen = list(zip(witnesses.values(), columns, strict=True))
    return Events(
        tasks=tasks,
        scenes=np.array([f"{split}/{at}" for at, split in enumerate(splits)]),
        kinds=np.array(["+".join(np.array(tasks)[row]) or REST for row in truth]),
        splits=split_of,
        near_miss=missing == 1,
        truth=truth,
        scores=np.stack([one.scores[at] for one, at in seen], axis=1),
        plausible=np.stack([one.plausible[at] for one, at in seen], axis=1),
        aligned=False,
    )


def _missing(truth: tuple[bool, ...]) -> int:
    return truth.count(False)


def _share(missing: int, alike: Mapping[int, int], rest: float) -> float:
    return SHARES[missing] / alike[missing] if missing in SHARES else rest


def _drawn(
    task: str, one: Witness, truth: NDArray[np.bool_], split_of: NDArray[np.str_], seed: int
) -> NDArray[np.intp]:
    """``[m]`` the example of a task that stands in each event."""
    chosen = np.zeros(len(truth), np.intp)
    for split in SPLITS:
        for warrants in (True, False):
            wanted = np.flatnonzero((split_of == split) & (truth == warrants))
            pool = np.flatnonzero((one.splits == split) & (one.truth == warrants))
            if not len(pool):
                what = "warrants" if warrants else "does not warrant"
                raise PalisadeError(
                    f"{task} has no {split} example of a label that {what} the action",
                    "add recordings of one",
                )
            order = seeds.generator(seed, "fuse", task, split, int(warrants)).permutation(pool)
            chosen[wanted] = np.resize(order, len(wanted))
    return chosen
