"""How hard traces are: what one threshold on one simple figure makes of them.

Data that a threshold tells apart needs no network, and shows nothing about one's robustness.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Positive = NDArray[np.bool_]


def balanced_accuracy(
    train: NDArray[np.generic], is_train: Positive, test: NDArray[np.generic], is_test: Positive
) -> float:
    """On test, of the figure, threshold and direction that are best on train.

    Args:
        train, test: ``[n, samples, channels]``.
        is_train, is_test: ``[n]`` whether an example is of the class that is looked for.

    Returns:
        The mean of sensitivity and specificity: 0.5 is chance, whatever the shares of classes.
    """
    known, unseen = figures(train), figures(test)
    splits = [_best(column, is_train) for column in known.T]
    place = int(np.argmax([score for score, _, _ in splits]))
    _, threshold, above = splits[place]
    said = (unseen[:, place] > threshold) == above
    return float((said[is_test].mean() + (~said[~is_test]).mean()) / 2)


def figures(x: NDArray[np.generic]) -> NDArray[np.float64]:
    """``[n, figures]`` of each channel: deviation, range, largest departure from the mean, mean
    step from sample to sample, and largest step."""
    values = np.asarray(x, np.float64)
    moving = values - values.mean(axis=1, keepdims=True)
    steps = np.abs(np.diff(values, axis=1))
    each = [
        moving.std(axis=1),
        np.ptp(values, axis=1),
        np.abs(moving).max(axis=1),
        steps.mean(axis=1),
        steps.max(axis=1),
    ]
    return np.concatenate(each, axis=1)


def _best(values: NDArray[np.float64], positive: Positive) -> tuple[float, float, bool]:
    """Balanced accuracy, threshold, and whether the class lies above it."""
    order = np.argsort(values, kind="stable")
    ranked, mine = values[order], positive[order]
    below = np.cumsum(mine) / max(1, mine.sum())
    rest_below = np.cumsum(~mine) / max(1, (~mine).sum())
    score = (1 + rest_below - below) / 2  # of "above is mine"; the other way round, one less it
    last = np.append(ranked[1:] > ranked[:-1], True)  # a threshold cannot part equals
    score = np.where(last, score, 0.5)
    place = int(np.argmax(np.maximum(score, 1 - score)))
    above = bool(score[place] >= 0.5)
    upper = ranked[min(place + 1, len(ranked) - 1)]
    return float(max(score[place], 1 - score[place])), float((ranked[place] + upper) / 2), above
