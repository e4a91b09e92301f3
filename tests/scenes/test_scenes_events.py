"""Events are drawn once, by name, with near-misses among them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from palisade.errors import PalisadeError
from palisade.scenes import events
from palisade.scenes.events import KINDS, NEAR_MISSES
from palisade.stage import checked


def params(test: dict[str, int] | None = None, **changes: Any) -> events.Params:
    counts = dict.fromkeys(KINDS, 4)
    section = {"window_s": 3.0, "calibration": counts, "test": counts | (test or {}), **changes}
    return checked(events.Params, section, "params.yaml: scenes")


def test_every_kind_has_its_number_in_both_splits() -> None:
    drawn = events.draw(params({"pet": 9}), seed=1)
    for kind in KINDS:
        of_kind = [one.split for one in drawn if one.kind == kind]
        assert of_kind.count("calibration") == 4
        assert of_kind.count("test") == (9 if kind == "pet" else 4)


def test_names_are_unique_and_no_event_is_in_two_splits() -> None:
    drawn = events.draw(params({"visitor_unlocks": 500}), seed=1)
    names = [one.scene_id for one in drawn]
    assert len(set(names)) == len(names)
    assert all(len(name) == 12 and int(name, 16) >= 0 for name in names)
    assert len({(one.arrival_s, one.distance_m) for one in drawn}) == len(drawn)


def test_an_event_depends_on_its_name_and_the_seed_alone() -> None:
    few, more = events.draw(params(), seed=1), events.draw(params({"knock": 8}), seed=1)
    assert set(few) < set(more)
    assert not {one.scene_id for one in few} & {
        one.scene_id for one in events.draw(params(), seed=2)
    }


def test_what_is_drawn_lies_within_its_bounds() -> None:
    drawn = events.draw(params({"visitor_unlocks": 400}, window_s=5.0), seed=3)
    arrivals = np.array([one.arrival_s for one in drawn])
    assert arrivals.min() >= 0.5 and arrivals.max() <= 3.0
    assert arrivals.std() > 0.5
    distances = np.array([one.distance_m for one in drawn])
    assert distances.min() >= 0.8 and distances.max() <= 2.5
    assert {one.light for one in drawn} == set(events.LIGHTS)
    assert {one.weather for one in drawn} == set(events.WEATHERS)
    assert {one.weather for one in drawn if one.kind == "weather"} == {"wind"}
    assert {one.window_s for one in drawn} == {5.0}


@pytest.mark.parametrize("split", ["calibration", "test"])
def test_too_few_near_misses_are_refused(split: str) -> None:
    counts = dict.fromkeys(KINDS, 0) | {"visitor_unlocks": 50, "quiet": 20}
    near = sorted(NEAR_MISSES)[0]
    with pytest.raises(PalisadeError, match=f"{split} needs near-misses as a third"):
        params(**{split: counts | {near: 9}})
    assert params(**{split: counts | {near: 10}})


def test_an_event_is_plain_text_and_numbers() -> None:
    one = events.draw(params(), seed=1)[0]
    assert {type(value) for value in asdict(one).values()} == {str, float}
