"""Random search for adversarial examples of a model that has a score and no gradient.

A query is one example as the sensor would deliver it. Each adds to the best perturbation so far a
wave inside a box, both drawn at random, comes back into the ball, and is kept if the score did not
rise. Nothing depends on how many queries there are in all: a longer search begins with the shorter
one.

References:
    Andriushchenko et al., Square Attack, arXiv:1912.00049 (random search by local changes that
    reach the ball's boundary); here the changes are waves of any frequency, down to none, so that
    the same search serves sound, pictures and traces.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.ascent import Threat
from palisade.attacks.ball import spread
from palisade.backend import tf
from palisade.seeds import generator

Floats = NDArray[np.float64]
# How far each of some examples is from being fooled, 0 where it is: of raw samples [m, ...] and
# of the numbers [m] that these examples have among all.
Score = Callable[[NDArray[Any], NDArray[np.intp]], Floats]

SHORTEST_SHARE = 1 / 16  # of an axis that a box covers
LEVEL_SHARE = 0.5  # of the waves, that do not vary along an axis
LENGTHS = (2.0, 1.0, 0.5, 0.25)  # of a change, in radii; 2 leads from one boundary to the other
_DRAWN = 4  # numbers an axis: the box's length and place, level or not, and frequency


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes:
        raw: ``[n, ...]`` the best example visited, as the sensor would deliver it.
        fooled: ``[n]`` whether it fools the model.
        queries: ``[n]`` asked of each.
    """

    raw: NDArray[Any]
    fooled: NDArray[np.bool_]
    queries: NDArray[np.int64]


def search(
    raw: NDArray[Any],
    *,
    score: Score,
    threat: Threat,
    budget: float,
    queries: int,
    seed: int,
) -> Found:
    """The best of ``queries`` perturbed examples each; one that is fooled is left alone.

    Args:
        raw: ``[n, ...]`` clean samples as the sensor delivers them.
        score: what is brought down to 0.
        threat: the ball, the sensor's range and its rounding.
        budget: in the threat's unit.
        queries: most that are asked of an example, the clean one not counted.
        seed: root seed.
    """
    x = threat.signal(tf.constant(raw))
    radius = threat.radius(x, budget)
    delta, best = np.zeros(x.shape, np.float32), raw.copy()
    least = score(raw, np.arange(len(raw)))
    asked = np.zeros(len(raw), np.int64)
    dice = generator(seed, "random search")
    for _ in range(queries):
        drawn = dice.random((len(raw), _DRAWN * (raw.ndim - 1) + 2))  # of all, so that none depends
        still = np.flatnonzero(least > 0)  # on which others are fooled already
        if not len(still):
            break
        mine = tf.gather(radius, still)
        change = threat.ball.steepest(tf.constant(_waves(drawn[still], raw.shape[1:])))
        length = tf.gather(LENGTHS, (drawn[still, -1] * len(LENGTHS)).astype(np.int64))
        moved = threat.ball.project(delta[still] + change * spread(mine * length, change), mine)
        tried = threat.realise(threat.clip(tf.gather(x, still) + moved))
        value = score(tried, still)
        better = value <= least[still]
        kept = still[better]
        delta[kept], best[kept], least[kept] = moved.numpy()[better], tried[better], value[better]
        asked[still] += 1
    return Found(best, least <= 0, asked)


def _waves(drawn: Floats, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """``[m, *shape]`` a wave each, nothing outside its box."""
    waves = np.zeros((len(drawn), *shape), np.float32)
    for wave, numbers in zip(waves, drawn, strict=True):
        angle = 2 * np.pi * numbers[-2]
        box = []
        for axis, size in enumerate(shape):
            place, turns = _along(numbers[_DRAWN * axis : _DRAWN * (axis + 1)], size)
            box.append(place)
            steps = np.arange(place.stop - place.start, dtype=np.float32)
            angle = np.add.outer(angle, np.float32(2 * np.pi * turns) * steps)
        wave[tuple(box)] = np.cos(angle)
    return waves


def _along(numbers: Floats, size: int) -> tuple[slice, float]:
    """A box's part of an axis, and a wave's turns a sample; logarithms are drawn uniformly."""
    shortest = max(SHORTEST_SHARE, 1 / size)
    length = round(size * shortest ** numbers[0])
    start = int(numbers[1] * (size - length + 1))
    level = size == 1 or numbers[2] < LEVEL_SHARE
    return slice(start, start + length), 0.0 if level else 0.5 * (2 / size) ** numbers[3]
