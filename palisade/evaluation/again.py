"""What is asked of the device a second time, to see that the answer stands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from palisade.edge import Edge
from palisade.evaluation import masking
from palisade.guard import calibration
from palisade.guard.judgement import Judgement, Signal
from palisade.guard.tables import Limits
from palisade.int8 import Outputs
from palisade.splits import Split


def changed_share(
    device: Edge,
    test: Split,
    first: tuple[Outputs, Judgement],
    alone: NDArray[np.bool_],
) -> float:
    """Share of the fixed subset of which the device says other bytes when it is asked again."""
    again = device.answer(test.x[alone])
    kept = (first[0].logits, first[0].embedding, first[1].decision, first[1].scores)
    anew = (again[0].logits, again[0].embedding, again[1].decision, again[1].scores)
    return masking.changed([array[alone] for array in kept], anew)


def limits(device: Edge, held: Split, target: float, seed: int) -> Limits | None:
    """The limits that the calibration split gives when it is asked again."""
    if device.guard is None:
        return None
    signals = [signal for signal in Signal if device.guard.has(signal)]
    scores = device.judge(held.x).scores
    return calibration.calibrate(scores, signals, target=target, seed=seed).limits
