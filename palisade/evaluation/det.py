"""False accepts against false rejects of the decision to act, over every threshold.

References:
    Martin et al., The DET Curve in Assessment of Detection Task Performance, Eurospeech 1997.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STEPS = range(-255, 257)  # margins of int8 logits, and one beyond, which nothing reaches


@dataclass(frozen=True)
class Curve:
    """``[thresholds]`` each, in int8 steps of the action's margin: acts at or above it."""

    thresholds_lsb: NDArray[np.int64]
    false_accept_rate: NDArray[np.float64]
    false_reject_rate: NDArray[np.float64]

    @property
    def equal_error_rate(self) -> float:
        """Where both rates meet, or come nearest: the mean of the two."""
        place = int(np.argmin(np.abs(self.false_accept_rate - self.false_reject_rate)))
        return float(self.false_accept_rate[place] + self.false_reject_rate[place]) / 2

    def rows(self) -> list[dict[str, float]]:
        """One row a threshold, those that change nothing left out."""
        both = np.stack([self.false_accept_rate, self.false_reject_rate])
        new = np.append(True, np.any(np.diff(both, axis=1) != 0, axis=0))
        return [
            {
                "threshold_lsb": int(self.thresholds_lsb[place]),
                "false_accept_rate": float(self.false_accept_rate[place]),
                "false_reject_rate": float(self.false_reject_rate[place]),
            }
            for place in np.flatnonzero(new)
        ]


def curve(logits: NDArray[np.int8], y: NDArray[np.int64], negative: NDArray[np.bool_]) -> Curve:
    """Of clean examples.

    An action is taken where the largest logit of an action leads the largest one of the classes
    that ask for none by the threshold. A wrong action in place of the one asked for is a
    false reject.

    Args:
        logits: ``[n, classes]``.
        y: ``[n]`` true classes.
        negative: ``[classes]`` which classes ask for no action; some must, some not.
    """
    wide = logits.astype(np.int64)
    action = np.where(negative, -256, wide).argmax(axis=1)
    lead = wide[:, ~negative].max(axis=1) - wide[:, negative].max(axis=1)
    unasked = negative[y]
    useful = np.where(action == y, lead, STEPS.start - 1)[~unasked]
    thresholds = np.array(STEPS)
    return Curve(
        thresholds,
        np.array([np.mean(lead[unasked] >= one) for one in thresholds]),
        np.array([np.mean(useful < one) for one in thresholds]),
    )
