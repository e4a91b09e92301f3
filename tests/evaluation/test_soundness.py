"""What is noted of crafted examples, and what a signal gives under attack."""

from __future__ import annotations

import numpy as np
import pytest

from palisade.attacks.battery import Judged
from palisade.evaluation import ablation, soundness
from palisade.evaluation.evidence import ablated
from palisade.guard.judgement import Decision, Judgement, Signal
from tests.evaluation.toys import THREAT

CLEAN = np.full((4, 2, 2, 1), 128, np.uint8)
BUDGET = 8 / 255


def moved(by: int) -> np.ndarray:
    """The first example moved, the others as they were."""
    found = CLEAN.copy()
    found[0, 0, 0, 0] += by
    return found


def test_whole_values_of_the_sensor_in_the_ball_are_sound() -> None:
    crafted = {"fgsm": moved(8), "noise": CLEAN}
    assert soundness.undeliverable(crafted, CLEAN, THREAT) == 0
    assert soundness.over_budget(crafted, CLEAN, THREAT, BUDGET) == 0


def test_values_between_those_of_the_sensor_and_of_another_type_are_counted() -> None:
    between = CLEAN.astype(np.float32)
    assert soundness.undeliverable({"fgsm": between}, CLEAN, THREAT) == 1
    assert soundness.undeliverable({"fgsm": between + 0.3, "noise": CLEAN}, CLEAN, THREAT) == 0.5


@pytest.mark.parametrize(("by", "share"), [(8, 0.0), (9, 0.25)])
def test_what_lies_beyond_the_budget_is_counted(by: int, share: float) -> None:
    assert soundness.over_budget({"fgsm": moved(by)}, CLEAN, THREAT, BUDGET) == share


def test_nothing_crafted_says_nothing() -> None:
    assert np.isnan(soundness.undeliverable({}, CLEAN, THREAT))
    assert np.isnan(soundness.over_budget({}, CLEAN, THREAT, BUDGET))


def judged(*rejected: int) -> Judged:
    """Answers 1, each with the bits of the signals that reject it."""
    bits = np.array(rejected, np.uint8)
    decision = np.where(bits, Decision.REJECT, Decision.ACCEPT).astype(np.uint8)
    scores = np.zeros((len(bits), len(Signal)), np.int32)
    ones = np.ones(len(bits), np.uint8)
    return Judged(np.arange(len(bits)), Judgement(ones, decision, bits, bits, scores))


def test_each_signal_is_taken_away_and_left_alone() -> None:
    """Of five, one is right; two are caught by the margin, one of them by energy too; one by none.

    The last one is outside the subset.
    """
    margin, energy = 1 << Signal.MARGIN, 1 << Signal.ENERGY
    attacks = {
        "pgd_margin": judged(0, margin, margin | energy, 0, 0),
        "guard_aware": judged(0, margin, margin, margin, 0),
    }
    y, subset = np.array([1, 0, 0, 0, 0]), np.array([True, True, True, True, False])
    rows = {row["signal"]: row for row in ablation.rows(attacks, y, subset)}
    assert rows["margin"]["safe_unguarded"] == 0.25
    assert rows["margin"]["safe_with_all"] == 0.75
    assert (rows["margin"]["safe_without"], rows["margin"]["safe_with_it_alone"]) == (0.25, 0.75)
    assert (rows["energy"]["safe_without"], rows["energy"]["safe_with_it_alone"]) == (0.75, 0.25)
    assert rows["margin"]["helps"] and not rows["energy"]["helps"]


def test_a_signal_counts_as_ablated_only_under_a_joint_attack() -> None:
    attacks = {"pgd_margin": judged(0), "guard_aware": judged(0)}
    y, subset = np.array([1]), np.array([True])
    assert "margin" in ablated(ablation.rows(attacks, y, subset))
    del attacks["guard_aware"]
    assert not ablated(ablation.rows(attacks, y, subset))
