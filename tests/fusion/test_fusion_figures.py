"""The figures count what their names say, on events whose outcome is plain."""

from __future__ import annotations

import numpy as np
import pytest

from palisade.fusion import figures
from palisade.fusion.events import Events
from palisade.fusion.faults import Failed
from palisade.fusion.thresholds import Thresholds

TASKS = ("voice", "vision", "motion")
THRESHOLDS = Thresholds(
    values_lsb=np.array([0, 0, 0]),
    ranks=(1, 1, 1),
    alone_lsb=np.array([5, 5, 5]),
    worst_false_accept_rate=0.0,
)


def seen(*rows: tuple[str, str, str]) -> Events:
    """Events of a kind, its truths and what the sensors say: ``("pet", "010", "011")``."""
    kinds, truth, says = zip(*rows, strict=True)

    def table(texts: tuple[str, ...]) -> np.ndarray:
        return np.array([[sign == "1" for sign in text] for text in texts])

    return Events(
        tasks=TASKS,
        scenes=np.array([f"{n}" for n in range(len(rows))]),
        kinds=np.array(kinds),
        splits=np.full(len(rows), "test"),
        near_miss=np.isin(kinds, ["pet", "television"]),
        truth=table(truth),
        scores=np.where(table(says), 20, -20),
        plausible=np.ones((len(rows), 3), bool),
        aligned=True,
    )


EVENTS = seen(
    ("visitor_unlocks", "111", "111"),
    ("visitor_unlocks", "111", "110"),  # motion misses it
    ("visitor_silent", "011", "011"),
    ("visitor_silent", "011", "111"),  # voice hears what was not said
    ("pet", "000", "001"),
    ("pet", "000", "011"),
    ("television", "100", "100"),
    ("quiet", "000", "000"),
)


def rates(events: Events = EVENTS) -> dict[str, tuple[int, int]]:
    """Hits and trials by figure."""
    failed = {key: {"dead": Failed(np.array([20]), np.array([False]))} for key in TASKS}
    trials = figures.all_of(events, THRESHOLDS, failed)
    return {name: (int(hits.sum()), len(hits)) for name, hits in trials.items()}


def test_action_counts_warranted_events_and_all_others() -> None:
    found = rates()
    assert found["action.false_reject_rate"] == (1, 2)
    assert found["action.false_accept_rate"] == (1, 6)


def test_with_one_task_controlled_negatives_lack_reason_in_another() -> None:
    found = rates()
    # With voice in hand the visitors are bystanders; of pets and television one passes.
    assert found["controlled.voice.false_accept_rate"] == (1, 4)
    assert found["controlled.voice.bystander_false_accept_rate"] == (2, 2)
    # With vision in hand voice and motion decide: one silent visitor passes.
    assert found["controlled.vision.false_accept_rate"] == (1, 6)
    assert found["controlled.vision.bystander_false_accept_rate"] == (0, 0)


def test_with_two_tasks_controlled_the_third_decides() -> None:
    found = rates()
    assert found["two_controlled.voice_vision"] == (2, 4)  # both pets; motion says so
    assert found["two_controlled.vision_motion"] == (1, 5)
    assert {name for name in found if name.startswith("two_")} == {
        f"two_controlled.{pair}" for pair in ("voice_vision", "voice_motion", "vision_motion")
    }


def test_a_task_alone_is_held_to_the_same_events_at_its_own_threshold() -> None:
    found = rates()
    assert found["single.voice.false_accept_rate"] == (2, 6)
    assert found["single.motion.false_reject_rate"] == (1, 2)


def test_an_implausible_sensor_never_agrees() -> None:
    works = EVENTS.plausible.copy()
    works[:, 1] = False
    odd = Events(**{**vars(EVENTS), "plausible": works})
    found = rates(odd)
    assert found["action.false_accept_rate"] == (0, 6)
    assert found["action.false_reject_rate"] == (2, 2)
    assert found["implausible.vision"] == (8, 8)


def test_a_failed_sensor_that_is_noticed_lets_nobody_in_and_one_that_is_not_is_counted() -> None:
    unnoticed = Failed(np.array([-20, 20]), np.array([True, True]))
    noticed = Failed(np.array([20]), np.array([False]))
    failed = {"voice": {"stuck": unnoticed}, "vision": {"stuck": noticed}, "motion": {}}
    trials = figures.of_failures(EVENTS, THRESHOLDS, failed)
    assert trials["failed.voice.stuck.false_accept_rate"].sum() == 3
    assert trials["failed.voice.stuck.availability"].tolist() == [True, False]
    assert not trials["failed.vision.stuck.false_accept_rate"].any()
    assert figures.faults_that_agree(TASKS, THRESHOLDS, failed) == 1
    failed["voice"] = {}
    assert figures.faults_that_agree(TASKS, THRESHOLDS, failed) == 0


def test_near_misses_are_counted_among_each_controlled_tasks_negatives() -> None:
    # Voice: 3 of 4; vision and motion: 3 of 6.
    assert figures.near_miss_share(EVENTS) == pytest.approx(3 / 6)
    without = seen(("visitor_unlocks", "111", "111"), ("quiet", "000", "000"))
    assert figures.near_miss_share(without) == 0.0


def test_metrics_nest_by_name_and_rows_carry_wilson_intervals() -> None:
    trials = {"controlled.voice.false_accept_rate": np.array([True, False, False, False])}
    assert figures.nested(trials) == {"controlled": {"voice": {"false_accept_rate": 0.25}}}
    (row,) = figures.rows(trials)
    assert (row["figure"], row["n"]) == ("controlled.voice.false_accept_rate", 4)
    # Wilson: (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n), z = 1.96
    assert (row["low"], row["high"]) == pytest.approx((0.0456, 0.6994), abs=1e-4)


def test_a_row_an_event_tells_truths_scores_and_verdicts() -> None:
    rows = figures.event_rows(EVENTS, THRESHOLDS)
    assert len(rows) == len(EVENTS)
    assert rows[3] == {
        "scene": "3", "split": "test", "event": "visitor_silent", "near_miss": 0, "warranted": 0,
        "passed": 1, "voice_truth": 0, "voice_score_lsb": 20, "voice_plausible": 1,
        "voice_agrees": 1, "vision_truth": 1, "vision_score_lsb": 20, "vision_plausible": 1,
        "vision_agrees": 1, "motion_truth": 1, "motion_score_lsb": 20, "motion_plausible": 1,
        "motion_agrees": 1,
    }  # fmt: skip


def test_two_sensors_have_no_pair_to_control() -> None:
    two = Events(
        **{
            **vars(EVENTS),
            "tasks": TASKS[:2],
            "truth": EVENTS.truth[:, :2],
            "scores": EVENTS.scores[:, :2],
            "plausible": EVENTS.plausible[:, :2],
        }
    )
    both = Thresholds(np.array([0, 0]), (1, 1), np.array([5, 5]), 0.0)
    found = figures.of_control(two, both)
    assert set(found) == {
        f"controlled.{task}.{rate}"
        for task in TASKS[:2]
        for rate in ("false_accept_rate", "bystander_false_accept_rate")
    }
