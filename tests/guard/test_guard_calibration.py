"""The guard's limits keep their promise on the joint verdict, and are what they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.random import Generator
from sklearn.metrics import roc_auc_score

from palisade.errors import PalisadeError
from palisade.guard import calibration
from palisade.guard.calibration import Scores, auroc, calibrate, joint_p, limit, ranks, strangeness
from palisade.guard.judgement import Signal
from palisade.guard.reference import breaks
from palisade.guard.tables import Limits

SIGNALS = list(Signal)
TARGET = 0.05


def clean(dice: Generator, count: int, implausible: float = 0.01) -> Scores:
    """Correlated signals in different units, and a tree that rejects a share."""
    mood = dice.normal(size=count)
    scores = np.zeros((count, len(Signal)), np.int32)
    scores[:, Signal.MARGIN] = 60 + 20 * mood + dice.normal(0, 20, count)
    scores[:, Signal.ENERGY] = 5000 + 1500 * mood + dice.normal(0, 900, count)
    scores[:, Signal.AUTOENCODER] = np.exp(7 + 0.5 * dice.normal(size=count))
    scores[:, Signal.TREE] = dice.random(count) >= implausible
    scores[:, Signal.TEXTURE] = 256 * dice.chisquare(32, count)
    return scores


def rejected(limits: Limits, scores: Scores) -> np.ndarray:
    return np.any([breaks(limits.of(signal), scores[:, signal]) for signal in Signal], axis=0)


def test_new_clean_inputs_are_rejected_as_often_as_promised_and_hardly_less() -> None:
    """On average over 40 calibrations, whatever the signals' units and correlations."""
    rates = []
    for seed in range(40):
        dice = np.random.default_rng(seed)
        found = calibrate(clean(dice, 600), SIGNALS, target=TARGET, seed=seed)
        rates.append(rejected(found.limits, clean(dice, 4000)).mean())
    assert 0.7 * TARGET < np.mean(rates) <= TARGET


def test_limits_reject_exactly_what_has_too_small_a_p_value() -> None:
    known = clean(np.random.default_rng(1), 200)
    found = calibrate(known, SIGNALS, target=TARGET, seed=1)
    fresh = clean(np.random.default_rng(2), 3000)
    strange = joint_p(found.known, fresh, tree=True) < found.p_least
    assert np.array_equal(rejected(found.limits, fresh), strange)
    assert 0.01 < strange.mean() < 0.1


@pytest.mark.parametrize("kind", ["at_least", "at_most"])
def test_one_signal_s_limit_by_hand(kind: calibration.Kind) -> None:
    """Of 9 known scores, p below 0.3 is stranger than all but one: 1/10 and 2/10."""
    scores = np.zeros((9, len(Signal)), np.int32)
    signal = Signal.AUTOENCODER if kind == "at_most" else Signal.MARGIN
    scores[:, signal] = np.arange(10, 100, 10)
    known = np.sort(strangeness(scores, signal))
    found = limit(known, 0.3, kind)
    tried = np.arange(0, 110, 5, dtype=np.int32)
    assert (found.kind, found.threshold) == (kind, 80 if kind == "at_most" else 20)
    trial = np.zeros((len(tried), len(Signal)), np.int32)
    trial[:, signal] = tried
    small = joint_p({signal: known}, trial, tree=False) < 0.3
    assert np.array_equal(breaks(found, tried), small)


def test_a_tree_that_rejects_too_many_clean_inputs_is_switched_off() -> None:
    dice = np.random.default_rng(3)
    eager = calibrate(clean(dice, 800, implausible=0.04), SIGNALS, target=TARGET, seed=0)
    modest = calibrate(clean(dice, 800, implausible=0.002), SIGNALS, target=TARGET, seed=0)
    assert eager.limits.tree.kind == "off"
    assert modest.limits.tree.kind == "at_least"


def test_too_few_examples_are_refused_with_how_many_are_needed() -> None:
    few = clean(np.random.default_rng(4), 30)
    with pytest.raises(PalisadeError, match=r"30 calibration examples are too few .* at least 40"):
        calibrate(few, SIGNALS, target=TARGET, seed=0)


def test_of_so_few_examples_a_guard_may_be_left_without_a_limit() -> None:
    """One of the second half is often stranger than all of the first: then nothing is rejected."""
    few = [clean(np.random.default_rng(seed), 44) for seed in range(20)]
    used = [calibrate(one, SIGNALS[:3], target=TARGET, seed=0).limits.used for one in few]
    assert [] in used
    assert list(Signal)[:3] in used


def test_auroc_is_scikit_learn_s_with_ties() -> None:
    dice = np.random.default_rng(5)
    familiar, strange = dice.integers(0, 8, 300), dice.integers(2, 11, 200)
    truth = np.repeat([0, 1], [300, 200])
    expected = roc_auc_score(truth, np.concatenate([familiar, strange]))
    assert auroc(familiar, strange) == pytest.approx(expected, abs=1e-12)


def test_ranks_come_back_from_their_file(tmp_path: Path) -> None:
    known = ranks(clean(np.random.default_rng(6), 50), [Signal.MARGIN, Signal.AUTOENCODER])
    calibration.save(tmp_path / "known.npz", known)
    loaded = calibration.load(tmp_path / "known.npz")
    assert loaded.keys() == known.keys()
    assert all(np.array_equal(loaded[signal], known[signal]) for signal in known)
