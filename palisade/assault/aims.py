"""What an attack on the door climbs: for each window, how near it is to the verdict wanted.

A task agrees where its pooled score reaches a threshold, and a window's part in that score is
the lead of the accepted labels over all others, in int8 steps. Where only windows that the guard
lets pass give evidence, a forced window needs both, and a prevented one neither: to be rejected
is as good as to fall short. More lead of one window is never worse for a pooled score, so each
window can be climbed by itself.

References:
    Carlini and Wagner, arXiv:1608.04644, equation f6, of sets of labels;
    Bryniarski et al., arXiv:2106.15023 (climb what is not there yet), as in
    ``palisade.attacks.surrogates``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.surrogates import (
    LEAST_LEAD_STEPS,
    STEPS_A_HINGE,
    Seen,
    Surrogate,
    unit,
)
from palisade.backend import tf

LOGIT_STEPS = 256.0  # of int8
Merit = Callable[[Seen, Any], Any]


@dataclass(frozen=True)
class Aim:
    """A task's door, as an attack sees it.

    Attributes:
        accepted: ``[classes]`` which labels warrant the action.
        threshold_lsb: the score from which on the task agrees.
        surrogate: the guard as a loss; None where all windows give evidence, rejected or not.
    """

    accepted: NDArray[np.bool_]
    threshold_lsb: int
    surrogate: Surrogate | None

    def force(self, seen: Seen, _y: Any) -> Any:
        """``[n]`` larger where a window is nearer to evidence for the action.

        Below -1 the lead misses the threshold, and it alone is climbed; up to 0 what the guard
        lacks counts too; above 0 the window counts, and a larger lead is worth a little more.
        """
        ahead = lead(seen, self.accepted)
        if self.surrogate is None:
            return ahead
        needed = self.threshold_lsb + LEAST_LEAD_STEPS
        lacking = tf.nn.relu(needed - ahead) / STEPS_A_HINGE + self.surrogate.hinges(seen)
        further = tf.where(lacking > 0, tf.zeros_like(ahead), (ahead - needed) / LOGIT_STEPS)
        near = further - lacking / (1.0 + lacking)
        short = ahead - self.threshold_lsb
        return tf.where(short >= 0, near, short / STEPS_A_HINGE - 1.0)

    def deny(self, seen: Seen, _y: Any) -> Any:
        """``[n]`` larger where a window is nearer to giving no evidence for the action.

        Of the two ways, to fall short of the threshold and to be rejected, the nearer one.
        """
        ahead = lead(seen, self.accepted)
        if self.surrogate is None:
            return -ahead
        short = (self.threshold_lsb - LEAST_LEAD_STEPS - ahead) / STEPS_A_HINGE
        return tf.maximum(short, breach(self.surrogate, seen))


def lead(seen: Seen, accepted: NDArray[np.bool_]) -> Any:
    """``[n]`` the largest accepted logit less the largest other one, in int8 steps."""
    wanted = tf.reduce_max(tf.boolean_mask(seen.logits, accepted, axis=1), axis=1)
    return wanted - tf.reduce_max(tf.boolean_mask(seen.logits, ~accepted, axis=1), axis=1)


def breach(surrogate: Surrogate, seen: Seen) -> Any:
    """``[n]`` by what share the limit that is nearest to it is broken; below 0: none is."""
    broken = tf.fill(tf.shape(seen.logits)[:1], tf.float32.min)
    for signal, score in surrogate.scores.items():
        limit = surrogate.guard.limits.of(signal)
        sign = 1.0 if limit.kind == "at_least" else -1.0
        beyond = sign * (limit.threshold - score(seen)) / unit(signal, limit)
        broken = tf.maximum(broken, beyond)
    return broken
