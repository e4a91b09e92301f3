"""A small int8 network over the last windows' logits, which confirms a command or withholds it.

A single window is a second of sound; a command comes, stands and goes over several. What stands
between two commands' logits from window to window tells words that merely sound alike, and the
pieces of running speech, better than a mean does. Windows that the guard rejects are shown to it as
-128 for each class. It runs on the device as ``pal_listen`` of ``device/include/palisade/listen.h``
has it, in the same integers.

References:
    Second stages are usual behind wake words: Sigtia et al., Efficient Voice Trigger Detection for
    Low Resource Hardware (Interspeech 2018).
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from pydantic import Field, model_validator

from palisade.guard import dense
from palisade.guard.dense import Dense
from palisade.guard.table import Table

REJECTED = -128  # each class's logit in a window that the guard rejects
WIDEST = 128  # logits that it sees at once: context times classes
LONGEST = 16  # windows


class Confirmer(Table):
    """Logits of ``context`` windows, oldest first, to an output an action and one for none."""

    context: int = Field(ge=1, le=LONGEST)
    classes: int = Field(ge=2, le=32)
    hidden: Dense
    output: Dense

    @model_validator(mode="after")
    def _fits(self) -> Confirmer:
        if self.hidden.inputs != self.context * self.classes:
            raise ValueError("the hidden layer must take context * classes logits")
        if self.output.inputs != self.hidden.outputs or self.output.outputs < 2:
            raise ValueError("the output layer must lead on from the hidden one to at least two")
        if self.hidden.outputs > dense.WIDEST_HIDDEN:
            raise ValueError(f"the hidden layer must be at most {dense.WIDEST_HIDDEN} wide")
        return self


def shown(logits: NDArray[np.int8], accepted: NDArray[np.bool_], context: int) -> NDArray[np.int8]:
    """``[n - context + 1, context * classes]`` what a confirmer sees, once there is enough of it.

    Args:
        logits: ``[n, classes]`` of a recording's windows.
        accepted: ``[n]`` by the guard.
        context: windows that are looked at.
    """
    seen = np.where(accepted[:, np.newaxis], logits, np.int8(REJECTED))
    if len(seen) < context:
        return np.zeros((0, context * logits.shape[1]), np.int8)
    views = np.moveaxis(sliding_window_view(seen, context, axis=0), -1, 1)
    return np.asarray(views.reshape(len(views), -1), np.int8)


def scores(confirmer: Confirmer, inputs: NDArray[np.int8]) -> NDArray[np.int16]:
    """``[n, actions]`` each action's output less the largest other one, -255 to 255.

    Args:
        confirmer: the network.
        inputs: ``[n, context * classes]`` as ``shown`` gives them.
    """
    outputs = dense.run(confirmer.output, dense.run(confirmer.hidden, inputs)).astype(np.int16)
    actions = confirmer.output.outputs - 1
    others = [np.delete(outputs, one, axis=1).max(axis=1) for one in range(actions)]
    return np.asarray(outputs[:, :actions] - np.stack(others, axis=1), np.int16)
