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
from palisade.guard.calibration import Ranked, Scores, auroc, joint_p
from palisade.guard.judgement import Judgement, Signal


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
    familiar = -_p(device, known, clean.scores)
    return {
        kind: auroc(familiar, -_p(device, known, device.judge(raw).scores))
        for kind, raw in kinds.items()
    }


def draw(task: Any, shape: tuple[int, ...], count: int, seed: int) -> dict[str, NDArray[Any]]:
    """``count`` raw samples of each kind that a task's ``samples.unfamiliar`` knows."""
    return {
        kind: np.stack(
            [
                task.draw(kind, shape, seeds.generator(seed, "unfamiliar", kind, number))
                for number in range(count)
            ]
        )
        for kind in task.KINDS
    }


def _p(device: Edge, known: Ranked, scores: Scores) -> NDArray[np.float64]:
    found = joint_p(known, scores)
    assert device.guard is not None
    if device.guard.limits.tree.kind == "off":
        return found
    return np.where(scores[:, Signal.TREE] == 0, 0.0, found)
