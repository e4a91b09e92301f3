"""A threshold for each command, from calibration recordings alone.

With so many misses allowed over all commands, they are shared out where each keeps most false
accepts away: a network that says one word in doubt gets a high threshold for that word and low
ones for the others. The number allowed is the largest whose upper limit, with 95 % confidence,
stays below the target. The shares are found exactly (dynamic programming over the misses) as if
commands were accepted independently; that they are not is then seen in the joint decision, and
fewer misses are allowed until it keeps the target too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from palisade.fusion.scores import LOWEST_LSB
from palisade.stream.decision import Scores
from palisade.stream.figures import Material, false_accepts, highest_share, trial


@dataclass(frozen=True)
class Thresholds:
    """What was found.

    Attributes:
        lsb: ``[actions]`` an action is accepted at or above its own.
        met: whether the target is kept; where none can, as few commands are missed as can be.
    """

    lsb: tuple[int, ...]
    met: bool


@dataclass(frozen=True)
class Option:
    """One threshold of one action, by itself.

    Attributes:
        lsb: the threshold.
        missed: its commands below it.
        false_accepts: where no command is said.
    """

    lsb: int
    missed: int
    false_accepts: int


def choose(calibration: Material, false_reject_target: float) -> Thresholds:
    """Find the thresholds."""
    actions = calibration.positive.lsb.shape[2]
    options = [_options(calibration, action) for action in range(actions)]
    said = len(calibration.trials.action)
    budget = allowed = most_missed(said, false_reject_target)
    while (shared := share(options, budget)) is not None:
        excess = int(trial(calibration, shared)[0].sum()) - allowed
        if excess <= 0:
            return Thresholds(shared, met=True)
        budget -= excess
    fewest = tuple(min(some, key=lambda one: (one.missed, -one.lsb)).lsb for some in options)
    return Thresholds(fewest, met=False)


def most_missed(said: int, target: float) -> int:
    """Most misses whose upper limit is at most the target; -1 if even none has too high a one."""
    missed = -1
    while missed < said and highest_share(missed + 1, said) <= target:
        missed += 1
    return missed


def share(options: Sequence[Sequence[Option]], budget: int) -> tuple[int, ...] | None:
    """One threshold of each action: least false accepts, then highest thresholds.

    Args:
        options: of each action.
        budget: most misses, all together.

    Returns:
        The thresholds, or None where every choice misses more.
    """
    best: dict[int, tuple[int, int, tuple[int, ...]]] = {0: (0, 0, ())} if budget >= 0 else {}
    for some in options:
        ways = [
            (missed + one.missed, (cost + one.false_accepts, height - one.lsb, (*lsb, one.lsb)))
            for missed, (cost, height, lsb) in best.items()
            for one in some
            if missed + one.missed <= budget
        ]
        best = {}
        for missed, way in ways:
            best[missed] = min(way, best.get(missed, way))
    return min(best.values())[2] if best else None


def _options(calibration: Material, action: int) -> list[Option]:
    """The thresholds at which one more command of an action is missed."""
    peaks = _peaks(calibration, action)
    alone = replace(calibration, negative=_only(calibration.negative, action))
    return [
        Option(
            lsb=int(lsb),
            missed=int(np.count_nonzero(peaks < lsb)),
            false_accepts=int(false_accepts(alone, [int(lsb)]).sum()),
        )
        for lsb in np.unique(np.maximum(peaks, LOWEST_LSB))
    ] or [Option(-LOWEST_LSB, 0, 0)]


def _peaks(calibration: Material, action: int) -> NDArray[np.int16]:
    """``[commands]`` the largest score of an action while it is said."""
    scores = calibration.positive.lsb[:, :, action]
    return np.array(
        [
            scores[row, during].max(initial=LOWEST_LSB)
            for row, wanted, during in calibration.trials
            if wanted == action
        ],
        np.int16,
    )


def _only(scores: Scores, action: int) -> Scores:
    return replace(scores, lsb=scores.lsb[:, :, action : action + 1])
