"""Rates with their intervals, and worst cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from palisade.evaluation import clusters, verdicts
from palisade.evaluation.rates import false_accepts, false_rejects, rate
from palisade.evaluation.verdicts import NOT_RUN, RIGHT, WRONG, Table, Verdict


def test_a_rate_has_its_wilson_interval() -> None:
    """8 of 10: Wilson's 95 % interval is 0.4902 to 0.9433."""
    found = rate(np.array([True] * 8 + [False] * 2))
    assert (found.value, found.n) == (0.8, 10)
    assert (found.low, found.high) == pytest.approx((0.4902, 0.9433), abs=1e-4)


def test_the_rate_of_nothing_says_nothing() -> None:
    found = rate(np.array([], bool))
    assert (found.low, found.high, found.n) == (0.0, 1.0, 0)


def drawn(groups: int, each: int, between: float) -> tuple[Any, Any]:
    """Examples right half of the time, more or less from group to group."""
    dice = np.random.default_rng(1)
    shares = np.clip(dice.normal(0.5, between, groups), 0, 1)
    hits = dice.random((groups, each)) < shares[:, np.newaxis]
    return hits.ravel(), np.repeat(np.arange(groups).astype(str), each)


def test_examples_that_hang_together_tell_less() -> None:
    for between, factor in ((0.0, 1.0), (0.25, 2.5)):
        hits, groups = drawn(100, 20, between)
        alone, together = rate(hits), clusters.rate(hits, groups)
        wider = (together.high - together.low) / (alone.high - alone.low)
        assert wider == pytest.approx(factor, rel=0.2)
        assert (together.value, together.n) == (alone.value, 2000)


def test_an_interval_by_group_holds_the_share_as_often_as_it_says() -> None:
    dice, held = np.random.default_rng(2), 0
    groups = np.repeat(np.arange(24).astype(str), 50)
    for _ in range(400):
        shares = dice.beta(6, 2, 24)  # 0.75 in the mean
        found = clusters.rate(dice.random(1200) < np.repeat(shares, 50), groups)
        held += found.low <= 0.75 <= found.high
    assert held / 400 == pytest.approx(0.95, abs=0.025)


def test_groups_of_one_are_wilsons_and_where_all_are_right_there_is_an_interval_too() -> None:
    hits = np.arange(2000) % 4 > 0
    alone, together = rate(hits), clusters.rate(hits, np.arange(2000).astype(str))
    assert (together.low, together.high) == pytest.approx((alone.low, alone.high), abs=1e-4)
    everybody = clusters.rate(np.ones(1000, bool), np.repeat(["a", "b", "c", "d"], 250))
    assert 0.97 < everybody.low < rate(np.ones(1000, bool)).low and everybody.high == 1.0


def test_of_one_group_or_of_nothing_an_interval_says_nothing() -> None:
    for count in (0, 5):
        found = clusters.rate(np.ones(count, bool), np.full(count, "a"))
        assert (found.low, found.high, found.n) == (0.0, 1.0, count)


def test_false_accepts_are_of_negatives_and_false_rejects_of_commands() -> None:
    negative = np.array([False, False, True])  # two commands and _unknown_
    y = np.array([0, 0, 1, 2, 2, 2])
    labels = np.array([0, 1, 2, 2, 0, 1])
    assert false_accepts(labels, y, negative).tolist() == [False, True, True]
    assert false_rejects(labels, y, negative).tolist() == [False, True, True]


def test_the_worst_case_is_per_example_and_passes_over_what_was_not_run() -> None:
    found = Table(
        [
            verdicts.subset_row(np.array([True, False, True, True])),
            Verdict("int8", "fgsm", "b", np.array([RIGHT, WRONG, RIGHT, RIGHT], np.int8)),
            Verdict("int8", "pgd", "b", np.array([RIGHT, NOT_RUN, WRONG, RIGHT], np.int8)),
        ]
    )
    assert found.worst_case("int8", "b").tolist() == [True, False, False, True]
    assert found.subset("int8", ["pgd"], "b") == pytest.approx(2 / 3)
    assert found.attacked("int8") == {"b": {"fgsm": 4, "pgd": 3}}
    assert found.only_by("int8", "pgd", "b").tolist() == [False, False, True, False]
    assert found.only_by("int8", "fgsm", "b").tolist() == [False, True, False, False]


def test_verdicts_come_back_from_their_file(tmp_path: Path) -> None:
    written = [Verdict("int8", "fgsm", "snr_30db", np.array([1, 0, -1], np.int8))]
    verdicts.write(tmp_path / "v.csv", written, examples="abc")
    (found,) = verdicts.read(tmp_path / "v.csv")
    assert (found.model, found.attack, found.budget) == ("int8", "fgsm", "snr_30db")
    assert found.values.tolist() == [1, 0, -1]
