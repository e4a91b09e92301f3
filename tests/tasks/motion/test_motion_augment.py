"""Distorted copies of the training traces."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade import stage
from palisade.errors import PalisadeError
from palisade.splits import Split
from palisade.tasks.motion.distortion import augment, operations, signals
from palisade.tasks.motion.distortion.augment import Params

RATE_HZ = 50.0
SAMPLES = 100
LABELS = ("nothing", "person", "knock")
ACC, PIR = [0, 1, 2], [3]

VALUES: dict[str, Any] = {
    "units": ["mg", "mg", "mg", "pir"],
    "sample_rate_hz": RATE_HZ,
    "acc_range_mg": 2000.0,
    "pir_full_scale_counts": 4095.0,
    "copies": 1,
    "shift": {"probability": 0.5, "shift_ms": [-300.0, 300.0]},
    "stretch": {"probability": 0.5, "rate": [0.9, 1.1]},
    "acc_gain": {"probability": 0.5, "factor": [0.7, 1.4]},
    "damping": {"probability": 0.5, "cutoff_hz": [10.0, 22.0]},
    "rotation": {"probability": 0.5, "angle_deg": [1.0, 8.0]},
    "pir_gain": {"probability": 0.5, "factor": [0.7, 1.4]},
    "drift": {"probability": 0.5, "rise_counts": [-150.0, 150.0]},
    "noise": {"probability": 0.5, "acc_mg": [1.0, 20.0], "pir_counts": [2.0, 30.0]},
    "clipping": {"probability": 0.5, "acc_mg": [20.0, 30.0], "pir_share": [0.3, 0.4]},
    "dropped": {"probability": 0.5, "lost_share": [0.01, 0.1]},
}
OPERATIONS = [name for name, value in VALUES.items() if isinstance(value, dict)]
ACC_ALONE = {"acc_gain", "damping", "rotation"}
PIR_ALONE = {"pir_gain", "drift"}


def params(**changes: Any) -> Params:
    return stage.checked(Params, {**VALUES, **changes}, "params.yaml: augment.motion")


def only(name: str, setting: dict[str, Any] | None = None, **changes: Any) -> Params:
    """One operation on every copy, and no other."""
    none = {one: {**VALUES[one], "probability": 0.0} for one in OPERATIONS}
    mine = {**VALUES[name], "probability": 1.0, **(setting or {})}
    return params(**{**none, name: mine, **changes})


def training_set(traces: int = 24, channels: tuple[int, ...] = (0, 1, 2, 3)) -> Split:
    """Blows on a door that hangs upright, and a swing of the PIR, at drawn moments."""
    draw = np.random.default_rng(3)
    ms = np.arange(SAMPLES)[None] - draw.uniform(30, 70, (traces, 1))
    ringing = np.exp(-np.abs(ms) / 8) * np.sin(ms)
    x = np.zeros((traces, SAMPLES, 4))
    x[:, :, :3] = [0, 1000, 0] + ringing[..., None] * [100, 200, 600]
    x[:, :, 3] = 2048 + 1500 * np.exp(-((ms / 12) ** 2)) * np.sin(ms / 6)
    x += draw.normal(0, 3, x.shape)
    y = np.arange(traces) % len(LABELS)
    names = np.array([f"train/a.csv:{n}" for n in range(traces)])
    homes = np.array([str(n % 5) for n in range(traces)])
    kept = np.ascontiguousarray(np.rint(x).astype(np.int32)[:, :, list(channels)])
    return Split(kept, y, names, homes, LABELS)


def copies(setting: Params, train: Split) -> NDArray[np.float64]:
    return np.asarray(augment.augment(train, setting, seed=1).x[len(train) :], np.float64)


@pytest.fixture(autouse=True)
def _one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALISADE_WORKERS", "1")


def test_originals_stay_as_they_are_and_copies_keep_label_and_home() -> None:
    train = training_set()
    large = augment.augment(train, params(copies=2), seed=1)
    n = len(train)
    assert len(large) == 3 * n == len(set(large.ids))
    assert large.x.dtype == np.int32
    assert np.array_equal(large.x[:n], train.x)
    for copy in range(3):
        part = large.take(slice(copy * n, copy * n + n))
        assert np.array_equal(part.y, train.y)
        assert np.array_equal(part.groups, train.groups)
    assert large.ids[2 * n] == f"{train.ids[0]}+2"


def test_no_copies_leave_the_training_set_itself() -> None:
    train = training_set()
    assert np.array_equal(augment.augment(train, params(copies=0), seed=1).x, train.x)


def test_a_copy_depends_on_its_own_trace_and_not_on_the_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    train = training_set()
    whole = copies(params(), train)
    monkeypatch.setattr(augment, "BATCH", 5)
    keep = np.arange(len(train)) != 7
    assert np.array_equal(whole[keep], copies(params(), train.take(keep)))


def test_one_worker_and_two_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(augment, "BATCH", 5)
    alone = copies(params(), training_set())
    monkeypatch.setenv("PALISADE_WORKERS", "2")
    assert np.array_equal(alone, copies(params(), training_set()))


def test_another_seed_and_another_copy_give_other_traces() -> None:
    train = training_set()
    n = len(train)
    first = augment.augment(train, params(copies=2), seed=1).x
    other = augment.augment(train, params(copies=2), seed=2).x
    assert np.mean(np.any(first[n:] != other[n:], axis=(1, 2))) > 0.9
    assert np.mean(np.any(first[n : 2 * n] != first[2 * n :], axis=(1, 2))) > 0.9


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_acts_with_its_probability_on_its_own_channels(name: str) -> None:
    train = training_set()
    moved = np.any(copies(only(name), train) != train.x, axis=1)
    expected = ACC if name in ACC_ALONE else PIR if name in PIR_ALONE else ACC + PIR
    for place in range(4):
        assert (moved[:, place].mean() > 0.8) == (place in expected), place
    assert np.array_equal(copies(only(name, {"probability": 0.0}), train), train.x)


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_on_absent_channels_change_nothing(name: str) -> None:
    pir, acc = training_set(channels=(3,)), training_set(channels=(0, 1, 2))
    pir_moved = np.any(copies(only(name, units=["pir"]), pir) != pir.x)
    acc_moved = np.any(copies(only(name, units=["mg"] * 3), acc) != acc.x)
    assert pir_moved == (name not in ACC_ALONE)
    assert acc_moved == (name not in PIR_ALONE)


def test_settings_of_one_operation_leave_the_draws_of_the_others_alone() -> None:
    """So that changing one knob is one change of the training set."""
    train = training_set()
    without = copies(params(noise={**VALUES["noise"], "probability": 0.0}), train)
    same = np.mean(np.all(without == copies(params(), train), axis=(1, 2)))
    assert 0.2 < same < 0.8


@pytest.mark.parametrize(("name", "places"), [("acc_gain", ACC), ("pir_gain", PIR)])
def test_gain_scales_what_departs_from_rest_alone(name: str, places: list[int]) -> None:
    train = training_set()
    changed = copies(only(name, {"factor": [0.5, 0.5]}), train)[..., places]
    before = np.asarray(train.x, np.float64)[..., places]
    assert np.median(changed, axis=1) == pytest.approx(np.median(before, axis=1), abs=1)
    assert np.ptp(changed, axis=1) == pytest.approx(np.ptp(before, axis=1) / 2, abs=1.1)


def test_a_rotation_keeps_the_size_of_what_is_felt_and_turns_gravity() -> None:
    train = training_set()
    changed = copies(only("rotation", {"angle_deg": [6.0, 6.0]}, acc_range_mg=4000.0), train)
    felt, before = (
        np.linalg.norm(changed[..., :3], axis=2),
        np.linalg.norm(train.x[..., :3], axis=2),
    )
    assert np.abs(felt - before).max() < 1.0
    gravity, was = np.median(changed[..., :3], axis=1), np.median(train.x[..., :3], axis=1)
    cosines = np.sum(gravity * was, axis=1)
    cosines /= np.linalg.norm(gravity, axis=1) * np.linalg.norm(was, axis=1)
    angles_deg = np.rad2deg(np.arccos(cosines))
    assert angles_deg.max() < 7.0, "up to 6, about a line that gravity may be near"
    assert np.median(angles_deg) > 2.0


def test_noise_has_the_drawn_root_mean_square() -> None:
    train = training_set()
    setting = {"acc_mg": [20.0, 20.0], "pir_counts": [50.0, 50.0]}
    change = copies(only("noise", setting), train) - train.x
    assert change[..., :3].std() == pytest.approx(20, rel=0.05)
    assert change[..., 3].std() == pytest.approx(50, rel=0.05)


def test_drift_rises_evenly_by_its_counts() -> None:
    train = training_set()
    change = (copies(only("drift", {"rise_counts": [90.0, 90.0]}), train) - train.x)[..., 3]
    assert np.array_equal(
        change, np.broadcast_to(np.rint(np.linspace(0, 90, SAMPLES)), change.shape)
    )


def test_a_shift_is_later_by_its_time_and_mirrored_at_the_edge() -> None:
    train = training_set()
    later = copies(only("shift", {"shift_ms": [200.0, 200.0]}), train)
    assert np.array_equal(later[:, 10:], train.x[:, :-10])
    assert np.array_equal(later[:, :10], train.x[:, 10:0:-1])
    earlier = copies(only("shift", {"shift_ms": [-200.0, -200.0]}), train)
    assert np.array_equal(earlier[:, :-10], train.x[:, 10:])


def test_a_stretched_trace_is_faster_about_its_middle() -> None:
    at = np.arange(201.0)
    tone = np.cos(2 * np.pi * (at - 100) / 40)[:, None]
    faster = signals.stretch(tone, 1.25, fixed=100.0)
    assert np.abs(faster[30:171] - np.cos(2 * np.pi * (at - 100) / 32)[30:171, None]).max() < 0.01


def test_damping_takes_3_db_at_its_cutoff_and_nothing_from_gravity() -> None:
    at = np.arange(2000)
    tone = (1000 + 100 * np.sin(2 * np.pi * 10 / RATE_HZ * at))[:, None]
    damped = signals.low_pass(tone, [0], 10.0, RATE_HZ)[500:]
    assert (damped - 1000).std() == pytest.approx(100 / 2, rel=0.01)
    still = np.full((50, 1), 1000.0)
    assert signals.low_pass(still, [0], 10.0, RATE_HZ) == pytest.approx(still)
    assert np.array_equal(signals.low_pass(tone, [0], 25.0, RATE_HZ), tone)


def test_clipping_leaves_nothing_beyond_the_smaller_range() -> None:
    train = training_set()
    setting = {"acc_mg": [1100.0, 1100.0], "pir_share": [0.4, 0.4]}
    clipped = copies(only("clipping", setting), train)
    assert clipped[..., :3].max() == 1100
    assert clipped[..., 3].min() == pytest.approx(0.4 * 4095, abs=0.5)
    assert clipped[..., 3].max() == pytest.approx(0.6 * 4095, abs=0.5)


def test_dropped_samples_repeat_the_one_before_in_all_channels() -> None:
    x = np.arange(400.0).reshape(100, 4)
    held = signals.hold(x, 0.2, np.random.default_rng(1))
    lost = np.any(held != x, axis=1)
    assert lost.sum() == 20
    assert np.array_equal(lost, np.all(held != x, axis=1))
    assert np.array_equal(held[1:][lost[1:]], held[:-1][lost[1:]])


def test_copies_stay_within_what_the_sensors_can_deliver() -> None:
    loud = copies(
        only("noise", {"acc_mg": [1500.0, 1500.0], "pir_counts": [4000.0, 4000.0]}),
        training_set(),
    )
    assert (loud[..., :3].min(), loud[..., :3].max()) == (-2000, 2000)
    assert (loud[..., 3].min(), loud[..., 3].max()) == (0, 4095)


def test_traces_of_other_channels_are_refused_by_name() -> None:
    with pytest.raises(PalisadeError, match="traces have 1 channels, and augment's units name 4"):
        augment.augment(training_set(channels=(3,)), params(), seed=1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"units": ["mg", "lux"]}, r"units\.1 is 'lux'"),
        ({"drift": {"probability": 1.5, "rise_counts": [0.0, 1.0]}}, r"drift\.probability is 1\.5"),
        ({"drift": {"probability": 0.5, "rise_counts": [1.0, 0.0]}}, "write the lower bound first"),
        ({"dropped": {"probability": 0.5, "lost_share": [0.1, 1.0]}}, "at most 0.9"),
        ({"clipping": {**VALUES["clipping"], "pir_share": [0.0, 0.5]}}, "to below 0.5"),
        ({"echo": {}}, "echo is unknown"),
    ],
)
def test_impossible_settings_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(PalisadeError, match=message):
        params(**changes)


def test_every_operation_of_the_params_is_one() -> None:
    loaded = [name for name, one in params() if isinstance(one, operations.Operation)]
    assert loaded == OPERATIONS
