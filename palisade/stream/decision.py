"""From int8 logits to accepted commands, in integers that a microcontroller has.

Each window gives every command a margin: its logit less the largest other one, in int8 steps,
and the least there is (-255) where the guard rejects the window, as ``pal_step`` does. A
command's mean margin is that of its last ones, rounded down. Every command has a threshold of its
own, as networks say some words in doubt and others only when sure. This is the posterior handling
of Chen, Parada and Heigold, Small-Footprint Keyword Spotting Using Deep Neural Networks (ICASSP
2014, section 2.3), with margins in the place of posteriors, which need no exponential.

Where there is a confirmer (``confirmer``), a command whose mean margin reaches its threshold is
accepted only if the confirmer's score reaches one as well; it can but withhold. The command that
exceeds its threshold by most is accepted, and for a while afterwards nothing is. The device decides
alike, to the bit (``pal_listen`` of ``device/include/palisade/listen.h``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from pydantic import Field, model_validator

from palisade import stage
from palisade.fusion import scores
from palisade.fusion.scores import LOWEST_LSB
from palisade.guard.dense import WIDEST_HIDDEN
from palisade.ranges import Range
from palisade.stream.confirmer import LONGEST

Margins = NDArray[np.int16]
NEVER_LSB = LOWEST_LSB - 1  # below any threshold


class Confirming(stage.Params):
    """The network that confirms a command, and how it is fitted."""

    context_windows: int = Field(ge=1, le=LONGEST, description="whose logits it looks at")
    hidden: int = Field(ge=1, le=WIDEST_HIDDEN, description="units of its one hidden layer")
    epochs: int = Field(ge=1, le=1000, description="at most; it stops where it gets no better")
    weight_decay: float = Field(ge=0, le=1, description="of the squared weights in its loss")
    said_ms: Range = Field(description="from a command's end, in which a decision is to confirm it")
    false_reject_target: float = Field(
        gt=0, lt=1, description="most of the commands that margins alone, before it, may miss"
    )


class Params(stage.Params):
    """How windows become decisions."""

    hop_ms: int = Field(ge=10, le=1000, description="from one window to the next")
    smoothed_windows: int = Field(ge=1, le=LONGEST, description="whose mean margin counts")
    refractory_ms: int = Field(ge=0, le=10000, description="after an accept without another")
    false_reject_target: float = Field(gt=0, lt=1, description="of the commands, at most")
    confirm: Confirming | None = Field(default=None, description="without it, margins decide")

    @model_validator(mode="after")
    def _fits(self) -> Params:
        if self.smoothed_windows > self.context_windows:
            raise ValueError("confirm.context_windows must be at least smoothed_windows")
        return self

    @property
    def context_windows(self) -> int:
        """Windows of a recording without which nothing is accepted."""
        return self.confirm.context_windows if self.confirm else self.smoothed_windows

    @property
    def refractory_windows(self) -> int:
        """Windows after an accept in which nothing is accepted."""
        return self.refractory_ms // self.hop_ms

    def decided_ms(self, length_ms: int, clip_ms: int) -> int:
        """How much of a recording has decisions: one a hop, once there are windows enough."""
        windows = (length_ms - clip_ms) // self.hop_ms + 1
        return max(0, windows - self.context_windows + 1) * self.hop_ms

    def heard_ms(self, decision: int, clip_ms: int) -> int:
        """What has been heard of a recording by its decision 0, 1, ..."""
        return clip_ms + (self.context_windows - 1 + decision) * self.hop_ms


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


def means(margin: Margins, params: Params) -> NDArray[np.int16]:
    """``[decisions, actions]`` mean margins of margins ``[n, actions]``."""
    early = params.context_windows - params.smoothed_windows  # decisions that have yet to wait
    return smooth(margin, params.smoothed_windows)[early:]


def side_by_side(scores: Sequence[NDArray[np.int16]], actions: int) -> Scores:
    """Recordings' scores ``[decisions, actions]``, filled up to the longest."""
    counts = np.array([len(one) for one in scores], np.intp)
    lsb = np.full((len(scores), max(counts, default=0), actions), NEVER_LSB, np.int16)
    for row, one in enumerate(scores):
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
