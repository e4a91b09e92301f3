"""How well the guard tells unfamiliar input from clean test examples, kind by kind.

The score is the joint p-value that its limits come from: the least over signals.

References:
    Hendrycks and Gimpel, arXiv:1610.02136 (AUROC as the measure of out-of-distribution detection).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade import seeds
from palisade.edge import Edge
from palisade.guard.calibration import Ranked, auroc, joint_p
from palisade.guard.judgement import Judgement


def measure(
    device: Edge, clean: Judgement, known: Ranked, kinds: Mapping[str, NDArray[Any]]
) -> dict[str, float]:
    """AUROC by kind.

    Args:
        device: the path with its guard.
        clean: what it made of clean test examples.
        known: ranks of the guard's signals on clean calibration examples.
        kinds: raw samples ``[n, ...]`` by kind.
    """
    assert device.guard is not None
    tree = device.guard.limits.tree.kind != "off"
    familiar = -joint_p(known, clean.scores, tree=tree)
    return {
        kind: auroc(familiar, -joint_p(known, device.judge(raw).scores, tree=tree))
        for kind, raw in kinds.items()
    }


def draw(task: Any, shape: tuple[int, ...], count: int, seed: int) -> dict[str, NDArray[Any]]:
    """``count`` raw samples of each kind that a task's ``unfamiliar`` knows."""
    return {
        kind: np.stack(
            [
                task.draw(kind, shape, seeds.generator(seed, "unfamiliar", kind, number))
                for number in range(count)
            ]
        )
        for kind in task.KINDS
    }
