"""Figures of verdicts over time, from sequences that are written down here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from palisade.device.replay import Verdicts
from palisade.evaluation import sequences
from palisade.evaluation.sequences import CLEAN, FLICKER, SUSTAINED, Played, Table
from palisade.guard.judgement import Decision

GUARD, BOTH = sequences.JUDGES
ACTS = np.array([False, True, True])  # silence, lock, unlock


def clean(scene: str, y: int, guard: str, both: str, goal: int = -1) -> Played:
    return Played(scene, y, CLEAN, -1, goal, guard, both)


def flicker(scene: str, place: int, guard: str, both: str) -> Played:
    return Played(scene, 0, FLICKER, place, 2, guard, both)


EVENTS = [
    clean("a", 2, "0220", "V0V2"),
    clean("b", 2, "022R", "VV2R"),
    clean("c", 0, "0000", "V000", goal=2),
    clean("d", 0, "0100", "VV00", goal=2),
    clean("e", 1, "2222", "VVVV"),
    clean("f", 0, "FFFF", "FFFF"),
    flicker("c", 0, "2000", "VV00"),
    flicker("c", 3, "0002", "V00V"),
    flicker("d", 0, "2100", "VVV0"),
    flicker("d", 1, "0200", "VV00"),
    flicker("d", 2, "0000", "V000"),
    Played("c", 0, SUSTAINED, -1, 2, "2222", "V222"),
    Played("d", 0, SUSTAINED, -1, 2, "2R2R", "VRVR"),
]


def table() -> Table:
    return Table(EVENTS, ACTS)


def test_signs_are_labels_where_they_are_accepted() -> None:
    decisions = [Decision.ACCEPT, Decision.REJECT, Decision.VERIFY, Decision.FAULT, Decision.ACCEPT]
    labels = np.array([0, 3, 4, 255, 31], np.uint8)
    said = Verdicts(labels, np.array(decisions, np.uint8), np.zeros(5, np.int16))
    assert sequences.signs(said) == "0RVFv"


def test_the_last_verdict_of_a_clean_event_is_one_of_five() -> None:
    last = table().last(GUARD)
    assert {name: int(hits.sum()) for name, hits in last.items()} == {
        "accepted_and_right": 2,
        "accepted_and_wrong": 2,  # silence after the word, and unlock for lock
        "rejected": 1,
        "verify_again": 0,
        "fault": 1,
    }
    both = table().last(BOTH)
    assert np.array_equal(sum(hits.astype(int) for hits in both.values()), np.ones(6))
    assert both["verify_again"].tolist() == [False, False, False, False, True, False]


def test_the_right_action_counts_whenever_it_comes() -> None:
    assert table().right_action(GUARD).tolist() == [True, True, False]
    assert table().right_action(BOTH).tolist() == [True, True, False]


def test_a_wrong_action_counts_at_the_attackers_best_moment() -> None:
    wrong = table().wrong_action
    assert wrong(GUARD, CLEAN, at_end=False).tolist() == [False, True]
    assert wrong(GUARD, FLICKER, at_end=False).tolist() == [True, True]
    assert wrong(GUARD, FLICKER, at_end=True).tolist() == [True, False]
    assert wrong(BOTH, FLICKER, at_end=False).tolist() == [False, False]
    assert wrong(BOTH, SUSTAINED, at_end=False).tolist() == [True, False]
    assert wrong(GUARD, SUSTAINED, at_end=True).tolist() == [True, False]


def test_another_action_than_the_events_own_is_a_wrong_one() -> None:
    found = Table([replace(EVENTS[4], goal=2), replace(EVENTS[1], goal=1)], ACTS)
    assert found.wrong_action(GUARD, CLEAN, at_end=False).tolist() == [True, False]


def test_the_headline_is_of_any_time() -> None:
    assert table().summary() == {
        "n": 6,
        "clean_right_action_missed": {GUARD: pytest.approx(1 / 3), BOTH: pytest.approx(1 / 3)},
        "flicker_wrong_action": {GUARD: 1.0, BOTH: 0.0},
        "sustained_wrong_action": {GUARD: 1.0, BOTH: 0.5},
    }
    rows = {(r["input"], r["judge"], r["when"], r["verdict"]): r for r in table().rows()}
    row = rows[FLICKER, GUARD, "last", "wrong_action"]
    assert (row["rate"], row["n"]) == (0.5, 2) and row["low"] < 0.5 < row["high"]


def test_reading_gives_what_was_written_and_none_is_none(tmp_path: Path) -> None:
    sequences.write(tmp_path / "some.csv", EVENTS)
    assert sequences.read(tmp_path / "some.csv") == EVENTS
    sequences.write(tmp_path / "none.csv", [])
    assert sequences.read(tmp_path / "none.csv") == []
    assert Table([], ACTS).summary()["n"] == 0
