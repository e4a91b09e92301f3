"""Square attack: by queries on the device's own path, with no gradient and no white box.

A query is one example as the sensor would deliver it. Each changes the best perturbation so far
inside one window, whose size falls with the queries, so that it stays on the ball's boundary, and
is kept if the score did not rise. An example that is broken is asked no more.

Windows lie along the axes of time or of the picture; the last axis of pictures and traces holds
channels, each with its own sign. On an L2 ball the change in a window is a bump; a bump alone
hardly reaches what a front end makes of sound, so here it carries a wave of a random frequency,
down to none, which the paper has not.

References:
    Andriushchenko et al., Square Attack, arXiv:1912.00049: algorithms 1 to 3 and the schedule of
    window sizes of its section 5, scaled to the number of queries.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.ascent import Threat
from palisade.attacks.ball import L2, Linf, spread
from palisade.backend import tf
from palisade.progress import track
from palisade.seeds import generator

Floats = NDArray[np.float32]
# How far each of some examples is from being broken, 0 where it is: of raw samples [m, ...] and
# of the numbers [m] that these examples have among all. From 1 on the network has it right.
Score = Callable[[NDArray[Any], NDArray[np.intp]], NDArray[np.float64]]

FIRST_SHARE = {"Linf": 0.8, "L2": 0.1}  # of all elements that a window covers at first
HALVED_AT = (0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8)  # shares of the queries
TILES = 5  # an axis, of the first perturbation in an L2 ball
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Asked:
    """What a search found.

    Attributes:
        raw: ``[n, ...]`` the best example visited, as the sensor would deliver it.
        wrong_at: ``[n]`` the query at which the network first erred; 0: when clean; or ``NEVER``.
        broken_at: ``[n]`` the query at which its score came to 0.
    """

    raw: NDArray[Any]
    wrong_at: NDArray[np.int64]
    broken_at: NDArray[np.int64]

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Asked:
        """What was found of the examples in a mask ``[n]``, or at some places in their order."""
        return Asked(self.raw[chosen], self.wrong_at[chosen], self.broken_at[chosen])


class Moves(Protocol):
    """Perturbations of one example, on the boundary of a ball of radius 1."""

    def first(self, dice: np.random.Generator) -> Floats:
        """Where the search begins."""

    def next(self, delta: Floats, share: float, dice: np.random.Generator) -> Floats:
        """A change of ``delta`` inside a window that covers a share of all elements."""


def search(
    raw: NDArray[Any], *, score: Score, threat: Threat, budget: float, queries: int, seed: int
) -> Asked:
    """The best of ``queries`` perturbed examples each.

    Args:
        raw: ``[n, ...]`` clean samples as the sensor delivers them.
        score: what is brought down to 0.
        threat: the ball, the sensor's range and its rounding.
        budget: in the threat's unit.
        queries: most that are asked of an example, the clean one not counted.
        seed: root seed; each example has dice of its own.
    """
    signal = threat.signal(tf.constant(raw))
    x, radius = signal.numpy(), spread(threat.radius(signal, budget), signal).numpy()
    moves = moves_of(threat.ball, x.shape[1:])
    dice = [generator(seed, "square", number) for number in range(len(raw))]
    delta, best = np.zeros(x.shape, np.float32), raw.copy()
    least = score(raw, np.arange(len(raw)))
    wrong_at = np.where(least < 1, 0, NEVER)
    broken_at = np.where(least <= 0, 0, NEVER)
    for query in track(range(1, queries + 1), f"square {budget:g}", queries):
        still = np.flatnonzero(least > 0)
        if not len(still):
            break
        if query == 1:
            moved = np.stack([moves.first(dice[one]) for one in still])
        else:
            share = _share(threat.ball, (query - 1) / queries)
            moved = np.stack([moves.next(delta[one], share, dice[one]) for one in still])
        tried = threat.realise(threat.clip(x[still] + moved * radius[still]))
        value = score(tried, still)
        better = (value <= least[still]) | (query == 1)
        kept = still[better]
        delta[kept] = moved[better]
        lower = better & (value <= least[still])
        best[still[lower]] = tried[lower]
        least[kept] = value[better]
        wrong_at[still[value < 1]] = np.minimum(wrong_at[still[value < 1]], query)
        broken_at[still[value <= 0]] = query
    return Asked(best, wrong_at, broken_at)


def moves_of(ball: Any, shape: tuple[int, ...]) -> Moves:
    """How to move in a ball, for signals of a shape.

    Raises:
        TypeError: There is no search for such a ball.
    """
    if isinstance(ball, Linf):
        return Signs(shape)
    if isinstance(ball, L2):
        return Bumps(shape)
    raise TypeError(f"no square attack in {type(ball).__name__}")


def _share(ball: Any, done: float) -> float:
    halvings = sum(done > at for at in HALVED_AT)
    return FIRST_SHARE[type(ball).__name__] / float(2**halvings)


def _axes(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Lengths of the axes that windows lie along: all but the channels."""
    return shape if len(shape) == 1 else shape[:-1]


def _window(
    axes: Sequence[int], share: float, least: int, dice: np.random.Generator
) -> tuple[slice, ...]:
    """A window of equal sides that covers a share of all elements, at random inside."""
    side = round((share * float(math.prod(axes))) ** (1 / len(axes)))
    sides = [min(max(side, min(least, axis)), axis) for axis in axes]
    starts = [int(dice.integers(axis - one + 1)) for axis, one in zip(axes, sides, strict=True)]
    return tuple(slice(start, start + one) for start, one in zip(starts, sides, strict=True))


@dataclass(frozen=True)
class Signs:
    """Every element at one end of its range or the other (the paper's algorithm 2).

    Attributes:
        shape: of a signal.
    """

    shape: tuple[int, ...]

    def first(self, dice: np.random.Generator) -> Floats:
        """Stripes along the last axis that is none of channels."""
        axes = _axes(self.shape)
        stripes = (1,) * (len(axes) - 1) + (axes[-1], *self.shape[len(axes) :])
        return np.broadcast_to(_signs(stripes, dice), self.shape).copy()

    def next(self, delta: Floats, share: float, dice: np.random.Generator) -> Floats:
        """One sign a channel in a window, unlike what was there."""
        axes = _axes(self.shape)
        window = _window(axes, share, 1, dice)
        moved = delta.copy()
        drawn = _signs((1,) * len(axes) + self.shape[len(axes) :], dice)
        moved[window] = -drawn if np.all(delta[window] == drawn) else drawn
        return moved


@dataclass(frozen=True)
class Bumps:
    """Energy that is moved from one window to another (the paper's algorithm 3).

    Attributes:
        shape: of a signal.
    """

    shape: tuple[int, ...]

    def first(self, dice: np.random.Generator) -> Floats:
        """A bump in each of some tiles."""
        delta = np.zeros(self.shape, np.float32)
        axes = _axes(self.shape)
        edges = [np.linspace(0, axis, min(TILES, axis) + 1).astype(int) for axis in axes]
        for place in np.ndindex(*[len(one) - 1 for one in edges]):
            tile = tuple(slice(e[at], e[at + 1]) for e, at in zip(edges, place, strict=True))
            delta[tile] = self._bump(delta[tile].shape, dice)
        return _unit(delta)

    def next(self, delta: Floats, share: float, dice: np.random.Generator) -> Floats:
        """A bump added in one window, with its energy, that of another and what was left."""
        axes = _axes(self.shape)
        here, there = (_window(axes, share, 3, dice) for _ in range(2))
        moved = delta.copy()
        moved[there] = 0.0
        moved[here] = 0.0
        free = np.sqrt(max(0.0, 1.0 - float(np.sum(np.square(moved, dtype=np.float64)))))
        moved[here] = free * _unit(self._bump(delta[here].shape, dice) + _unit(delta[here]))
        return moved

    def _bump(self, shape: tuple[int, ...], dice: np.random.Generator) -> Floats:
        """Of norm 1: a hump that carries a wave, with a random sign a channel."""
        axes = len(_axes(self.shape))
        angle = np.zeros((1,) * axes) + dice.random() * 2 * np.pi
        hump = np.ones((1,) * axes)
        for axis in range(axes):
            length = shape[axis]
            steps = (np.arange(length) + 0.5).reshape([-1 if a == axis else 1 for a in range(axes)])
            hump = hump * np.sin(np.pi * steps / length) ** 2
            angle = angle + 2 * np.pi * steps * 0.5 * (2 / max(2, length)) ** dice.random()
        if dice.random() < 1 / 4:
            angle = np.zeros_like(angle)
        signs = _signs((1,) * axes + tuple(shape[axes:]), dice)
        wave = (hump * np.cos(angle)).reshape(*hump.shape, *(1,) * (len(shape) - axes))
        return _unit((wave * signs).astype(np.float32))


def _signs(shape: tuple[int, ...], dice: np.random.Generator) -> Floats:
    return np.asarray(2 * dice.integers(0, 2, shape) - 1, np.float32)


def _unit(x: Floats) -> Floats:
    norm = float(np.sqrt(np.sum(np.square(x, dtype=np.float64))))
    return np.asarray(x / np.float32(norm), np.float32) if norm > 0 else x
