"""Recordings to margins: LiteRT for every window, TFLM for those that a verdict hangs on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade import parallel
from palisade.device import guard as on_device
from palisade.guard.tables import Guard
from palisade.int8 import Artefact, Outputs
from palisade.stream import decision
from palisade.stream.decision import Margins, Params
from palisade.stream.recording import Recording

FIRST_BAND_LSB = 2  # by which TFLM's scores may differ; widened where they are seen to differ more


@dataclass(frozen=True)
class Heard:
    """What the model and its guard made of a recording.

    Attributes:
        recording: the windows.
        logits: ``[windows, classes]``.
        margin: ``[windows, actions]`` whatever the guard says.
        accepted: ``[windows]`` by the guard.
    """

    recording: Recording
    logits: NDArray[np.int8]
    margin: Margins
    accepted: NDArray[np.bool_]

    @property
    def guarded(self) -> Margins:
        """``[windows, actions]``, the least there is where the guard rejects."""
        return decision.silenced(self.margin, self.accepted)


@dataclass(frozen=True)
class Listener:
    """Makes recordings and runs the model over them; goes to worker processes.

    Attributes:
        record: makes a recording of whatever stands for one.
        content: the int8 model.
        guard: its guard; None believes every answer.
        actions: classes that can be accepted.
    """

    record: Callable[[Any], Recording]
    content: bytes
    guard: Guard | None
    actions: tuple[int, ...]

    def __call__(self, item: Any) -> Heard:
        """One recording on LiteRT."""
        recording = self.record(item)
        if not len(recording):
            none = np.zeros((0, len(self.actions)), np.int16)
            return Heard(recording, np.zeros((0, 0), np.int8), none, np.zeros(0, np.bool_))
        windows = np.ascontiguousarray(recording.windows)
        outputs = _artefact(self.content).litert(windows)
        return Heard(recording, outputs.logits, *self.judge(windows, outputs))

    def all_of(self, items: Sequence[Any], what: str) -> list[Heard]:
        """All recordings, over the machine's cores."""
        return parallel.each(self, items, what)

    def judge(
        self, windows: NDArray[np.int8], outputs: Outputs
    ) -> tuple[Margins, NDArray[np.bool_]]:
        """Margins ``[n, actions]``, and which windows ``[n]`` the guard accepts."""
        margin = decision.margins(outputs.logits, self.actions)
        if self.guard is None:
            return margin, np.ones(len(margin), np.bool_)
        found = on_device.judge(self.guard, outputs.logits, outputs.embedding, windows)
        return margin, found.accepted


@dataclass(frozen=True)
class Settled:
    """Recordings of which TFLM heard every window that can bring an accept.

    Attributes:
        heard: the recordings, TFLM's answers in the place of LiteRT's where there are any.
        windows: how many ran on TFLM.
        difference_lsb: largest difference between the two of any mean that both have.
    """

    heard: list[Heard]
    windows: int
    difference_lsb: int


def settle(
    listener: Listener, heard: Sequence[Heard], thresholds_lsb: Sequence[int], params: Params
) -> Settled:
    """Run TFLM on every window of a decision whose mean margin may reach its threshold there.

    What the guard rejects on LiteRT it may accept on TFLM, so what counts is the mean without a
    guard; and this may be a little larger on TFLM, so means that are a band below the threshold
    count too. If means are seen to differ by more than the band, it is widened.

    Args:
        listener: who heard the recordings.
        heard: what came of them on LiteRT.
        thresholds_lsb: ``[actions]`` of mean margins.
        params: the decision.
    """
    band_lsb = FIRST_BAND_LSB
    while True:
        least = np.array(thresholds_lsb, np.int16) - band_lsb
        asked = [_near(one, least, params) for one in heard]
        wanted = [_windows_of(some, params.context_windows) for some in asked]
        found = _on_tflm(listener, heard, wanted)
        difference = max(
            _difference(old.margin, new.margin, some, params)
            for old, new, some in zip(heard, found, asked, strict=True)
        )
        if difference <= band_lsb:
            return Settled(found, sum(int(some.sum()) for some in wanted), difference)
        band_lsb = 2 * difference


def _near(heard: Heard, least_lsb: NDArray[np.int16], params: Params) -> NDArray[np.bool_]:
    """``[decisions]`` in which an action's mean without a guard is at least its own bound."""
    means = decision.means(heard.margin, params)
    return np.asarray((means >= least_lsb).any(axis=1), np.bool_)


def _windows_of(decisions: NDArray[np.bool_], windows: int) -> NDArray[np.bool_]:
    """``[decisions + windows - 1]`` which windows decisions are made of."""
    wanted = np.zeros(max(0, len(decisions) + windows - 1), np.bool_)
    for later in range(windows if len(decisions) else 0):
        wanted[later : later + len(decisions)] |= decisions
    return wanted


def _on_tflm(
    listener: Listener, heard: Sequence[Heard], wanted: Sequence[NDArray[np.bool_]]
) -> list[Heard]:
    parts = [
        one.recording.windows[np.flatnonzero(some)] for one, some in zip(heard, wanted, strict=True)
    ]
    inputs = np.concatenate(parts)
    if not len(inputs):
        return list(heard)
    outputs = _artefact(listener.content).verdict(inputs)
    ends = np.cumsum([len(part) for part in parts])[:-1]
    found = (outputs.logits, *listener.judge(inputs, outputs))
    answers = zip(*(np.split(one, ends) for one in found), strict=True)
    return [
        _with(one, some, *answer) for one, some, answer in zip(heard, wanted, answers, strict=True)
    ]


def _with(
    heard: Heard,
    wanted: NDArray[np.bool_],
    logits: NDArray[np.int8],
    margin: Margins,
    accepted: NDArray[np.bool_],
) -> Heard:
    if not wanted.any():
        return heard
    new = {"logits": logits, "margin": margin, "accepted": accepted}
    whole = {name: getattr(heard, name).copy() for name in new}
    for name, values in new.items():
        whole[name][np.flatnonzero(wanted)] = values
    return replace(heard, **whole)


def _difference(old: Margins, new: Margins, decisions: NDArray[np.bool_], params: Params) -> int:
    """Largest change of a mean, over decisions all of whose windows ran on both."""
    change = decision.means(new, params) - decision.means(old, params)
    return int(np.abs(change[decisions]).max(initial=0))


@lru_cache(maxsize=1)
def _artefact(content: bytes) -> Artefact:
    """One interpreter a process."""
    return Artefact(content)
