"""The companion tree as the target of an attack: its label, and how far off another label is.

A tree has no gradient. What an attacker who knows it can go by is how far an input's features are
from all conditions on the way to a leaf of another label.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.search import Floats, Score
from palisade.device import guard as on_device
from palisade.edge import Edge
from palisade.errors import PalisadeError
from palisade.guard import tree
from palisade.guard.engineered import Engineered
from palisade.guard.tree import Tree


@dataclass(frozen=True)
class Companion:
    """A tree on the path of the device.

    Attributes:
        inputs: raw samples to the network's int8 input, by the device's preprocessing and front
            end.
        engineered: the blocks that features are of.
        tree: the tree.
    """

    inputs: Callable[[NDArray[Any]], NDArray[np.int8]]
    engineered: Engineered
    tree: Tree

    def features(self, raw: NDArray[Any]) -> NDArray[np.int32]:
        """Engineered features ``[n, count]`` of raw samples ``[n, ...]``, by the device's code."""
        return on_device.features(self.engineered, self.inputs(raw))

    def label(self, raw: NDArray[Any]) -> NDArray[np.uint8]:
        """``[n]`` the commonest class in the leaf of each."""
        return np.asarray(self.tree.label[tree.leaves(self.tree, self.features(raw))])

    def score(self, raw: NDArray[Any], y: NDArray[np.int64]) -> Score:
        """How far examples ``raw [n, ...]``, moved, are from the nearest leaf not labelled ``y``.

        Features are counted in standard deviations over these examples, and the missing parts of
        all conditions are summed. 0 exactly where the tree gives another label.
        """
        known = self.features(raw).std(axis=0) if len(raw) else np.ones(self.engineered.count)
        spread = np.maximum(known, 1.0)

        def distance(moved: NDArray[Any], numbers: NDArray[np.intp]) -> Floats:
            missing = distances(self.tree, self.features(moved), spread)
            missing[self.tree.label == y[numbers, np.newaxis]] = np.inf
            return np.asarray(missing.min(axis=1))

        return distance


def of(device: Edge) -> Companion:
    """The companion of a guarded model.

    Raises:
        PalisadeError: It has no guard, or one without a tree.
    """
    if device.guard is None or device.guard.tree is None:
        raise PalisadeError("the guard has no companion tree", "run `dvc repro`, which makes one")
    return Companion(device.inputs, device.guard.engineered, device.guard.tree)


def distances(table: Tree, features: NDArray[np.int32], scale: Floats) -> Floats:
    """``[n, leaves]`` what is missing of the conditions on the way to each leaf, summed.

    Args:
        table: the tree.
        features: ``[n, count]``.
        scale: ``[count]`` what a missing part of a feature is divided by.
    """
    inner, leaves = len(table.feature), len(table.label)
    missing = np.zeros((len(features), inner + leaves))  # leaf l at the end: [-1 - l]
    level = np.zeros(min(inner, 1), np.int64)
    while len(level):
        feature = table.feature[level]
        above = features[:, feature].astype(np.int64) - table.threshold[level]
        lacking = {"left": np.maximum(above, 0), "right": np.maximum(1 - above, 0)}
        below = {"left": table.left[level], "right": table.right[level]}
        for side, child in below.items():
            missing[:, child] = missing[:, level] + lacking[side] / scale[feature]
        children = np.concatenate(list(below.values()))
        level = children[children >= 0]
    return missing[:, inner:][:, ::-1]
