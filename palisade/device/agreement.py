"""The decision of several sensors by the device's C code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.device import library
from palisade.fusion.policy import Pooling
from palisade.guard.judgement import Decision, Reason

MOST_WINDOWS = 32
_POOLINGS: dict[Pooling, int] = {"max": 0, "mean": 1, "median": 2}


@dataclass(frozen=True)
class Modality:
    """One task's part in the decision.

    Attributes:
        pooling: of an event's windows to one score.
        threshold_lsb: a score agrees at or above it.
        fresh_ms: how old the newest window may be.
    """

    pooling: Pooling
    threshold_lsb: int
    fresh_ms: int


@dataclass
class Witness:
    """A modality's windows in order of time; the device remembers the last 32."""

    margins_lsb: list[int] = field(default_factory=list)
    plausible: list[bool] = field(default_factory=list)
    times_ms: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Agreement:
    """What came of it.

    Attributes:
        decision: ``ACCEPT`` only if every modality agrees.
        reason: why not.
        scores_lsb: ``[tasks]``.
        agrees: ``[tasks]`` which have reason to act, and work.
        works: ``[tasks]`` which have fresh windows, all of them plausible.
    """

    decision: Decision
    reason: Reason
    scores_lsb: NDArray[np.int32]
    agrees: NDArray[np.bool_]
    works: NDArray[np.bool_]


def pool(margins_lsb: NDArray[np.int64], pooling: Pooling) -> int:
    """One score of an event's margins ``[n]``, n from 1 to 32.

    Raises:
        library.Fault: They are none, or too many.
    """
    ffi, lib = library.load()
    score = ffi.new("int32_t *")
    margins = np.asarray(margins_lsb, np.int16)
    status = lib.pal_pool(library.pointer(margins), len(margins), _POOLINGS[pooling], score)
    library.require(status, "pal_pool")
    return int(score[0])


def margins(logits: NDArray[np.int8], accepted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """``[n]`` largest accepted logit less the largest other one; as ``palisade.fusion.scores``.

    Raises:
        library.Fault: No class is accepted, or every one is.
    """
    ffi, lib = library.load()
    mask = int(np.left_shift(1, np.flatnonzero(accepted)).sum())
    margin = ffi.new("int16_t *")
    found = np.zeros(len(logits), np.int64)
    for place, one in enumerate(np.ascontiguousarray(logits)):
        status = lib.pal_accepted_margin(library.pointer(one), len(one), mask, margin)
        library.require(status, "pal_accepted_margin")
        found[place] = margin[0]
    return found


def agree(
    modalities: Sequence[Modality], witnesses: Sequence[Witness], *, now_ms: int, window_ms: int
) -> Agreement:
    """Whether every modality agrees now.

    Args:
        modalities: 1 to 8.
        witnesses: of each.
        now_ms: the time, modulo 2^32.
        window_ms: older windows are not part of the event.

    Raises:
        library.Fault: There are too many modalities, or not as many witnesses.
    """
    ffi, lib = library.load()
    rules = ffi.new("pal_modality[]", [_rule(modality) for modality in modalities])
    policy = ffi.new("pal_policy *", [rules, window_ms, len(modalities)])
    heard = ffi.new("pal_witness[]", len(witnesses))
    for place, witness in enumerate(witnesses):
        _tell(heard + place, witness)
    found = ffi.new("pal_agreement *")
    library.require(lib.pal_agree(policy, heard, len(witnesses), now_ms, found), "pal_agree")
    tasks = range(len(modalities))
    return Agreement(
        decision=Decision(found.decision),
        reason=Reason(found.reason),
        scores_lsb=np.array([found.scores_lsb[task] for task in tasks], np.int32),
        agrees=np.array([found.agrees >> task & 1 for task in tasks], np.bool_),
        works=np.array([found.works >> task & 1 for task in tasks], np.bool_),
    )


def _rule(modality: Modality) -> dict[str, int]:
    return {
        "threshold_lsb": modality.threshold_lsb,
        "fresh_ms": modality.fresh_ms,
        "pooling": _POOLINGS[modality.pooling],
    }


def _tell(heard: Any, witness: Witness) -> None:
    _, lib = library.load()
    seen = zip(witness.margins_lsb, witness.plausible, witness.times_ms, strict=True)
    for margin, plausible, time_ms in seen:
        status = lib.pal_witness_add(heard, margin, plausible, time_ms)
        library.require(status, "pal_witness_add")
