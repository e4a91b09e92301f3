"""Distorted copies of the training set."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from palisade import stage
from palisade.errors import PalisadeError
from palisade.splits import Split
from palisade.tasks.voice.distortion import augment, operations
from palisade.tasks.voice.distortion.augment import Params

RATE_HZ = 16000
LABELS = ("bed", "_unknown_", "_silence_")

VALUES: dict[str, Any] = {
    "sample_rate_hz": RATE_HZ,
    "copies": 1,
    "pitch": {"probability": 0.5, "semitones": [-2.0, 2.0]},
    "stretch": {"probability": 0.5, "rate": [0.85, 1.15]},
    "shift": {"probability": 0.5, "shift_ms": [-100.0, 100.0]},
    "reverberation": {
        "probability": 0.5,
        "rt60_ms": [100.0, 500.0],
        "direct_to_reverberant_db": [0.0, 15.0],
    },
    "noise": {
        "probability": 0.5,
        "snr_db": [5.0, 30.0],
        "recorded_share": 0.5,
        "spectral_exponent": [0.0, 2.0],
    },
    "gain": {"probability": 0.5, "gain_db": [-12.0, 6.0]},
    "clipping": {"probability": 0.5, "clipped_share": [0.001, 0.03]},
    "low_pass": {"probability": 0.5, "cutoff_hz": [2500.0, 7000.0]},
    "codec": {"probability": 0.5, "mu_law_share": 0.5, "bits": [8, 12]},
    "jitter": {"probability": 0.5, "jitter_ms": [0.05, 0.5], "knots": 20},
    "spectrum": {"probability": 0.5, "snr_db": [15.0, 35.0]},
    "notch": {"probability": 0.5, "width_hz": [100.0, 600.0], "snr_db": [6.0, 20.0]},
}
OPERATIONS = [name for name, value in VALUES.items() if isinstance(value, dict)]


def params(**changes: Any) -> Params:
    return stage.checked(Params, {**VALUES, **changes}, "params.yaml: augment.voice")


def only(name: str, **setting: Any) -> Params:
    """One operation on every copy, and no other."""
    probability = {one: {**VALUES[one], "probability": 0.0} for one in OPERATIONS}
    return params(**{**probability, name: {**VALUES[name], "probability": 1.0, **setting}})


def training_set(clips: int = 24) -> Split:
    draw = np.random.default_rng(3)
    envelope = np.exp(-(((np.arange(RATE_HZ) - 8000) / 3000) ** 2))
    sound = draw.normal(0, 2000, (clips, RATE_HZ)) * envelope
    y = np.arange(clips) % len(LABELS)
    ids = np.array([f"{LABELS[label]}/{n}_nohash_0.wav" for n, label in enumerate(y)])
    return Split(sound.astype(np.int16), y, ids, np.array([str(n) for n in range(clips)]), LABELS)


@pytest.fixture(autouse=True)
def _one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALISADE_WORKERS", "1")


def test_originals_stay_as_they_are_and_copies_keep_label_and_speaker() -> None:
    train = training_set()
    large = augment.augment(train, params(copies=2), seed=1)
    n = len(train)
    assert len(large) == 3 * n
    assert large.x.dtype == np.int16
    assert np.array_equal(large.x[:n], train.x)
    for copy in range(3):
        part = large.take(slice(copy * n, copy * n + n))
        assert np.array_equal(part.y, train.y)
        assert np.array_equal(part.groups, train.groups)
    assert large.ids[n] == f"{train.ids[0]}+1"
    assert large.ids[2 * n] == f"{train.ids[0]}+2"
    assert len(set(large.ids)) == 3 * n


def test_no_copies_leave_the_training_set_itself() -> None:
    train = training_set()
    assert np.array_equal(augment.augment(train, params(copies=0), seed=1).x, train.x)


def test_one_worker_and_two_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(augment, "BATCH", 5)
    alone = augment.augment(training_set(), params(), seed=1)
    monkeypatch.setenv("PALISADE_WORKERS", "2")
    together = augment.augment(training_set(), params(), seed=1)
    assert alone.x.tobytes() == together.x.tobytes()
    assert alone.ids.tobytes() == together.ids.tobytes()


def test_a_copy_depends_on_its_own_clip_alone() -> None:
    train = training_set()
    speech = train.y != LABELS.index("_silence_")
    keep = np.arange(len(train)) != np.flatnonzero(speech)[0]
    fewer = train.take(keep)
    whole, part = (augment.augment(split, params(), seed=1) for split in (train, fewer))
    assert np.array_equal(whole.x[len(train) :][keep], part.x[len(fewer) :])


def test_another_seed_and_another_copy_give_other_sounds() -> None:
    train = training_set()
    n = len(train)
    first = augment.augment(train, params(copies=2), seed=1)
    other = augment.augment(train, params(copies=2), seed=2)
    assert np.mean(np.any(first.x[n:] != other.x[n:], axis=1)) > 0.9
    assert np.mean(np.any(first.x[n : 2 * n] != first.x[2 * n :], axis=1)) > 0.9


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_acts_with_its_probability(name: str) -> None:
    train = training_set()
    n = len(train)
    always = augment.augment(train, only(name), seed=1)
    assert np.mean(np.any(always.x[n:] != train.x, axis=1)) > 0.9
    never = augment.augment(train, only(name, probability=0.0), seed=1)
    assert np.array_equal(never.x[n:], train.x)


def test_settings_of_one_operation_leave_the_draws_of_the_others_alone() -> None:
    """So that changing one knob is one change of the training set."""
    both = params(noise={**VALUES["noise"], "probability": 0.0})
    train = training_set()
    quiet = augment.augment(train, both, seed=1)
    loud = augment.augment(train, params(), seed=1)
    same = np.mean(np.all(quiet.x[len(train) :] == loud.x[len(train) :], axis=1))
    assert 0.2 < same < 0.8


@pytest.mark.parametrize("recorded_share", [0.0, 1.0])
def test_noise_is_drawn_within_its_bounds_from_either_source(recorded_share: float) -> None:
    train = training_set()
    n = len(train)
    setting = only("noise", snr_db=[8.0, 12.0], recorded_share=recorded_share)
    changed = augment.augment(train, setting, seed=1).x[n:].astype(np.float64)
    signal = np.sum(train.x.astype(np.float64) ** 2, axis=1)
    ratios_db = 10 * np.log10(signal / np.sum((changed - train.x) ** 2, axis=1))
    assert ratios_db.min() > 7.9
    assert ratios_db.max() < 12.1
    assert np.ptp(ratios_db) > 2


def test_recorded_noise_is_a_silence_clip_of_the_training_set() -> None:
    train = training_set(3)
    setting = only("noise", snr_db=[6.0, 6.0], recorded_share=1.0)
    changed = augment.augment(train, setting, seed=1)
    noise = (changed.x[3] - train.x[0]).astype(np.float64)
    silence = train.x[2].astype(np.float64)
    lags = np.fft.irfft(np.fft.rfft(noise) * np.conj(np.fft.rfft(silence)))
    assert lags.max() / np.sqrt(np.sum(noise**2) * np.sum(silence**2)) > 0.99


@pytest.mark.parametrize("name", ["spectrum", "notch"])
@pytest.mark.parametrize("bound_db", [15.0, 25.0])
def test_frequency_domain_changes_stay_within_their_bound(name: str, bound_db: float) -> None:
    train = training_set()
    x = train.x.astype(np.float64)
    setting = only(name, snr_db=[bound_db, bound_db + 5])
    changed = augment.augment(train, setting, seed=1).x[len(train) :]
    relative = np.linalg.norm(changed - x, axis=1) / np.linalg.norm(x, axis=1)
    assert relative.max() <= 10 ** (-bound_db / 20) * 1.01


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gain": {"probability": 1.5, "gain_db": [0.0, 1.0]}}, r"gain\.probability is 1\.5"),
        ({"gain": {"probability": 0.5, "gain_db": [1.0, 0.0]}}, "write the lower bound first"),
        ({"gain": {"probability": 0.5, "gain_db": [1.0]}}, r"gain\.gain_db is \[1\.0\]"),
        ({"stretch": {"probability": 0.5, "rate": [0.0, 1.0]}}, r"stretch\.rate\.0 is 0\.0"),
        ({"echo": {}}, "echo is unknown"),
    ],
)
def test_impossible_settings_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(PalisadeError, match=message):
        params(**changes)


def test_every_operation_of_the_params_is_one() -> None:
    loaded = [name for name, one in params() if isinstance(one, operations.Operation)]
    assert loaded == OPERATIONS
