"""How sure each sensor has to be: thresholds from calibration events alone.

Split conformal prediction, one-sided: of n exchangeable scores of warranted events, a new one
lies below the k-th smallest with probability at most k / (n + 1). With k summing to at most
target * (n + 1) over the tasks, the union bound keeps the joint decision's false rejects at the
target. Scores are of the events that the action should pass in, since it is their rejection
that the target is about: a command from the street would lower the microphone's threshold
without any visitor being let in for it.

A sensor that is faulty, or whose guard lets no window pass, scores below all others. Where such
events use up a task's k, its threshold is the least score of the others: one below it would
keep no false reject out. The target is then missed, by the guard and not by the threshold.

How the k are shared out is searched on the same calibration events, for the least false accepts
under the worst single sensor in an attacker's hands. The search looks at the scores that it
then speaks about, so the bound holds for each share fixed beforehand and only nearly for the
one found; the test events say what came of it.

References:
    Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005, ch. 4;
    Angelopoulos and Bates, arXiv:2107.07511, for split conformal prediction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from palisade.errors import PalisadeError
from palisade.fusion.decision import agreement, controlled_negatives
from palisade.fusion.events import Events
from palisade.fusion.scores import LOWEST_LSB, SILENT_LSB


@dataclass(frozen=True)
class Thresholds:
    """What was found on the calibration events.

    Attributes:
        values_lsb: ``[tasks]`` int64; a score agrees at this or above.
        ranks: ``[tasks]`` the k of each.
        alone_lsb: ``[tasks]`` a task's threshold if it decided alone, at the whole target.
        worst_false_accept_rate: under the worst single control, on the calibration events.
    """

    values_lsb: NDArray[np.int64]
    ranks: tuple[int, ...]
    alone_lsb: NDArray[np.int64]
    worst_false_accept_rate: float


def calibrate(calibration: Events, false_reject_target: float) -> Thresholds:
    """Find thresholds.

    Raises:
        PalisadeError: There are too few warranted events for the target.
    """
    tasks, warranted = len(calibration.tasks), calibration.warranted
    count = int(warranted.sum())
    # One part in 10^9, so that 0.04 * 75 is 3 in floating point too.
    total = int(false_reject_target * (count + 1) * (1 + 1e-9))
    if total < tasks:
        raise PalisadeError(
            f"{count} calibration events warrant the action, too few for {tasks} tasks at "
            f"fuse.false_reject_target: {false_reject_target}",
            f"have at least {int(np.ceil(tasks / false_reject_target)) - 1}, or raise the target",
        )
    scores = np.sort(_usable(calibration)[warranted], axis=0)
    found = [(_cost(calibration, _at(scores, ranks)), ranks) for ranks in shares(total, tasks)]
    (worst, _), _, best = min((cost, max(ranks) - min(ranks), ranks) for cost, ranks in found)
    return Thresholds(
        values_lsb=_at(scores, best),
        ranks=best,
        alone_lsb=_at(scores, (total,) * tasks),
        worst_false_accept_rate=worst,
    )


def shares(total: int, tasks: int) -> Iterator[tuple[int, ...]]:
    """Every way to share out a whole number among tasks, none getting nothing."""
    if tasks == 1:
        yield (total,)
        return
    for first in range(1, total - tasks + 2):
        yield from ((first, *rest) for rest in shares(total - first, tasks - 1))


def _usable(events: Events) -> NDArray[np.int64]:
    """Scores, those of a faulty sensor below all others."""
    return np.where(events.plausible, events.scores, SILENT_LSB)


def _at(scores: NDArray[np.int64], ranks: tuple[int, ...]) -> NDArray[np.int64]:
    """The scores ``[n, tasks]``, each column sorted, at a rank from 1 for each column."""
    at = scores[np.array(ranks) - 1, np.arange(scores.shape[1])]
    return np.asarray(np.maximum(at, _least(scores)), np.int64)


def _least(scores: NDArray[np.int64]) -> NDArray[np.int64]:
    """``[tasks]`` the least score of any evidence: lower thresholds would only let others pass."""
    known = np.where(scores >= LOWEST_LSB, scores, np.iinfo(np.int64).max).min(axis=0)
    return np.asarray(np.where((scores >= LOWEST_LSB).any(axis=0), known, LOWEST_LSB), np.int64)


def _cost(events: Events, values_lsb: NDArray[np.int64]) -> tuple[float, float]:
    """False accepts under the worst single control, and summed over all of them."""
    agrees = agreement(events, values_lsb)
    rates = []
    for place in range(len(events.tasks)):
        negative, passes = controlled_negatives(events, agrees, (place,))
        rates.append(float(np.mean(passes[negative])) if negative.any() else 0.0)
    return max(rates), sum(rates)
