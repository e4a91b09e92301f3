"""Agreement of successive answers: a label counts once it has been said often enough."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from palisade.guard.judgement import Decision, Reason
from palisade.guard.table import Table

LONGEST = 8


class Consistency(Table):
    """How often the same label has to be said."""

    window: int = Field(ge=1, le=LONGEST, description="accepted inferences looked at")
    needed: int = Field(ge=1, le=LONGEST, description="of them with the newest one's label")
    forget_after: int = Field(ge=1, le=255, description="rejections in a row that clear memory")

    @model_validator(mode="after")
    def _fits(self) -> Consistency:
        if self.needed > self.window:
            raise ValueError("needed must be at most window")
        return self


def settle(
    table: Consistency, label: NDArray[np.uint8], decision: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """One stream's decisions from the guard's, in order of time.

    An accepted inference stays so if at least ``needed`` of the last ``window`` accepted ones,
    itself counted, have its label. Else it is to be verified: ``FLIP`` if one of them has
    another label, ``UNSETTLED`` if they are too few. A fault clears the memory.

    Args:
        table: how often.
        label, decision: ``[n]`` as in ``Judgement``.

    Returns:
        ``[n]`` decisions, and ``[n]`` reasons: ``NONE`` where the decision is the guard's.
    """
    settled, reason = decision.copy(), np.zeros(len(decision), np.uint8)
    memory: deque[int] = deque(maxlen=table.window)
    rejected = 0
    for place, (said, was) in enumerate(zip(label.tolist(), decision.tolist(), strict=True)):
        if was == Decision.REJECT:
            rejected += 1
        if was == Decision.FAULT or rejected >= table.forget_after:
            memory.clear()
            rejected = 0
        if was == Decision.ACCEPT:
            rejected = 0
            memory.append(said)
            same = memory.count(said)
            if same < table.needed:
                settled[place] = Decision.VERIFY
                reason[place] = Reason.FLIP if same < len(memory) else Reason.UNSETTLED
    return settled, reason
