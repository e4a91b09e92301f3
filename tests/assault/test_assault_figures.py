"""The attacked door's figures count what their names say, and each check can fail."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from palisade.assault import figures, selfchecks
from palisade.assault.crafting import Goal
from palisade.assault.figures import Door
from palisade.assault.siege import Outcome
from palisade.fusion import figures as fused_figures
from palisade.fusion.events import Events
from palisade.fusion.scores import SILENT_LSB
from palisade.fusion.thresholds import Thresholds

TASKS = ("motion", "vision", "voice")
AT = np.array([0, 0, 0])
# Kind, truth, clean and crafted verdicts of motion, vision and voice.
FORCED = [
    ("visitor_silent", "110", "110", "111"),  # a bystander's, voice is enough
    ("visitor_silent", "110", "110", "110"),  # voice does not get through
    ("pet", "000", "001", "111"),  # motion and vision are enough
    ("pet", "000", "000", "101"),  # vision holds
    ("quiet", "000", "111", "111"),  # opens with nobody's help
]
DENIED = [
    ("visitor_unlocks", "111", "111", "011"),
    ("visitor_unlocks", "111", "111", "111"),
    ("visitor_unlocks", "111", "101", "100"),
]


def door(goal: Goal, rows: list[tuple[str, str, str, str]], noise: int = 0) -> Door:
    """Verdicts as scores of 10 and -10; crafting moves each by 1 at least, noise as given."""
    kinds, truth, clean, crafted = zip(*rows, strict=True)

    def table(texts: tuple[str, ...]) -> np.ndarray:
        return np.array([[sign == "1" for sign in text] for text in texts])

    said, forged = (np.where(table(texts), 10, -10) for texts in (clean, crafted))
    events = Events(
        tasks=TASKS,
        scenes=np.array([f"{goal}{n}" for n in range(len(rows))]),
        kinds=np.array(kinds),
        splits=np.full(len(rows), "test"),
        near_miss=np.isin(kinds, ["pet"]),
        truth=table(truth),
        scores=np.zeros((len(rows), 3), np.int64),
        plausible=np.ones((len(rows), 3), bool),
        aligned=True,
    )
    wanting = said < 0 if goal == "forced" else said >= 0
    forged = forged + np.where(wanting, 1 if goal == "forced" else -1, 0)
    outcomes = {
        task: Outcome(said[:, n], forged[:, n], said[:, n] + noise, wanting[:, n])
        for n, task in enumerate(TASKS)
    }
    return Door(events, outcomes, AT, goal)


MANY = 20  # times the same events, as of few nothing can be told


def doors(times: int = 1) -> dict[Goal, Door]:
    return {"forced": door("forced", times * FORCED), "denied": door("denied", times * DENIED)}


def noted(**changes: str) -> list[dict[str, str]]:
    """What the fusion wrote of the same events."""
    rows = []
    for one in doors(MANY).values():
        for at, scene in enumerate(one.events.scenes.tolist()):
            row = {"split": "test", "scene": scene}
            for task in TASKS:
                row[f"{task}_score_lsb"] = str(one.outcomes[task].clean[at])
                row[f"{task}_plausible"] = "1"
            rows.append(row)
    rows[0] |= changes
    return rows


def test_rates_by_the_sensors_in_reach() -> None:
    told = figures.metrics(doors())
    assert told["clean"] == {"false_accept_rate": 1 / 5, "false_reject_rate": 1 / 3}
    forced = {name: one["false_accept_rate"] for name, one in told["forced"].items()}
    assert forced == pytest.approx(
        {
            "motion": 1 / 5, "vision": 1 / 5, "voice": 2 / 5,
            "motion_vision": 2 / 5, "motion_voice": 2 / 5, "vision_voice": 2 / 5,
            "motion_vision_voice": 3 / 5, "any_1": 2 / 5, "any_2": 3 / 5,
        }
    )  # fmt: skip
    denied = {name: one["false_reject_rate"] for name, one in told["denied"].items()}
    assert (denied["motion"], denied["vision"], denied["voice"]) == pytest.approx(
        (2 / 3, 1 / 3, 1 / 3)
    )
    assert denied["any_1"] == pytest.approx(2 / 3)
    assert told["events"] == {"forced": 5, "denied": 3}


def test_bystanders_are_told_apart_where_there_are_any() -> None:
    forced = figures.metrics(doors())["forced"]
    assert forced["voice"]["bystander_false_accept_rate"] == 1 / 2
    assert "bystander_false_accept_rate" not in forced["motion"]


def test_the_bound_is_that_of_full_control_as_the_fusion_counts_it() -> None:
    one = door("forced", FORCED)
    events = replace(one.events, scores=one.scores("clean"))
    limits = Thresholds(AT, (1, 1, 1), AT, 0.0)
    trials = fused_figures.of_control(events, limits)
    for place, task in enumerate(TASKS):
        group = one.groups((place,))
        bound = one.bound((place,))
        name = f"controlled.{task}."
        assert np.array_equal(bound[group["contradicted"]], trials[f"{name}false_accept_rate"])
        assert group["bystander"].sum() == len(trials[f"{name}bystander_false_accept_rate"])
    assert one.bound((0, 1, 2)).all()
    assert door("denied", DENIED).bound((0,)).all()


def test_rows_stand_beside_clean_noise_and_bound() -> None:
    rows = {(row["goal"], row["reached"], row["among"]): row for row in figures.rows(doors())}
    row = rows["forced", "voice", "all"]
    assert (row["clean"], row["noise"], row["rate"], row["bound"]) == (0.2, 0.2, 0.4, 0.6)
    assert row["low"] < row["rate"] < row["high"] and row["n"] == 5
    assert rows["forced", "any_2", "near_miss"]["rate"] == 1 / 2
    assert rows["forced", "voice", "contradicted"]["n"] == 3
    assert len({tuple(row) for row in rows.values()}) == 1  # the same columns in each


def test_a_row_an_event_holds_every_score() -> None:
    rows = list(figures.event_rows(doors()))
    assert len(rows) == 8
    assert rows[0]["voice_clean_lsb"] == -10 and rows[0]["voice_crafted_lsb"] == 11


def failed(both: dict[Goal, Door], fused: list[dict[str, str]] | None = None) -> set[str]:
    found = selfchecks.all_of(both, noted() if fused is None else fused)
    assert len(found) == 6
    return {one.name for one in found if not one.passed}


def spoiled(goal: Goal, task: str, **changes: Any) -> dict[Goal, Door]:
    both = doors(MANY)
    one = both[goal]
    outcomes = {**one.outcomes, task: replace(one.outcomes[task], **changes)}
    return {**both, goal: replace(one, outcomes=outcomes)}


def test_an_honest_measurement_passes_every_check() -> None:
    assert failed(doors(MANY)) == set()


def test_a_lead_over_noise_in_a_handful_of_events_may_be_chance() -> None:
    assert "crafting_beats_noise" in failed(doors())


@pytest.mark.parametrize(("goal", "task"), [("forced", "voice"), ("denied", "vision")])
def test_an_attack_that_does_worse_than_none_is_noticed(goal: Goal, task: str) -> None:
    worse = np.full(len(doors(MANY)[goal].events), -10 if goal == "forced" else 10)
    assert "more_sensors_are_never_weaker" in failed(spoiled(goal, task, crafted=worse))


def test_a_bound_below_what_was_crafted_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Door, "bound", lambda self, reach: np.zeros(len(self.events), bool))
    assert failed(doors(MANY)) == {"full_control_is_never_weaker"}


def test_an_attack_that_noise_beats_is_noticed() -> None:
    for goal, rows, noise in (("forced", FORCED, 2), ("denied", DENIED, -2)):
        beaten: Any = doors(MANY) | {goal: door(goal, MANY * rows, noise=noise)}  # type: ignore[arg-type]
        assert failed(beaten) == {"crafting_beats_noise"}


def test_an_attack_that_does_nothing_does_not_beat_noise() -> None:
    """Its ties with noise that does nothing either are no victories."""
    idle = doors(MANY)["forced"].outcomes["voice"].clean
    assert "crafting_beats_noise" in failed(spoiled("forced", "voice", crafted=idle, noise=idle))


def test_windows_out_of_bounds_are_noticed() -> None:
    assert failed(spoiled("forced", "voice", over_budget=1)) == {"crafted_windows_keep_the_budget"}
    assert failed(spoiled("denied", "motion", undeliverable=1)) == {
        "crafted_windows_can_be_delivered"
    }


@pytest.mark.parametrize(
    "changes", [{"voice_score_lsb": "9"}, {"vision_plausible": "0"}, {"scene": "unheard of"}]
)
def test_scores_other_than_the_fusions_are_noticed(changes: dict[str, str]) -> None:
    assert failed(doors(MANY), noted(**changes)) == {"clean_scores_are_those_of_the_fusion"}


def test_a_faulty_sensors_score_is_below_all_others_in_both() -> None:
    clean = doors(MANY)["forced"].outcomes["voice"].clean.copy()
    clean[0] = SILENT_LSB
    both = spoiled("forced", "voice", clean=clean)
    assert failed(both, noted(voice_plausible="0")) == set()
