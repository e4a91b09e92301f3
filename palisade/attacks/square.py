"""Square Attack: random search that asks a model for scores and never for a gradient.

Each query changes a window of the best perturbation so far, at a random place, and is kept if the
score did not rise. Windows shrink as the search goes on. An example that is fooled is asked no
more.

References:
    Andriushchenko et al., Square Attack, arXiv:1912.00049, algorithm 1 and the schedule of its
    appendix B. Here a query that leaves the score as it was is kept too, as int8 scores come in
    steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.ball import L2, Ball, Linf
from palisade.attacks.windows import Form, InL2, InLinf
from palisade.seeds import generator

Floats = NDArray[np.float64]

FORMS: dict[type, Callable[[tuple[int, ...]], Form]] = {Linf: InLinf, L2: InL2}

LARGEST_SHARE = 0.8  # of the samples that the first windows cover
# Shares of the queries after which a window's area is halved.
HALVED_AT = (0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8)


class Found(NamedTuple):
    """What a search found.

    Attributes:
        best: ``[n, ...]`` the best example visited, as the sensor would deliver it.
        margin: ``[n]`` its score: at or below 0 where it fools the model.
        queries: ``[n]`` asked of each, the clean example not counted.
    """

    best: NDArray[Any]
    margin: Floats
    queries: NDArray[np.int64]

    def standing(self, queries: int) -> NDArray[np.bool_]:
        """``[n]`` which examples no one of the first ``queries`` had fooled."""
        return (self.margin > 0) | (self.queries > queries)


def square(
    x: Any,
    y: NDArray[Any],
    *,
    score: Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]],
    ball: Ball,
    radius: Any,
    queries: int,
    seed: int,
    clip: Callable[[Any], Any],
    realise: Callable[[Any], NDArray[Any]],
) -> Found:
    """The best of ``queries`` perturbed examples each.

    What is tried of an example does not depend on how the others fare.

    Args:
        x: ``[n, ..., channels]`` clean signals, or ``[n, samples]``, in units of the ball.
        y: ``[n, ...]`` what ``score`` needs to know of each example: its label, say.
        score: of realised examples and their ``y``, how far each is from being fooled: at or
            below 0 exactly where it is.
        ball: ``L2`` or ``Linf``.
        radius: ``[n]`` of the ball.
        queries: most that are asked of an example, the clean one not counted.
        seed: root seed.
        clip: signals to within what the sensor can deliver.
        realise: signals to what the sensor delivers.
    """
    x, radius = np.asarray(x, np.float32), np.asarray(radius, np.float32)
    wide = x if x.ndim > 2 else x[..., np.newaxis]
    form: Form = FORMS[type(ball)](wide.shape[1:])
    dice = generator(seed, "square attack")
    best = realise(clip(x))
    least = np.asarray(score(best, y), np.float64).copy()
    asked = np.zeros(len(x), np.int64)
    delta = form.start(dice.random((len(x), form.drawn_at_start), np.float32), radius)
    for number in range(queries):
        drawn = dice.random((len(x), form.drawn))  # of all, so that none depends
        still = np.flatnonzero(least > 0)  # on which others are fooled already
        if not len(still):
            break
        moved = delta[still]
        if number:
            moved = form.change(moved, drawn[still], radius[still], share(number / queries))
        tried = realise(clip(x[still] + moved.reshape(len(still), *x.shape[1:])))
        value = np.asarray(score(tried, y[still]), np.float64)
        asked[still] += 1
        better = (value <= least[still]) | (number == 0)  # the first is where the search begins
        kept = still[better]
        delta[kept], best[kept], least[kept] = moved[better], tried[better], value[better]
    return Found(best, least, asked)


def share(progress: float) -> float:
    """Of the samples, how many a window covers when a share of the queries has been asked."""
    return LARGEST_SHARE / float(2 ** sum(progress > halved for halved in HALVED_AT))
