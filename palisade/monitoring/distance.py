"""How far a signal is from calibration: population stability index and Kolmogorov-Smirnov.

Both are taken of ranks within a label, log and calibration together, and calibration is weighted to
the log's mix of labels: another mix alone is no distance. Intervals come from a bootstrap of both
samples; what chance alone gives, from permutations within labels, which is exact.

References:
    Yurdakul, Statistical properties of population stability index, 2018 (its bias and spread);
    Davison and Hinkley, Bootstrap Methods and their Application, 1997, 5.2.1 (the normal interval
    that takes the bias off, as chance makes a distance too large) and 4.3 (permutation tests).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 10
DRAWS = 400
RANKS = 100  # that are told apart
CONFIDENCE = 0.95
SIGMAS = 1.96  # either side of the middle of a normal distribution for that confidence

Counts = NDArray[np.int64]  # [..., labels, RANKS]


@dataclass(frozen=True)
class Distance:
    """A distance with its 95 % interval.

    Attributes:
        value: with what chance adds to it.
        low, high: of the distance itself, chance taken off; 0 at least.
        chance: what no drift at all exceeds once in twenty times.
        p: probability of such a value, or a larger one, without drift.
    """

    value: float
    low: float
    high: float
    chance: float
    p: float


@dataclass(frozen=True)
class Distances:
    """Both distances of one signal."""

    psi: Distance
    ks: Distance


def between(
    known: tuple[NDArray[np.int64], NDArray[np.int64]],
    seen: tuple[NDArray[np.int64], NDArray[np.int64]],
    random: np.random.Generator,
) -> Distances:
    """Distances of a log from calibration.

    Args:
        known: labels ``[m]`` and scores ``[m]`` of calibration.
        seen: labels ``[n]`` and scores ``[n]`` of the log, all with labels that calibration has.
        random: of bootstrap and permutations.
    """
    labels = np.unique(seen[0])
    pairs = [(known[1][known[0] == one], seen[1][seen[0] == one]) for one in labels]
    was, now = np.stack([_counts(*pair) for pair in pairs], axis=1)
    places = _bins(was, now)
    found = _both(was, now, places)
    again = _both(*_bootstrap(was, now, random), places)
    chance = _both(*_permuted(was, now, random), places)
    psi, ks = (_distance(*three) for three in zip(found, again, chance, strict=True))
    return Distances(psi, ks)


def _counts(known: NDArray[np.int64], seen: NDArray[np.int64]) -> Counts:
    """``[2, RANKS]`` of one label: calibration's answers and the log's by rank among both."""
    both = np.sort(np.concatenate([known, seen]))

    def counts(values: NDArray[np.int64]) -> Counts:
        sides = [np.searchsorted(both, values, side=side) for side in ("left", "right")]
        return np.bincount(sum(sides) * RANKS // (2 * len(both)), minlength=RANKS)

    return np.stack([counts(known), counts(seen)])


def _shares(was: Counts, now: Counts) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """``[..., RANKS]`` shares of calibration, weighted to the log's labels, and of the log."""
    total = now.sum(axis=(-1, -2), keepdims=True)
    weight = now.sum(axis=-1, keepdims=True) / total
    expected = (weight * was / was.sum(axis=-1, keepdims=True)).sum(axis=-2)
    return expected, now.sum(axis=-2) / total[..., 0]


def _bins(was: Counts, now: Counts) -> NDArray[np.intp]:
    """Where bins begin that hold about equal shares of both together."""
    below = np.cumsum(_shares(was + now, now)[0])
    starts = np.searchsorted(below, np.arange(1, BINS) / BINS - 1e-9) + 1
    return np.unique(np.concatenate([[0], starts[starts < RANKS]]))


def _both(
    was: Counts, now: Counts, places: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """``[...]`` population stability index and Kolmogorov-Smirnov distance."""
    expected, found = _shares(was, now)
    ks = np.abs(np.cumsum(expected - found, axis=-1)).max(axis=-1)
    # Half an answer in each bin, as an empty one would make the index infinite.
    wide, narrow = (
        (np.add.reduceat(share, places, axis=-1) * n + 0.5) / (n + 0.5 * len(places))
        for share, n in (
            (expected, was.sum(axis=(-1, -2))[..., None]),
            (found, now.sum(axis=(-1, -2))[..., None]),
        )
    )
    return ((narrow - wide) * np.log(narrow / wide)).sum(axis=-1), ks


def _bootstrap(was: Counts, now: Counts, random: np.random.Generator) -> tuple[Counts, Counts]:
    shares = was / was.sum(axis=-1, keepdims=True)
    old = random.multinomial(was.sum(axis=-1), shares, size=(DRAWS, len(was)))
    new = random.multinomial(now.sum(), (now / now.sum()).ravel(), size=DRAWS)
    return old, new.reshape(DRAWS, *now.shape)


def _permuted(was: Counts, now: Counts, random: np.random.Generator) -> tuple[Counts, Counts]:
    pooled = was + now
    new = np.stack(
        [
            random.multivariate_hypergeometric(pooled[at], now[at].sum(), DRAWS, method="marginals")
            for at in range(len(pooled))
        ],
        axis=1,
    )
    return pooled - new, new


def _distance(
    value: NDArray[np.float64], again: NDArray[np.float64], chance: NDArray[np.float64]
) -> Distance:
    centre, spread = 2 * value - again.mean(), SIGMAS * again.std()
    p = float((1 + np.count_nonzero(chance >= value - 1e-12)) / (1 + len(chance)))
    # Near 0 a bootstrap is too sure of itself; the permutations are not.
    return Distance(
        value=float(value),
        low=max(0.0, float(centre - spread)) if p <= 1 - CONFIDENCE else 0.0,
        high=max(0.0, float(centre + spread)),
        chance=float(np.quantile(chance, CONFIDENCE)),
        p=p,
    )
