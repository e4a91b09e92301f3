"""A sensor that is dead, stuck or saturated is noticed, and one that works is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade import tasks
from palisade.fusion import faults, plausible
from palisade.fusion.faults import Failed
from palisade.fusion.plausible import Limits

LIMITS = Limits(unchanged_share=0.95, saturated_share=0.9)
DRAW = np.random.default_rng(3)
WORKING: dict[str, NDArray[Any]] = {
    "voice": DRAW.normal(0, 40, (4, 16000)).round().astype(np.int16),
    "vision": DRAW.normal(60, 3, (4, 48, 48, 1)).round().astype(np.uint8),
    "motion": DRAW.normal([0, 0, 1000, 2048], [4, 4, 4, 6], (4, 150, 4)).round().astype(np.int32),
}
ENDS = {
    "voice": (-32768, 32767),
    "vision": (0, 255),
    "motion": ([-2000, -2000, -2000, 0], [2000, 2000, 2000, 4095]),
}


def rails(task: str) -> tuple[NDArray[Any], NDArray[Any]]:
    low, high = ENDS[task]

    def realise(x: NDArray[np.float64]) -> NDArray[Any]:
        return np.clip(x, low, high).astype(WORKING[task].dtype)

    return faults.rails(realise, WORKING[task].shape[1:])


def works(task: str, x: NDArray[Any]) -> bool:
    (verdict,) = plausible.of_events(x, np.zeros(len(x), np.intp), *rails(task), LIMITS)
    return bool(verdict)


@pytest.mark.parametrize("task", WORKING)
def test_a_working_sensor_is_plausible(task: str) -> None:
    assert works(task, WORKING[task])


@pytest.mark.parametrize("task", WORKING)
def test_every_fault_is_noticed_in_all_channels_and_in_any_one(task: str) -> None:
    found = faults.spoil(
        tasks.load(task, "samples.faults").faults, [WORKING[task]] * 2, *rails(task)
    )
    assert {"dead", "stuck", "saturated"} <= set(found)
    several = WORKING[task].shape[-1] if task == "motion" else 0
    for name, (x, variant) in found.items():
        assert x.dtype == WORKING[task].dtype
        assert len(np.unique(variant)) == 2 * (1 + several)
        for one in np.unique(variant):
            assert not works(task, x[variant == one]), name
            assert name == "frozen" or not works(task, x[variant == one][:1]), name


def test_voice_saturates_at_both_rails_though_it_never_stands_still_for_long() -> None:
    found = tasks.load("voice", "samples.faults").faults(WORKING["voice"], *rails("voice"))
    assert set(np.unique(found["saturated"])) == {-32768, 32767}


def test_a_sensor_that_dies_half_way_spoils_the_event() -> None:
    x = WORKING["voice"].copy()
    x[3] = 0
    assert not works("voice", x)


def test_a_camera_that_hangs_is_noticed_over_several_pictures_only() -> None:
    frozen = np.repeat(WORKING["vision"][:1], 3, axis=0)
    assert not works("vision", frozen)
    assert works("vision", frozen[:1])


def test_padding_and_overdrive_are_no_faults() -> None:
    padded = WORKING["voice"][:1].copy()
    padded[:, 6000:] = 0
    driven = np.clip(WORKING["voice"][:1].astype(np.int64) * 1000, -32768, 32767).astype(np.int16)
    share = np.mean(np.abs(driven.astype(np.int64)) >= 32767)
    assert 0.3 < share < 0.6
    assert works("voice", padded)
    assert works("voice", driven)


def test_a_limit_of_one_switches_a_check_off() -> None:
    off = Limits(unchanged_share=1.0, saturated_share=1.0)
    assert not plausible.faulty(np.zeros_like(WORKING["voice"]), *rails("voice"), off).any()


def test_events_are_judged_each_by_its_own_windows() -> None:
    x = WORKING["voice"].copy()
    x[1] = 7
    owner = np.array([1, 0, 1, 2])
    verdict = plausible.of_events(x, owner, *rails("voice"), LIMITS)
    assert verdict.tolist() == [False, True, True]


def test_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.concatenate([WORKING["motion"], np.zeros_like(WORKING["motion"])])
    owner = np.array([0, 0, 1, 1, 2, 2, 0, 3])
    whole = plausible.of_events(x, owner, *rails("motion"), LIMITS)
    monkeypatch.setattr(plausible, "BATCH", 3)
    np.testing.assert_array_equal(plausible.of_events(x, owner, *rails("motion"), LIMITS), whole)
    assert whole.tolist() == [False, True, False, False]


def test_a_fault_agrees_if_any_variant_is_believed_and_scores() -> None:
    failed = Failed(scores=np.array([50, 3]), plausible=np.array([False, True]))
    assert not failed.agrees(10)
    assert failed.agrees(3)
    assert failed.fools_model(50)
    assert not failed.fools_model(51)
