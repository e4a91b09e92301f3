"""Margins, their means and what is accepted: in Python as on the device."""

from __future__ import annotations

import numpy as np
import pytest

from palisade.device import agreement
from palisade.stream import decision
from palisade.stream.decision import LOWEST_LSB, Params, Scores


def of(*recordings: list[list[int]]) -> Scores:
    """Scores as they are, of recordings ``[decisions][actions]``."""
    margins = [np.array(one, np.int16) for one in recordings]
    return decision.side_by_side(margins, margins[0].shape[1])


def params(**changes: int) -> Params:
    given = {"hop_ms": 100, "smoothed_windows": 3, "refractory_ms": 1000, **changes}
    return Params.model_validate({**given, "false_reject_target": 0.1})


def test_margins_are_those_of_the_device() -> None:
    logits = np.random.default_rng(1).integers(-128, 128, (500, 5)).astype(np.int8)
    logits[:20] = np.random.default_rng(2).choice([-128, 127], (20, 5))
    found = decision.margins(logits, (3, 0))
    for column, action in enumerate((3, 0)):
        accepted = np.arange(5) == action
        np.testing.assert_array_equal(found[:, column], agreement.margins(logits, accepted))
    assert found.dtype == np.int16


@pytest.mark.parametrize("windows", [1, 2, 3, 6, 32])
def test_means_are_those_of_the_device_below_zero_too(windows: int) -> None:
    margin = np.random.default_rng(windows).integers(-255, 256, (80, 2)).astype(np.int16)
    margin[40:] = LOWEST_LSB
    found = decision.smooth(margin, windows)
    assert found.shape == (81 - windows, 2)
    for at in range(len(found)):
        for action in range(2):
            last = margin[at : at + windows, action].astype(np.int64)
            assert found[at, action] == agreement.pool(last, "mean")


def test_no_mean_is_taken_of_fewer_windows() -> None:
    assert decision.smooth(np.zeros((5, 2), np.int16), 6).shape == (0, 2)


def test_a_rejected_window_says_the_least_there_is() -> None:
    margin = np.array([[9, -4], [50, -60]], np.int16)
    found = decision.silenced(margin, np.array([True, False]))
    assert found.tolist() == [[9, -4], [-255, -255]]


def test_after_an_accept_there_is_none_for_a_while() -> None:
    loud = of([[9]] * 10)
    found = decision.accept(loud, [5], 3).accepted[0]
    assert np.flatnonzero(found).tolist() == [0, 4, 8]
    assert decision.accept(loud, [5], 0).accepted.all()
    assert params().refractory_windows == 10


def test_a_score_is_accepted_at_its_threshold_and_not_below() -> None:
    assert decision.accept(of([[5], [4]]), [5], 0).accepted.tolist() == [[True, False]]


def test_each_action_has_a_threshold_and_the_largest_excess_wins() -> None:
    found = decision.accept(of([[20, 8], [20, 12], [9, 4]]), [10, 5], 0)
    assert found.accepted.tolist() == [[True, True, False]]
    assert found.action[0, :2].tolist() == [0, 0]
    found = decision.accept(of([[12, 8]]), [10, 5], 0)
    assert found.action.tolist() == [[1]]


def test_recordings_do_not_wait_for_each_other_and_filling_is_never_accepted() -> None:
    found = of([[9], [9], [9]], [[9]])
    assert found.counts.tolist() == [3, 1]
    waiting = decision.accept(found, [LOWEST_LSB], 5).accepted
    assert waiting.tolist() == [[True, False, False], [True, False, False]]
    assert decision.accept(found, [LOWEST_LSB], 0).accepted.sum(axis=1).tolist() == [3, 1]


def test_only_time_with_a_whole_mean_counts_as_decided() -> None:
    one = params(smoothed_windows=6)
    assert one.decided_ms(30000, 1000) == 28600  # of 291 windows the first five have no mean
    assert one.decided_ms(1400, 1000) == 0
    assert one.heard_ms(0, 1000) == 1500
    assert one.heard_ms(3, 1000) == 1800
