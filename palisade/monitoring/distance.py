"""How far a signal is from calibration: population stability index and Kolmogorov-Smirnov.

Both compare the log with calibration weighted to the log's mix of labels. Intervals come from a
bootstrap of both samples; what chance alone gives, from permutations within labels.

References:
    Yurdakul, Statistical properties of population stability index, 2018 (its bias and spread);
    Davison and Hinkley, Bootstrap Methods and their Application, 1997, 5.2.1 (basic interval,
    which takes the upward bias of a distance off) and 4.3 (permutation tests).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 10
DRAWS = 400
CONFIDENCE = 0.95

Counts = NDArray[np.int64]  # [..., labels, values]


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
    labels, values = np.unique(seen[0]), np.unique(np.concatenate([known[1], seen[1]]))
    was, now = _counts(known, labels, values), _counts(seen, labels, values)
    places = _bins(was, now)
    found = _both(was, now, places)
    again = _both(*_bootstrap(was, now, random), places)
    chance = _both(*_permuted(was, now, random), places)
    psi, ks = (_distance(*three) for three in zip(found, again, chance, strict=True))
    return Distances(psi, ks)


def _counts(
    sample: tuple[NDArray[np.int64], NDArray[np.int64]],
    labels: NDArray[np.int64],
    values: NDArray[np.int64],
) -> Counts:
    among = np.isin(sample[0], labels)
    found = np.zeros((len(labels), len(values)), np.int64)
    place = np.searchsorted(labels, sample[0][among]), np.searchsorted(values, sample[1][among])
    np.add.at(found, place, 1)
    return found


def _shares(was: Counts, now: Counts) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """``[..., values]`` shares of calibration, weighted to the log's labels, and of the log."""
    total = now.sum(axis=(-1, -2), keepdims=True)
    weight = now.sum(axis=-1, keepdims=True) / total
    expected = (weight * was / was.sum(axis=-1, keepdims=True)).sum(axis=-2)
    return expected, now.sum(axis=-2) / total[..., 0]


def _bins(was: Counts, now: Counts) -> NDArray[np.intp]:
    """Where bins of about equal expected share begin among the values."""
    below = np.cumsum(_shares(was, now)[0])
    starts = np.searchsorted(below, np.arange(1, BINS) / BINS, side="left") + 1
    return np.unique(np.concatenate([[0], starts[starts < was.shape[-1]]]))


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
    low, high = np.quantile(again, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Distance(
        value=float(value),
        low=max(0.0, float(2 * value - high)),
        high=max(0.0, float(2 * value - low)),
        chance=float(np.quantile(chance, CONFIDENCE)),
        p=float((1 + np.count_nonzero(chance >= value - 1e-12)) / (1 + len(chance))),
    )
