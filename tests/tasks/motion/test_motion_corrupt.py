"""Field copies of the test traces."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.errors import PalisadeError
from palisade.splits import Split
from palisade.tasks.motion.distortion import corrupt
from palisade.tasks.motion.distortion.corrupt import ACTS_ON, KINDS, SEVERITIES, SPIN_HZ, Params

LABELS = ("nothing", "person", "knock")
FULL_SCALE_COUNTS = 4095
SAMPLES = 100


def params(traces: int, **changes: Any) -> Params:
    values = {
        "units": ["mg", "mg", "mg", "pir"],
        "sample_rate_hz": 50.0,
        "acc_range_mg": 4000.0,
        "pir_full_scale_counts": float(FULL_SCALE_COUNTS),
        "traces": traces,
    }
    return Params.model_validate({**values, **changes})


def held_out(counts: tuple[int, ...] = (6, 4, 2)) -> Split:
    """Slow swings on all channels about gravity and the PIR's middle."""
    draw = np.random.default_rng(5)
    n = sum(counts)
    at = np.arange(SAMPLES)[None] - draw.uniform(30, 70, (n, 1))
    swing = np.exp(-((at / 15) ** 2)) * np.sin(at / 4)
    x = [0, 1000, 0, 2048] + swing[..., None] * [80, 150, 300, 900]
    x += draw.normal(0, 2, x.shape)
    y = np.repeat(np.arange(len(counts)), counts)
    names = np.array([f"test/a.csv:{place}" for place in range(n)])
    homes = np.array([f"home{n % 5}" for n in range(n)])
    return Split(np.rint(x).astype(np.int32), y, names, homes, LABELS)


@pytest.fixture(autouse=True)
def _one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALISADE_WORKERS", "1")


@pytest.fixture(scope="module")
def split() -> Split:
    return held_out()


def changes(test: Split, **setting: Any) -> dict[tuple[str, int], NDArray[np.float64]]:
    """By kind and severity, each trace less its original."""
    field = corrupt.corrupt(test, params(len(test), **setting), seed=1)
    originals = dict(zip(test.ids, test.x.astype(np.float64), strict=True))
    found: dict[tuple[str, int], list[NDArray[np.float64]]] = {}
    for name, x in zip(field.ids, field.x, strict=True):
        kind, severity, trace = str(name).split("/", 2)
        found.setdefault((kind, int(severity)), []).append(x - originals[trace])
    return {cell: np.stack(one) for cell, one in found.items()}


def test_every_trace_comes_in_every_kind_and_severity(split: Split) -> None:
    field = corrupt.corrupt(split, params(7), seed=1)
    assert field.x.dtype == np.int32
    assert len(set(field.ids)) == len(field) == 7 * len(SEVERITIES) * 3
    label = dict(zip(split.ids, split.y, strict=True))
    home = dict(zip(split.ids, split.groups, strict=True))
    cells: dict[str, set[str]] = {}
    for name, y, group in zip(field.ids, field.y, field.groups, strict=True):
        kind, severity, trace = str(name).split("/", 2)
        assert (label[trace], home[trace]) == (y, group)
        cells.setdefault(f"{kind}/{severity}", set()).add(trace)
    assert set(cells) == {f"{kind}/{severity}" for kind in KINDS for severity in (1, 2, 3)}
    assert len({frozenset(traces) for traces in cells.values()}) == 1
    chosen = [label[trace] for trace in next(iter(cells.values()))]
    assert np.bincount(chosen).tolist() in ([4, 2, 1], [3, 2, 1], [3, 3, 1]), "in proportion"


def test_a_larger_severity_is_farther_from_the_original(split: Split) -> None:
    moved = changes(split)
    for kind in SEVERITIES:
        far = [float(np.sqrt(np.mean(moved[kind, severity] ** 2))) for severity in (1, 2, 3)]
        assert 0 < far[0] < far[1] < far[2], kind


def test_each_kind_leaves_the_channels_it_does_not_act_on(split: Split) -> None:
    for (kind, _), change in changes(split).items():
        acc, pir = np.any(change[..., :3]), np.any(change[..., 3])
        assert (acc, pir) == (ACTS_ON.get(kind) != "pir", ACTS_ON.get(kind) != "mg"), kind


def test_values_of_the_severities_are_what_is_measured(split: Split) -> None:
    moved = changes(split)
    for at in range(3):
        severity = at + 1
        noise_mg = moved["acc_noise", severity][..., :3].std()
        assert noise_mg == pytest.approx(SEVERITIES["acc_noise"][at], rel=0.05)
        noise_counts = moved["pir_noise", severity][..., 3].std()
        assert noise_counts == pytest.approx(
            SEVERITIES["pir_noise"][at] * FULL_SCALE_COUNTS, rel=0.1
        )
        rise = np.abs(moved["pir_drift", severity][:, -1, 3])
        assert rise == pytest.approx(SEVERITIES["pir_drift"][at] * FULL_SCALE_COUNTS, abs=1)
        peak_mg = np.linalg.norm(moved["vibration", severity][..., :3], axis=2).max(axis=1)
        assert peak_mg == pytest.approx(SEVERITIES["vibration"][at], abs=2)


def test_drift_and_clock_go_either_way(split: Split) -> None:
    ends = changes(split)["pir_drift", 2][:, -1, 3]
    assert (ends > 0).any() and (ends < 0).any()


def test_a_wrong_clock_moves_what_comes_later_by_its_percent() -> None:
    at = np.arange(200.0)
    x = np.repeat(np.exp(-(((at - 120) / 5) ** 2))[:, None], 4, axis=1) * 1000
    peaks = {
        int(np.argmax(corrupt.distort(x, "clock", 5.0, params(1), seed=1, name=str(n))[:, 0]))
        for n in range(12)
    }
    assert peaks == {round(120 / 1.05), round(120 / 0.95)}


def test_an_appliance_hums_at_the_rate_of_its_drum() -> None:
    still = np.zeros((500, 4))
    hummed = corrupt.distort(still, "vibration", 30.0, params(1), seed=1, name="a")
    power = np.sum(np.abs(np.fft.rfft(hummed[:, :3], axis=0)) ** 2, axis=1)
    assert SPIN_HZ[0] - 0.1 <= np.fft.rfftfreq(500, 1 / 50)[power.argmax()] <= SPIN_HZ[1] + 0.1


def test_a_worse_bus_loses_the_same_samples_and_more() -> None:
    x = np.arange(400.0).reshape(100, 4)
    lost = [
        np.any(corrupt.distort(x, "dropped", share, params(1), seed=1, name="a") != x, axis=1)
        for share in SEVERITIES["dropped"]
    ]
    assert [int(one.sum()) for one in lost] == [5, 15, 30]
    assert lost[1][lost[0]].all() and lost[2][lost[1]].all()


@pytest.mark.parametrize("kind", ["acc_noise", "pir_noise", "pir_drift", "vibration"])
def test_nothing_but_the_severity_changes_with_it(kind: str) -> None:
    weak, strong = SEVERITIES[kind][0], SEVERITIES[kind][2]
    for name in "abcd":
        low, high = (
            corrupt.distort(np.zeros((50, 4)), kind, value, params(1), seed=1, name=name)
            for value in (weak, strong)
        )
        assert high == pytest.approx(low * strong / weak), name


def test_a_corpus_of_one_pir_has_the_kinds_that_a_pir_has(split: Split) -> None:
    alone = Split(split.x[..., 3:], split.y, split.ids, split.groups, split.labels)
    moved = changes(alone, units=["pir"])
    assert {kind for kind, _ in moved} == {
        "pir_noise",
        "pir_drift",
        "low_contrast",
        "dropped",
        "clock",
    }
    assert all(np.any(change) for change in moved.values())


def test_copies_stay_within_what_the_sensors_can_deliver(split: Split) -> None:
    setting = params(12, acc_range_mg=1010.0, pir_full_scale_counts=2100.0)
    x = corrupt.corrupt(split, setting, seed=1).x
    assert (x[..., :3].max(), x[..., 3].max()) == (1010, 2100)
    assert x[..., 3].min() >= 0


def test_traces_of_other_channels_are_refused_by_name(split: Split) -> None:
    with pytest.raises(PalisadeError, match="traces have 4 channels, and corrupt's units name 1"):
        corrupt.corrupt(split, params(3, units=["pir"]), seed=1)


def test_the_same_traces_whatever_the_workers(
    monkeypatch: pytest.MonkeyPatch, split: Split
) -> None:
    alone = corrupt.corrupt(split, params(8), seed=1)
    monkeypatch.setattr(corrupt, "BATCH", 3)
    monkeypatch.setenv("PALISADE_WORKERS", "2")
    together = corrupt.corrupt(split, params(8), seed=1)
    assert alone.x.tobytes() == together.x.tobytes()
    assert alone.ids.tobytes() == together.ids.tobytes()
    assert not np.array_equal(alone.x, corrupt.corrupt(split, params(8), seed=2).x)
