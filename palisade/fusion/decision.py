"""The decision itself, and what becomes of it with sensors in an attacker's hands."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from palisade.fusion.events import Events

Bools = NDArray[np.bool_]


def agreement(events: Events, thresholds_lsb: NDArray[np.int64]) -> Bools:
    """``[m, tasks]`` whether a task agrees: plausible, and at or above its threshold."""
    return np.asarray(events.plausible & (events.scores >= thresholds_lsb))


def others(tasks: int, controlled: Collection[int]) -> list[int]:
    """The places of the tasks that the attacker does not control."""
    return [place for place in range(tasks) if place not in controlled]


def controlled_negatives(
    events: Events, agrees: Bools, controlled: Collection[int]
) -> tuple[Bools, Bools]:
    """Events that must not pass with some tasks under full control, and those that do pass.

    The attacker sets the controlled scores at will, so they agree, and what they should have
    witnessed counts for nothing.

    Returns:
        ``[m]`` whether at least one of the other tasks' truth does not warrant the action, and
        ``[m]`` whether all of the others agree.
    """
    rest = others(len(events.tasks), controlled)
    warranted = np.asarray(events.truth[:, rest].all(axis=1))
    return ~warranted, np.asarray(agrees[:, rest].all(axis=1))
