"""The exact path of one sample on the device, which verdicts are taken through.

Raw samples, preprocessing and front end in the device's own C, the int8 model as TFLM runs it,
the guard in C again. The differentiable twins (``whitebox``) only train and craft. What the
device keeps over time, agreement of successive answers, is not part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from palisade import tasks
from palisade.device import guard as on_device
from palisade.guard import tables
from palisade.guard.judgement import Decision, Judgement, Signal
from palisade.guard.tables import Guard
from palisade.int8 import Artefact, Outputs
from palisade.stage import Stage


class FrontEnd(Protocol):
    """Preprocessing and front end in C (``palisade/device/frontend.py``)."""

    def int8(self, raw: NDArray[Any], scale: float, zero_point: int) -> NDArray[np.int8]:
        """The network's input ``[n, ...]`` of raw samples ``[n, ...]``."""


@dataclass(frozen=True)
class Edge:
    """A model as the device runs it.

    Attributes:
        front_end: preprocessing and front end.
        artefact: the int8 model.
        guard: its guard; None where answers are taken as they come.
    """

    front_end: FrontEnd
    artefact: Artefact
    guard: Guard | None = None

    def inputs(self, raw: NDArray[Any]) -> NDArray[np.int8]:
        """The network's input ``[n, ...]`` of raw samples ``[n, ...]``."""
        return self.front_end.int8(raw, float(self.artefact.scale), int(self.artefact.zero_point))

    def run(self, raw: NDArray[Any]) -> Outputs:
        """What the model says on TFLM (see ``Artefact.verdict``)."""
        return self.artefact.verdict(self.inputs(raw))

    def judge(self, raw: NDArray[Any]) -> Judgement:
        """What the guard makes of the model's answers; without one, all are believed."""
        return self.answer(raw)[1]

    def answer(self, raw: NDArray[Any]) -> tuple[Outputs, Judgement]:
        """What the model says on TFLM, and what the guard makes of it."""
        inputs = self.inputs(raw)
        outputs = self.artefact.verdict(inputs)
        if self.guard is None:
            return outputs, unguarded(outputs)
        judgement = on_device.judge(self.guard, outputs.logits, outputs.embedding, inputs)
        return outputs, judgement


def unguarded(outputs: Outputs) -> Judgement:
    """Every answer accepted, with no score."""
    count = len(outputs.logits)
    nothing = np.zeros(count, np.uint8)
    return Judgement(
        label=outputs.label.astype(np.uint8),
        decision=np.full(count, Decision.ACCEPT, np.uint8),
        reason=nothing,
        rejected=nothing,
        scores=np.zeros((count, len(Signal)), np.int32),
    )


def of(this: Stage, model: str, guard: str | None = None) -> Edge:
    """The path of a stage's task, by the paths of a model and a guard among the stage's deps."""
    return Edge(
        front_end=tasks.load(this.key, "onboard").front_end(this),
        artefact=Artefact.load(this.dep(model)),
        guard=None if guard is None else tables.read(Path(this.dep(guard))),
    )
