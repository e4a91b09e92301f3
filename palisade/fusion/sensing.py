"""What one task makes of its events: a score each, whether its sensor works, and what if not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from palisade.fusion import plausible, scores
from palisade.fusion.events import Witness
from palisade.fusion.faults import Failed, Faults, spoil
from palisade.fusion.plausible import Limits, Raw
from palisade.fusion.policy import Pooling
from palisade.scenes.windows import Windows, owners

FAILING_EVENTS = 8  # test events whose windows a fault replaces, evenly over all


@dataclass(frozen=True)
class Sensor:
    """How a task comes from raw windows to verdicts.

    Attributes:
        logits: ``[n, classes]`` int8 of raw windows ``[n, ...]``, as the artefact gives them.
        accepted: ``[classes]`` which classes warrant the action.
        pooling: of an event's windows.
        low, high: ``[...]`` of one window's form, the ends of what the converter delivers.
        limits: of what is plausible.
    """

    logits: Callable[[Raw], NDArray[np.int8]]
    accepted: NDArray[np.bool_]
    pooling: Pooling
    low: Raw
    high: Raw
    limits: Limits

    def judge(self, x: Raw, owner: NDArray[np.intp]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Scores ``[m]`` and whether they can be believed ``[m]``, of windows' events ``[n]``."""
        score = scores.pool(scores.margins(self.logits(x), self.accepted), owner, self.pooling)
        return score, plausible.of_events(x, owner, self.low, self.high, self.limits)


def witness(held: Windows, sensor: Sensor) -> Witness:
    """The task's events, each with its truth and its score."""
    owner, first = owners(held)
    score, works = sensor.judge(held.x, owner)
    return Witness(
        scenes=held.scenes[first],
        kinds=held.events[first],
        splits=held.splits[first],
        truth=sensor.accepted[held.y[first]],
        scores=score,
        plausible=works,
        aligned=held.aligned,
    )


def fail(held: Windows, sensor: Sensor, faults: Faults) -> dict[str, Failed]:
    """What becomes of some test events with the sensor failed, by fault."""
    owner, first = owners(held)
    test = np.flatnonzero(held.splits[first] == "test")
    some = test[np.linspace(0, len(test) - 1, min(FAILING_EVENTS, len(test))).astype(np.intp)]
    windows = [held.x[owner == event] for event in some]
    spoiled = spoil(faults, windows, sensor.low, sensor.high)
    return {name: Failed(*sensor.judge(x, variant)) for name, (x, variant) in spoiled.items()}
