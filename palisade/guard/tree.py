"""A decision tree on integer features that says which labels an input can have.

An example made to fool the network was not made to fool the tree, which sees other features and
has no gradient; an input whose leaf makes the network's label implausible is rejected.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from palisade.guard.table import Int16s, Int32s, Table, UInt8s, UInt16s, UInt32s

DEEPEST = 12
MOST_INNER = 4095


class Tree(Table):
    """Inner nodes ``[inner]`` and leaves ``[leaves]``.

    ``feature[n] <= threshold[n]`` goes to ``left[n]``, all else to ``right[n]``. A child from 0
    on is an inner node, and one below 0 is leaf ``-1 - child``. The root is node 0, or leaf 0
    where there is no inner node.
    """

    feature: UInt16s
    threshold: Int32s
    left: Int16s
    right: Int16s
    label: UInt8s = Field(description="the commonest class of a leaf's training examples")
    plausible: UInt32s = Field(description="a bit for each label that the leaf lets pass")

    @model_validator(mode="after")
    def _grows(self) -> Tree:
        inner, leaves = len(self.feature), len(self.label)
        if any(len(array) != inner for array in (self.threshold, self.left, self.right)):
            raise ValueError("feature, threshold, left and right must be of one length")
        if inner > MOST_INNER or leaves != inner + 1 or len(self.plausible) != leaves:
            raise ValueError(
                f"it must have at most {MOST_INNER} inner nodes, and one leaf more than that"
            )
        children = np.sort(np.concatenate([self.left, self.right]).astype(np.int64))
        expected = np.setdiff1d(np.arange(-leaves, inner), [0 if inner else -1])
        if not np.array_equal(children, expected):
            raise ValueError("every node but the root must be a child once")
        if depth(self) > DEEPEST:
            raise ValueError(f"it must be at most {DEEPEST} deep, and each child come from a node")
        return self


def depth(tree: Tree) -> int:
    """Questions on the longest way to a leaf; above ``DEEPEST`` if there is no end to it."""
    level = {0} if len(tree.feature) else set()
    for questions in range(DEEPEST + 1):
        if not level:
            return questions
        below = {int(child) for node in level for child in (tree.left[node], tree.right[node])}
        level = {child for child in below if child >= 0}
    return DEEPEST + 1


def leaves(tree: Tree, features: NDArray[np.int32]) -> NDArray[np.int64]:
    """``[n]`` the leaf of each row of features ``[n, count]``."""
    here = np.full(len(features), 0 if len(tree.feature) else -1, np.int64)
    for _ in range(DEEPEST):
        walking = np.flatnonzero(here >= 0)
        node = here[walking]
        goes_left = features[walking, tree.feature[node]] <= tree.threshold[node]
        here[walking] = np.where(goes_left, tree.left[node], tree.right[node])
    return -1 - here


def plausible(tree: Tree, features: NDArray[np.int32]) -> NDArray[np.uint32]:
    """``[n]`` a bit for each label that an input's leaf lets pass."""
    return np.asarray(tree.plausible[leaves(tree, features)])


def from_sklearn(fitted: Any, *, least_share: float) -> Tree:
    """The tables of a scikit-learn ``DecisionTreeClassifier`` fitted on integer features.

    ``x <= t`` equals ``x <= floor(t)`` for whole x.

    Args:
        fitted: its classes are labels, 0 to 31.
        least_share: a label passes a leaf if at least this share of the leaf's (weighted)
            training examples had it. A leaf's commonest label always passes; above 0.5 it is the
            only one.

    Raises:
        ValueError: The tree is deeper than ``DEEPEST``.
    """
    grown = fitted.tree_
    is_leaf = grown.children_left < 0
    number = np.where(is_leaf, -np.cumsum(is_leaf), np.cumsum(~is_leaf) - 1)
    inner = ~is_leaf
    share = grown.value[is_leaf, 0, :] / grown.value[is_leaf, 0, :].sum(axis=1, keepdims=True)
    passes = (share >= least_share - 1e-9) | (share >= share.max(axis=1, keepdims=True))
    bits = np.left_shift(1, np.asarray(fitted.classes_, np.int64))
    return Tree(
        feature=grown.feature[inner],
        threshold=np.floor(grown.threshold[inner]).astype(np.int64),
        left=number[grown.children_left[inner]],
        right=number[grown.children_right[inner]],
        label=np.asarray(fitted.classes_, np.int64)[share.argmax(axis=1)],
        plausible=(passes * bits).sum(axis=1),
    )
