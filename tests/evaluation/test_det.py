"""False accepts against false rejects of the decision to act."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from palisade.evaluation import det

NEGATIVE = np.array([False, False, True])  # two actions, and a class that asks for none
LOGITS = np.array([[50, 0, 0], [10, 40, 0], [0, 0, 60], [20, 0, 0]], np.int8)


def test_rates_by_hand() -> None:
    """Leads are 50, 40, -60 and 20; the second one's action is the wrong one."""
    curve = det.curve(LOGITS, np.array([0, 0, 2, 2]), NEGATIVE)
    at = {int(one): place for place, one in enumerate(curve.thresholds_lsb)}
    assert [curve.false_accept_rate[at[t]] for t in (-60, -59, 20, 21)] == [1.0, 0.5, 0.5, 0.0]
    assert [curve.false_reject_rate[at[t]] for t in (-255, 50, 51)] == [0.5, 0.5, 1.0]


def test_the_ends_accept_all_and_nothing() -> None:
    curve = det.curve(LOGITS, np.array([0, 1, 2, 2]), NEGATIVE)
    assert (curve.false_accept_rate[0], curve.false_reject_rate[0]) == (1.0, 0.0)
    assert (curve.false_accept_rate[-1], curve.false_reject_rate[-1]) == (0.0, 1.0)
    rows = curve.rows()
    assert rows[0]["threshold_lsb"] == -255
    steps = [(row["false_accept_rate"], row["false_reject_rate"]) for row in rows]
    assert all(one != other for one, other in pairwise(steps))


def test_equal_error_rate_of_two_overlapping_heaps() -> None:
    """Leads of mean 20 and -20 and deviation 20 meet at 0, one deviation from either mean."""
    dice = np.random.default_rng(0)
    y = np.repeat([0, 2], 20000)
    lead = np.rint(np.clip(dice.normal(np.where(y == 0, 20, -20), 20), -120, 120))
    logits = np.zeros((len(y), 3), np.int8)
    logits[:, 0] = lead
    logits[:, 1] = -128
    found = det.curve(logits, y, NEGATIVE).equal_error_rate
    assert found == pytest.approx(0.1587, abs=0.005)
