"""How hard data is: what a linear model makes of it.

Data that a linear model tells apart shows nothing about a network's robustness.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from palisade import parallel
from palisade.splits import Split

BATCH = 64  # examples a worker takes at a time

Features = Callable[[NDArray[Any]], NDArray[np.float32]]


def linear_accuracy(train: Split, test: Split, features: Features) -> float:
    """Test accuracy of a logistic regression on standardised features.

    Args:
        train: what it learns from.
        test: what it is tested on.
        features: gives ``[n, d]`` features of ``[n, ...]`` examples, each by itself.
    """
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    probe.fit(_of(train, features), train.y)
    return float(probe.score(_of(test, features), test.y))


def _of(split: Split, features: Features) -> NDArray[np.float32]:
    batches = [split.x[at : at + BATCH] for at in range(0, len(split), BATCH)]
    return np.concatenate(parallel.each(features, batches, "mean features"))
