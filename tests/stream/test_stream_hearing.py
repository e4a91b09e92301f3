"""LiteRT hears everything, TFLM what an accept can hang on, and TFLM has the last word."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.int8 import Artefact, Outputs
from palisade.stream import decision, hearing
from palisade.stream.decision import Margins, Params
from palisade.stream.hearing import Heard, Listener
from palisade.stream.recording import Recording

WINDOWS = 2  # that a mean is taken of
PARAMS = Params(hop_ms=100, smoothed_windows=WINDOWS, refractory_ms=1000, false_reject_target=0.1)
SURE, UNSURE = 30, 4  # margins
LOUD = [0, 0, SURE, SURE, 0, 0, 0, 0]


@dataclass
class Micro:
    """Two interpreters that answer each window by a table, and remember what they were asked.

    Attributes:
        litert_lsb, tflm_lsb: margins of windows 0, 1, ...
        rejected: windows that the guard rejects after TFLM.
    """

    litert_lsb: list[int]
    tflm_lsb: list[int]
    rejected: set[int] = field(default_factory=set)
    asked: list[int] = field(default_factory=list)

    def litert(self, windows: NDArray[np.int8]) -> Outputs:
        return self._answer(windows, self.litert_lsb, 0)

    def verdict(self, windows: NDArray[np.int8]) -> Outputs:
        self.asked += windows[:, 0, 0].tolist()
        return self._answer(windows, self.tflm_lsb, 1)

    def _answer(self, windows: NDArray[np.int8], table: list[int], engine: int) -> Outputs:
        number = windows[:, 0, 0].astype(int)
        logits = np.zeros((len(number), 2), np.int8)
        logits[:, 0] = np.array(table)[number]
        bad = [engine == 1 and one in self.rejected for one in number.tolist()]
        return Outputs(logits, np.array(bad, np.int8)[:, np.newaxis])


class Guarded(Listener):
    """With a guard that rejects by the embedding."""

    def judge(
        self, windows: NDArray[np.int8], outputs: Outputs
    ) -> tuple[Margins, NDArray[np.bool_]]:
        return decision.margins(outputs.logits, self.actions), outputs.embedding[:, 0] == 0


def record(item: Any) -> Recording:
    rows = np.arange(item, dtype=np.int8)[:, np.newaxis]
    return Recording("speech", rows, 1, 1)


def play(monkeypatch: pytest.MonkeyPatch, micro: Micro) -> tuple[Guarded, list[Heard]]:
    monkeypatch.setattr(hearing, "_artefact", lambda content: micro)
    listener = Guarded(record, b"", None, (0,))
    return listener, [listener(len(micro.litert_lsb))]


def settled(listener: Listener, heard: list[Heard], threshold: int = 20) -> hearing.Settled:
    return hearing.settle(listener, heard, [threshold], PARAMS)


def means(found: hearing.Settled) -> list[int]:
    return [int(one) for one in decision.smooth(found.heard[0].guarded, WINDOWS)[:, 0]]


def test_only_windows_of_means_that_may_reach_the_threshold_run_on_tflm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    micro = Micro(LOUD, LOUD)
    found = settled(*play(monkeypatch, micro))
    assert micro.asked == [2, 3]
    assert (found.windows, found.difference_lsb) == (2, 0)
    micro.asked.clear()
    settled(*play(monkeypatch, micro), threshold=17)  # 15 is within the band of 2
    assert micro.asked == [1, 2, 3, 4]


def test_tflm_has_the_last_word_either_way(monkeypatch: pytest.MonkeyPatch) -> None:
    lower = [0, 0, SURE, SURE - 2, 0, 0, 0, 0]
    found = settled(*play(monkeypatch, Micro(LOUD, lower)), threshold=30)
    assert max(means(found)) == 29
    found = settled(*play(monkeypatch, Micro(lower, LOUD)), threshold=30)
    assert max(means(found)) == 30


def test_a_guard_that_accepts_on_tflm_what_it_rejected_on_litert_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    micro = Micro(LOUD, LOUD)
    listener, heard = play(monkeypatch, micro)
    heard[0].accepted[2] = False  # on LiteRT alone
    assert decision.smooth(heard[0].guarded, WINDOWS).max() < 20
    assert max(means(settled(listener, heard))) == SURE


def test_a_guard_that_rejects_on_tflm_takes_the_accept_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = settled(*play(monkeypatch, Micro(LOUD, LOUD, rejected={3})))
    assert max(means(found)) < 20
    assert found.difference_lsb == 0  # of the means without a guard


def test_the_band_is_widened_where_the_two_differ_by_more(monkeypatch: pytest.MonkeyPatch) -> None:
    litert = [0, 0, SURE, SURE, 0, 0, 12, 12]
    tflm = [0, 0, SURE - 9, SURE - 9, 0, 0, 21, 21]
    micro = Micro(litert, tflm)
    found = settled(*play(monkeypatch, micro))
    assert found.difference_lsb == 9
    assert {6, 7} <= set(micro.asked)
    assert means(found)[6] == 21  # which LiteRT held for 12, more than the first band below 20


def test_where_nothing_comes_near_nothing_runs_on_tflm(monkeypatch: pytest.MonkeyPatch) -> None:
    micro = Micro([UNSURE] * 6, [UNSURE] * 6)
    found = settled(*play(monkeypatch, micro))
    assert (micro.asked, found.windows) == ([], 0)


def test_a_recording_too_short_for_a_mean_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    micro = Micro(LOUD, LOUD)
    listener, heard = play(monkeypatch, micro)
    found = settled(listener, [listener(1), listener(0), *heard])
    assert micro.asked == [2, 3]
    assert [len(one.margin) for one in found.heard] == [1, 0, len(LOUD)]


def test_a_real_model_answers_alike_alone_and_among_workers(
    int8_model: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALISADE_WORKERS", "2")
    listener = Listener(long_record, int8_model, None, (0, 2))
    heard = listener.all_of([30, 17], "recordings")
    alone = [listener(item) for item in (30, 17)]
    for one, two in zip(heard, alone, strict=True):
        np.testing.assert_array_equal(one.margin, two.margin)
    found = hearing.settle(listener, heard, [-255, -255], PARAMS)
    assert len(listener(5).margin) == 0  # rows, too few for a window
    assert found.windows == sum(len(one.margin) for one in heard)
    logits = Artefact(int8_model).tflm(np.ascontiguousarray(heard[0].recording.windows)).logits
    np.testing.assert_array_equal(found.heard[0].margin, decision.margins(logits, (0, 2)))


def long_record(item: Any) -> Recording:
    rows = np.random.default_rng(item).integers(-128, 128, (item, 10, 1)).astype(np.int8)
    return Recording("speech", rows, 8, 3)
