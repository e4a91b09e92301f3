"""From int8 logits to one integer score an event."""

from __future__ import annotations

import numpy as np
import pytest

from palisade.errors import PalisadeError
from palisade.fusion import policy, scores
from palisade.fusion.policy import Params
from palisade.stage import checked

LABELS = ("unlock", "lock", "_silence_")


def params(**changes: object) -> Params:
    section = {
        "modalities": {
            "voice": {"accepts": ["unlock"], "pooling": "max", "evidence": "all"},
            "vision": {"accepts": ["person"], "pooling": "median", "evidence": "all"},
        },
        "false_reject_target": 0.1,
        "plausible": {"unchanged_share": 0.95, "saturated_share": 0.9},
        "composed_events": {"calibration": 100, "test": 200},
        "least_events": 1000,
        **changes,
    }
    return checked(Params, section, "params.yaml: fuse")


def test_margin_is_the_accepted_logit_less_the_best_other() -> None:
    logits = np.array([[10, 3, -7], [-128, 127, 0], [127, -128, -128]], np.int8)
    accepted = np.array([True, False, False])
    np.testing.assert_array_equal(scores.margins(logits, accepted), [7, -255, 255])


def test_of_several_accepted_classes_the_best_counts() -> None:
    logits = np.array([[10, 30, 20]], np.int8)
    assert scores.margins(logits, np.array([True, True, False])).tolist() == [10]


@pytest.mark.parametrize(
    ("pooling", "expected"), [("max", [9, -3]), ("mean", [2, -4]), ("median", [-1, -4])]
)
def test_windows_are_pooled_by_event_in_integers(
    pooling: policy.Pooling, expected: list[int]
) -> None:
    margin = np.array([9, -4, -1, -3, -1, 2])
    owner = np.array([0, 1, 0, 1, 0, 0])  # those of one event need not lie side by side
    assert scores.pool(margin, owner, pooling).tolist() == expected


@pytest.mark.parametrize(
    ("pooling", "expected"), [("max", [2, -256]), ("mean", [0, -256]), ("median", [-1, -256])]
)
def test_windows_without_evidence_are_left_out_and_an_event_of_none_is_below_any_threshold(
    pooling: policy.Pooling, expected: list[int]
) -> None:
    margin = np.array([9, -4, -1, -3, -1, 2])
    owner = np.array([0, 1, 0, 1, 0, 0])
    counts = np.array([False, False, True, False, True, True])
    assert scores.pool(margin, owner, pooling, counts).tolist() == expected
    assert scores.SILENT_LSB < scores.LOWEST_LSB


def test_a_policy_that_names_an_unknown_task_stops_with_one_clear_line() -> None:
    accepted = {"accepts": ["ring"], "pooling": "max", "evidence": "all"}
    wrong = params(modalities={"voice": accepted, "bell": accepted})
    with pytest.raises(PalisadeError, match="fuse.modalities names bell, .* it has vision, voice"):
        policy.check(wrong, {"voice", "vision"})
    policy.check(params(), {"voice", "vision", "motion"})


def test_a_policy_that_names_an_unknown_label_stops_with_one_clear_line() -> None:
    with pytest.raises(PalisadeError, match=r"vision\.accepts names person, .* use cat, dog"):
        policy.accepted(params(), "vision", ("cat", "dog"))
    with pytest.raises(PalisadeError, match=r"vision\.accepts names every label"):
        policy.accepted(params(), "vision", ("person",))
    assert policy.accepted(params(), "voice", LABELS).tolist() == [True, False, False]


def test_a_policy_of_one_sensor_is_no_agreement() -> None:
    with pytest.raises(PalisadeError, match=r"fuse\.modalities"):
        params(modalities={"voice": {"accepts": ["unlock"], "pooling": "max", "evidence": "all"}})


def test_firmware_reads_indices_thresholds_and_window() -> None:
    labels = {"voice": LABELS, "vision": ("nobody", "person")}
    told = policy.describe(params(), {"voice": 12, "vision": -3}, labels, 3.0)
    assert told["tasks"]["vision"] == {  # type: ignore[index]
        "accepts": [1],
        "evidence": "all",
        "labels": ["nobody", "person"],
        "pooling": "median",
        "threshold_lsb": -3,
    }
    assert told["window_s"] == 3.0
