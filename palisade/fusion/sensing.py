"""What one task makes of its events: a score each, whether its sensor works, and what if not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from palisade.device.replay import Answers, Verdicts
from palisade.fusion import plausible, scores
from palisade.fusion.events import Witness
from palisade.fusion.faults import Failed, Faults, spoil
from palisade.fusion.plausible import Limits, Raw
from palisade.fusion.policy import Evidence, Pooling
from palisade.guard.judgement import Decision
from palisade.scenes.windows import Windows, owners

FAILING_EVENTS = 8  # test events whose windows a fault replaces, evenly over all
EVIDENCE: tuple[Evidence, ...] = get_args(Evidence)


class Step(Protocol):
    """The device's step over events' windows in order of time (``palisade.sequence``)."""

    def __call__(self, said: Answers, owner: NDArray[np.intp], *, settled: bool) -> Verdicts: ...


@dataclass(frozen=True)
class Sensor:
    """How a task comes from raw windows to verdicts.

    Attributes:
        answers: what the artefact says of raw windows ``[n, ...]``.
        step: the device's verdicts on it, with the margin of the accepted classes.
        accepted: ``[classes]`` which classes warrant the action.
        pooling: of an event's windows.
        evidence: which of them count.
        low, high: ``[...]`` of one window's form, the ends of what the converter delivers.
        limits: of what is plausible.
    """

    answers: Callable[[Raw], Answers]
    step: Step
    accepted: NDArray[np.bool_]
    pooling: Pooling
    evidence: Evidence
    low: Raw
    high: Raw
    limits: Limits

    def score(
        self, said: Answers, owner: NDArray[np.intp], evidence: Evidence
    ) -> NDArray[np.int64]:
        """``[m]`` scores of answers to windows of events ``[n]``."""
        if evidence == "all":
            return scores.pool(scores.margins(said.logits, self.accepted), owner, self.pooling)
        found = self.step(said, owner, settled=evidence == "settled")
        believed = found.decision == Decision.ACCEPT
        return scores.pool(found.action_lsb.astype(np.int64), owner, self.pooling, believed)

    def works(self, x: Raw, owner: NDArray[np.intp]) -> NDArray[np.bool_]:
        """``[m]`` whether the sensor seems to work in each event."""
        return plausible.of_events(x, owner, self.low, self.high, self.limits)


def witnesses(held: Windows, sensor: Sensor) -> dict[Evidence, Witness]:
    """The task's events, each with its truth and its score, by which windows give evidence."""
    owner, first = owners(held)
    said, works = sensor.answers(held.x), sensor.works(held.x, owner)
    return {
        evidence: Witness(
            scenes=held.scenes[first],
            kinds=held.events[first],
            splits=held.splits[first],
            truth=sensor.accepted[held.y[first]],
            scores=sensor.score(said, owner, evidence),
            plausible=works,
            aligned=held.aligned,
        )
        for evidence in EVIDENCE
    }


def fail(held: Windows, sensor: Sensor, faults: Faults) -> dict[str, Failed]:
    """What becomes of some test events with the sensor failed, by fault."""
    owner, first = owners(held)
    test = np.flatnonzero(held.splits[first] == "test")
    some = test[np.linspace(0, len(test) - 1, min(FAILING_EVENTS, len(test))).astype(np.intp)]
    windows = [held.x[owner == event] for event in some]
    spoiled = spoil(faults, windows, sensor.low, sensor.high)
    return {
        name: Failed(
            sensor.score(sensor.answers(x), variant, sensor.evidence), sensor.works(x, variant)
        )
        for name, (x, variant) in spoiled.items()
    }
