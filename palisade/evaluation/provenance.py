"""Checks on the examples: enough of them, and none that was seen before the test.

References:
    Barz and Denzler, arXiv:1902.00423 (duplicates across CIFAR's splits);
    Kaufman et al., Leakage in Data Mining, KDD 2011.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Mapping
from itertools import combinations

import numpy as np

from palisade.evaluation import clusters
from palisade.evaluation.checks import MISSING, Check
from palisade.evaluation.evidence import BEHIND_GUARD, DEFENDED, Evidence, most
from palisade.splits import NAMES, Split


def of(evidence: Evidence, least_examples: int, widest_interval: float) -> list[Check]:
    """Checks on the splits and on how much a figure of the test split can say.

    Args:
        evidence: what was measured.
        least_examples: test examples below which figures say little.
        widest_interval: of a worst case, of examples that hang together in their groups.
    """
    table, splits = evidence.table, evidence.splits
    held = splits.get("test")
    worst = [
        clusters.rate(table.worst_case(model, budget), held.groups)
        for model in (DEFENDED, *([BEHIND_GUARD] if evidence.guard else []))
        for budget in table.budgets
        if held is not None and table.attacks(model, budget)
    ]
    return [
        Check(
            "no_content_in_two_splits",
            shared(splits, contents),
            0,
            guards_against="a test on what was trained or chosen or calibrated on",
        ),
        Check(
            "no_group_in_two_splits",
            shared(splits, groups),
            0,
            guards_against="a test on speakers or scenes or homes that are known already",
        ),
        Check(
            "enough_examples",
            len(table.alone),
            least_examples,
            at_least=True,
            guards_against="figures of so few examples that they may be chance",
        ),
        Check(
            "intervals_are_narrow",
            most(one.high - one.low for one in worst),
            widest_interval,
            guards_against="a headline whose interval leaves everything open",
        ),
    ]


def shared(splits: Mapping[str, Split], marks: Callable[[Split], Iterable[Hashable]]) -> float:
    """How many marks stand in two splits or more; ``MISSING`` if one of the four splits is."""
    if not set(NAMES) <= set(splits):
        return MISSING
    found = [set(marks(split)) for split in splits.values()]
    return float(len(set().union(*(one & other for one, other in combinations(found, 2)))))


def contents(split: Split) -> list[bytes]:
    """A hash of each example's raw samples."""
    return [hashlib.sha256(np.ascontiguousarray(one).tobytes()).digest() for one in split.x]


def groups(split: Split) -> list[str]:
    """The speaker, source or scene of each example."""
    return [str(group) for group in split.groups]
