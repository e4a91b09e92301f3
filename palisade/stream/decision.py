"""From int8 logits to accepted commands, in integers that a microcontroller has.

Each window gives every command a margin: its logit less the largest other one, in int8 steps,
and the least there is (-255) where the guard rejects the window, as ``pal_step`` does. A
command's score is the mean of its last margins, rounded down (``pal_pool`` of
``device/include/palisade/agreement.h``). Every command has a threshold of its own, as networks say
some words in doubt and others only when sure; the one that exceeds its threshold by most is
accepted, and for a while afterwards nothing is. This is the posterior handling of Chen, Parada and
Heigold, Small-Footprint Keyword Spotting Using Deep Neural Networks (ICASSP 2014, section 2.3),
with margins in the place of posteriors: they need neither exponential nor scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from pydantic import Field

from palisade import stage
from palisade.fusion import scores
from palisade.fusion.scores import LOWEST_LSB

Margins = NDArray[np.int16]
NEVER_LSB = LOWEST_LSB - 1  # below any threshold


class Params(stage.Params):
    """How windows become decisions."""

    hop_ms: int = Field(ge=10, le=1000, description="from one window to the next")
    smoothed_windows: int = Field(ge=1, le=32, description="whose mean margin is the score")
    refractory_ms: int = Field(ge=0, le=10000, description="after an accept without another")
    false_reject_target: float = Field(gt=0, lt=1, description="of the commands, at most")

    @property
    def refractory_windows(self) -> int:
        """Windows after an accept in which nothing is accepted."""
        return self.refractory_ms // self.hop_ms

    def decided_ms(self, length_ms: int, clip_ms: int) -> int:
        """How much of a recording has decisions: one for each hop, once there is a whole mean."""
        windows = (length_ms - clip_ms) // self.hop_ms + 1
        return max(0, windows - self.smoothed_windows + 1) * self.hop_ms

    def heard_ms(self, decision: int, clip_ms: int) -> int:
        """What has been heard of a recording by its decision 0, 1, ..."""
        return clip_ms + (self.smoothed_windows - 1 + decision) * self.hop_ms


@dataclass(frozen=True)
class Scores:
    """Scores of several recordings, shorter ones filled up with what is never accepted.

    Attributes:
        lsb: ``[recordings, decisions, actions]`` int16.
        counts: ``[recordings]`` decisions that are no filling.
    """

    lsb: NDArray[np.int16]
    counts: NDArray[np.intp]


@dataclass(frozen=True)
class Accepts:
    """Where something is accepted, and what.

    Attributes:
        accepted: ``[recordings, decisions]``.
        action: ``[recordings, decisions]`` which one it is, where something is.
    """

    accepted: NDArray[np.bool_]
    action: NDArray[np.intp]


def margins(logits: NDArray[np.int8], actions: Sequence[int]) -> Margins:
    """``[n, actions]`` of logits ``[n, classes]``: each action's lead over all other classes."""
    one_hot = np.eye(logits.shape[1], dtype=np.bool_)[list(actions)]
    return np.stack([scores.margins(logits, one) for one in one_hot], axis=1).astype(np.int16)


def silenced(margin: Margins, accepted: NDArray[np.bool_]) -> Margins:
    """Margins ``[n, actions]``, the least there is in windows ``[n]`` that the guard rejects."""
    return np.where(accepted[:, np.newaxis], margin, np.int16(LOWEST_LSB))


def smooth(margin: Margins, windows: int) -> NDArray[np.int16]:
    """``[n - windows + 1, actions]`` means of so many margins in a row, rounded down."""
    if len(margin) < windows:
        return np.zeros((0, margin.shape[1]), np.int16)
    sums = sliding_window_view(margin, windows, axis=0).sum(axis=-1, dtype=np.int32)
    return np.asarray(sums // windows, np.int16)


def score(margin: Sequence[Margins], actions: int, windows: int) -> Scores:
    """The scores of recordings with margins ``[n, actions]`` each."""
    smoothed = [smooth(one, windows) for one in margin]
    counts = np.array([len(one) for one in smoothed], np.intp)
    lsb = np.full((len(smoothed), max(counts, default=0), actions), NEVER_LSB, np.int16)
    for row, one in enumerate(smoothed):
        lsb[row, : len(one)] = one
    return Scores(lsb, counts)


def accept(found: Scores, thresholds_lsb: Sequence[int], refractory_windows: int) -> Accepts:
    """Decide, each recording by itself.

    Args:
        found: the scores.
        thresholds_lsb: ``[actions]``.
        refractory_windows: after an accept in which there is none.
    """
    excess = found.lsb - np.array(thresholds_lsb, np.int16)
    action = excess.argmax(axis=2) if excess.size else np.zeros(excess.shape[:2], np.intp)
    above = np.asarray((excess >= 0).any(axis=2), np.bool_)
    accepted = np.zeros_like(above)
    waiting = np.zeros(len(above), np.intp)
    for at in range(above.shape[1]):
        accepted[:, at] = above[:, at] & (waiting == 0)
        waiting = np.where(accepted[:, at], refractory_windows, np.maximum(waiting - 1, 0))
    return Accepts(accepted, action)
