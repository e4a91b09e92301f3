"""What training did, epoch by epoch, and whose weights are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Epoch:
    """What was measured after one epoch, of the averaged weights, on validation.

    ``overfitting_gap`` is the live weights' FGSM accuracy minus their PGD accuracy, which
    shows a collapse at once where the average would lag behind. The robust figures are 0 where
    no attacker is in the loop.
    """

    epoch: int
    loss: float
    clean_accuracy: float
    robust_accuracy: float
    overfitting_gap: float


@dataclass(frozen=True)
class Outcome:
    """What training did.

    Attributes:
        epochs: one record an epoch that was run.
        best: the record of the epoch whose weights were kept.
        collapsed: whether catastrophic overfitting stopped the training.
    """

    epochs: tuple[Epoch, ...]
    best: Epoch
    collapsed: bool

    def metrics(self) -> dict[str, Any]:
        """Figures of the epoch that was kept, and whether training collapsed."""
        return {**asdict(self.best), "overfitting_collapsed": self.collapsed}

    def table(self) -> list[dict[str, Any]]:
        """One row an epoch, for a plot."""
        return [asdict(epoch) for epoch in self.epochs]


def best_of(epochs: Sequence[Epoch], *, attacked: int) -> Epoch:
    """The epoch whose weights are kept: the best under attack, or the best without an attacker.

    Robust accuracies that lie within one standard error of the best are taken for equal to it,
    and clean accuracy decides between them; of equals, the later one is kept.

    Args:
        epochs: in their order, one at least.
        attacked: validation examples that robust accuracy was measured on; 0 where no attacker
            is in the loop.

    References:
        Breiman et al., Classification and Regression Trees, 1984, section 3.4.3 (the rule of one
        standard error).
    """
    best = max(epoch.robust_accuracy for epoch in epochs)
    error = float(np.sqrt(best * (1 - best) / attacked)) if attacked else 0.0
    equal = [epoch for epoch in epochs if epoch.robust_accuracy >= best - error]
    return max(equal, key=lambda epoch: (epoch.clean_accuracy, epoch.epoch))
