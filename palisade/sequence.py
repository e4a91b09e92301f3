"""What a device says of events: their windows in order of time, through its own step.

Each event meets a device that has just started. Beside ``edge``, which judges each answer by
itself, this is what the device keeps over time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.device import replay
from palisade.device.replay import Answers, Verdicts
from palisade.edge import Edge


def answers(device: Edge, raw: NDArray[Any]) -> Answers:
    """What the model says on TFLM of raw windows ``[n, ...]``."""
    inputs = device.inputs(raw)
    outputs = device.artefact.verdict(inputs)
    return Answers(inputs, outputs.logits, outputs.embedding)


def verdicts(
    device: Edge,
    said: Answers,
    owner: NDArray[np.intp],
    *,
    settled: bool,
    accepted: tuple[int, ...] = (),
) -> Verdicts:
    """The device's verdicts on answers; see ``palisade.device.replay.play``.

    Raises:
        ValueError: The device has no guard, which its step cannot do without.
    """
    if device.guard is None:
        raise ValueError("a device steps with a guard only")
    return replay.play(
        device.guard,
        said,
        owner,
        model=device.artefact.content,
        settled=settled,
        accepted=accepted,
    )
