"""Decisions, reasons and signals, numbered as ``device/include/palisade/guard.h`` does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

NO_LABEL = 255


class Decision(IntEnum):
    """What to do with an answer; memory of zeros is a fault."""

    FAULT = 0
    REJECT = 1
    VERIFY = 2
    ACCEPT = 3


class Reason(IntEnum):
    """Why; ``NONE`` for an accepted answer."""

    NONE = 0
    MARGIN = 1
    ENERGY = 2
    AUTOENCODER = 3
    TREE = 4
    TEXTURE = 5
    FLIP = 6
    UNSETTLED = 7
    FILLING = 8
    BELOW = 9
    NO_WITNESS = 10
    IMPLAUSIBLE = 11
    ARGUMENT = 12
    LENGTH = 13
    VALUE = 14
    NOT_ATTESTED = 15
    REPLAYED = 16
    STALE = 17
    GAP = 18
    FRONT_END = 19
    MODEL = 20


class Signal(IntEnum):
    """Signals, in the order in which they give the reason."""

    MARGIN = 0
    ENERGY = 1
    AUTOENCODER = 2
    TREE = 3
    TEXTURE = 4


@dataclass(frozen=True)
class Judgement:
    """What a guard makes of ``n`` answers.

    Attributes:
        label: ``[n]`` uint8, the network's first choice; ``NO_LABEL`` for a fault.
        decision: ``[n]`` uint8, see ``Decision``.
        reason: ``[n]`` uint8, see ``Reason``: the first signal that rejects.
        rejected: ``[n]`` uint8, the bit ``1 << signal`` for each signal that rejects.
        scores: ``[n, 5]`` int32 by ``Signal``, in the units that its module states; 0 for a
            signal without a table.
    """

    label: NDArray[np.uint8]
    decision: NDArray[np.uint8]
    reason: NDArray[np.uint8]
    rejected: NDArray[np.uint8]
    scores: NDArray[np.int32]

    @property
    def accepted(self) -> NDArray[np.bool_]:
        """``[n]`` answers that can be believed."""
        return np.asarray(self.decision == Decision.ACCEPT)

    def rejects(self, signal: Signal) -> NDArray[np.bool_]:
        """``[n]`` answers that a signal rejects, whichever others do."""
        return np.asarray(self.rejected >> np.uint8(signal) & 1, np.bool_)
