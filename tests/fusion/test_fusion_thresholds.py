"""Thresholds keep the false-reject target on new events, and spend it where it helps most."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from palisade.errors import PalisadeError
from palisade.fusion import thresholds
from palisade.fusion.decision import agreement, controlled_negatives
from palisade.fusion.events import Events
from palisade.fusion.thresholds import calibrate

TASKS = ("voice", "vision", "motion")


def drawn(
    count: int, seed: int, *, gap: tuple[float, ...] = (60.0, 60.0, 60.0), split: str = "test"
) -> Events:
    """Scores around 0 where a sensor's truth warrants, and so much below where it does not."""
    draw = np.random.default_rng(seed)
    truth = draw.random((count, len(TASKS))) < 0.7
    scores = draw.normal(0, 30, truth.shape) - np.where(truth, 0, np.array(gap))
    return Events(
        tasks=TASKS,
        scenes=np.array([f"{n}" for n in range(count)]),
        kinds=np.full(count, "pet"),
        splits=np.full(count, split),
        near_miss=np.ones(count, bool),
        truth=truth,
        scores=scores.round().astype(np.int64),
        plausible=np.ones(truth.shape, bool),
        aligned=True,
    )


def false_rejects(events: Events, values: np.ndarray) -> float:
    return float(np.mean(~agreement(events, values).all(axis=1)[events.warranted]))


@pytest.mark.parametrize("target", [0.04, 0.15])
def test_the_target_holds_on_new_events_and_is_not_wasted(target: float) -> None:
    rates = []
    for seed in range(20):
        found = calibrate(drawn(1000, seed), target)
        rates.append(false_rejects(drawn(4000, 1000 + seed), found.values_lsb))
    # The union bound and ties leave a little of it; the search takes a little.
    assert 0.6 * target < np.mean(rates) < 1.05 * target


def test_a_rank_bounds_false_rejects_from_below_and_above() -> None:
    calibration = drawn(1000, 0)
    found = calibrate(calibration, 0.04)
    warranted = calibration.scores[calibration.warranted]
    assert sum(found.ranks) == int(0.04 * (len(warranted) + 1))
    for place, rank in enumerate(found.ranks):
        column = warranted[:, place]
        assert np.sum(column < found.values_lsb[place]) < rank
        assert np.sum(column <= found.values_lsb[place]) >= rank


def test_most_of_the_target_goes_where_it_keeps_most_intruders_out() -> None:
    # Voice and vision tell apart well, motion hardly: whoever holds voice or vision needs to
    # pass the other one and motion, so rejects are best spent where they buy most.
    calibration = drawn(3000, 1, gap=(60.0, 60.0, 5.0))
    found = calibrate(calibration, 0.1)
    evenly = (sum(found.ranks) // 3,) * 3
    even = np.sort(calibration.scores[calibration.warranted], axis=0)[
        np.array(evenly) - 1, np.arange(3)
    ]

    def worst(values: np.ndarray) -> float:
        agrees = agreement(calibration, values)
        rates = []
        for place in range(3):
            negative, passes = controlled_negatives(calibration, agrees, (place,))
            rates.append(np.mean(passes[negative]))
        return float(max(rates))

    assert found.worst_false_accept_rate == pytest.approx(worst(found.values_lsb))
    assert found.worst_false_accept_rate < worst(even)
    assert all(rank >= 1 for rank in found.ranks)


def test_alone_each_task_has_the_whole_target_to_itself() -> None:
    found = calibrate(drawn(3000, 2), 0.1)
    new = drawn(6000, 3)
    for place in range(3):
        missed = new.scores[new.warranted, place] < found.alone_lsb[place]
        assert np.mean(missed) == pytest.approx(0.1, abs=0.025)


def test_only_warranted_events_set_a_threshold() -> None:
    calibration = drawn(1000, 4)
    lower = replace(
        calibration,
        scores=np.where(
            calibration.truth & ~calibration.warranted[:, np.newaxis], -200, calibration.scores
        ),
    )
    target = 3 / calibration.warranted.sum()  # one rank a task: nothing to search
    np.testing.assert_array_equal(
        calibrate(lower, target).values_lsb, calibrate(calibration, target).values_lsb
    )


def test_implausible_events_count_as_rejected_and_lower_no_threshold_for_others() -> None:
    calibration = drawn(1000, 5)
    odd = calibration.plausible.copy()
    odd[np.flatnonzero(calibration.warranted)[:200], 0] = False
    found = calibrate(replace(calibration, plausible=odd), 0.04)
    working = calibration.scores[calibration.warranted & odd[:, 0], 0]
    assert found.values_lsb[0] == working.min()


def test_too_few_events_for_the_target_are_refused_with_the_number_needed() -> None:
    few = drawn(1000, 6)
    few = replace(few, truth=np.broadcast_to(np.arange(1000)[:, np.newaxis] < 73, (1000, 3)))
    with pytest.raises(PalisadeError, match="73 calibration events .* have at least 74"):
        calibrate(few, 0.04)
    enough = replace(few, truth=np.broadcast_to(np.arange(1000)[:, np.newaxis] < 74, (1000, 3)))
    assert calibrate(enough, 0.04).ranks == (1, 1, 1)


def test_shares_are_all_ways_to_share_out() -> None:
    assert list(thresholds.shares(4, 3)) == [(1, 1, 2), (1, 2, 1), (2, 1, 1)]
    assert len(list(thresholds.shares(10, 3))) == 36
