"""A network's answers in order of time through ``pal_step``, each event from a fresh boot."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.device.step import Firmware, Frames, Stream
from palisade.guard.judgement import NO_LABEL, Decision
from palisade.guard.tables import Guard

Int8s = NDArray[np.int8]
# A frame is a whole window here, and stands for its place among the answers.
FRAMES = Frames(samples=1, largest_gap=1, largest_gap_ms=1)


@dataclass(frozen=True)
class Answers:
    """What a network said of ``n`` windows.

    Attributes:
        inputs: ``[n, ...]`` its input.
        logits: ``[n, classes]``.
        embedding: ``[n, d]``.
    """

    inputs: Int8s
    logits: Int8s
    embedding: Int8s

    def __len__(self) -> int:
        return len(self.logits)

    def at(self, places: NDArray[np.intp]) -> Answers:
        """The answers at some places, in that order."""
        return Answers(self.inputs[places], self.logits[places], self.embedding[places])

    def with_one_of(self, other: Answers, place: int) -> Answers:
        """These, and at one place another's."""
        places = np.arange(len(self))
        places[place] += len(self)
        return Answers.joined([self, other]).at(places)

    @staticmethod
    def joined(parts: Sequence[Answers]) -> Answers:
        """One after the other."""
        return Answers(
            np.concatenate([part.inputs for part in parts]),
            np.concatenate([part.logits for part in parts]),
            np.concatenate([part.embedding for part in parts]),
        )


@dataclass(frozen=True)
class Verdicts:
    """What the device said of ``n`` windows.

    Attributes:
        label: ``[n]`` uint8, the network's first choice; ``NO_LABEL`` with a fault.
        decision: ``[n]`` uint8, see ``Decision``.
        action_lsb: ``[n]`` int16, margin of the labels that warrant the action where the window
            is accepted, else -255.
    """

    label: NDArray[np.uint8]
    decision: NDArray[np.uint8]
    action_lsb: NDArray[np.int16]


class _Played:
    """A front end and a network that know by a window's place what they once said of it."""

    def __init__(self, answers: Answers) -> None:
        self._answers, self._at = answers, 0

    def prepare(self, frame: NDArray[Any]) -> Int8s:
        self._at = int(frame[0])
        return np.asarray(self._answers.inputs[self._at])

    def invoke(self, _features: Int8s) -> tuple[Int8s, Int8s]:
        return self._answers.logits[self._at], self._answers.embedding[self._at]


def play(
    guard: Guard,
    answers: Answers,
    owner: NDArray[np.intp],
    *,
    model: bytes,
    settled: bool,
    accepted: tuple[int, ...] = (),
) -> Verdicts:
    """The device's verdicts.

    Args:
        guard: the task's.
        answers: of all windows, those of an event in order of time.
        owner: ``[n]`` the event of each window; where it changes, the device starts anew.
        model: the artefact's bytes, which each start attests.
        settled: whether answers have to agree over time (``consistency``) to be accepted.
        accepted: indices of the labels that warrant the action; none: no margin is asked for.
    """
    table = guard if settled else guard.model_copy(update={"consistency": None})
    played = _Played(answers)
    stream = Stream(
        table,
        Firmware(played.prepare, played.invoke, lambda: None),
        FRAMES,
        model=model,
        digest=hashlib.sha256(model).digest(),
        accepted=accepted,
    )
    label = np.full(len(answers), NO_LABEL, np.uint8)
    decision = np.full(len(answers), Decision.FAULT, np.uint8)
    action_lsb = np.zeros(len(answers), np.int16)
    begins = np.append(True, owner[1:] != owner[:-1])
    for place in range(len(answers)):
        if begins[place]:
            stream.boot()
        said = stream.step(np.array([place], np.int32), sequence=place, time_ms=place)
        label[place], decision[place] = said.label, said.decision
        action_lsb[place] = said.action_lsb
    return Verdicts(label, decision, action_lsb)
