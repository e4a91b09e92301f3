"""What is drawn for a picture: nothing but the person tells the classes apart."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from palisade.scenes.events import KINDS, Event
from palisade.tasks.vision.samples.labels import NOBODY, PERSON
from palisade.tasks.vision.synthesis import homes, picture, placing, scenes
from palisade.tasks.vision.synthesis.people import Person
from palisade.tasks.vision.synthesis.picture import Picture
from palisade.tasks.vision.synthesis.render import Studio, render
from palisade.tasks.vision.synthesis.things import Thing

MANY = 1200


def draw(label: str, number: int, params: Any, **more: Any) -> Picture:
    home = homes.draw("train", number % 20, params, backgrounds=(), seed=7)
    name = f"train/{label}/{number}"
    return picture.draw(name, label, home, params, cutouts=(), seed=7, **more)


@pytest.fixture(scope="module")
def drawn(make_params: Any) -> dict[str, list[Picture]]:
    params = make_params()
    return {label: [draw(label, n, params) for n in range(MANY)] for label in (PERSON, NOBODY)}


def kinds(one: Picture) -> set[str]:
    return {stand.what.kind for stand in one.stands if isinstance(stand.what, Thing)}


@pytest.mark.parametrize("kind", ["coat_stand", "poster", "shadow", "dog", "cat", "car", "post"])
def test_what_looks_alike_is_as_frequent_with_somebody_as_without(
    drawn: dict[str, list[Picture]], kind: str
) -> None:
    shares = [np.mean([kind in kinds(one) for one in drawn[label]]) for label in drawn]
    assert min(shares) > 0.01
    assert abs(shares[0] - shares[1]) < 0.035


def test_both_classes_hold_as_many_things_at_like_distances(
    drawn: dict[str, list[Picture]],
) -> None:
    numbers, nearness, places = [], [], []
    for pictures in drawn.values():
        numbers.append(np.mean([len(one.stands) for one in pictures]))
        lead = [stand.spot for one in pictures for stand in one.stands if stand.foremost]
        nearness.append(np.mean([1 / spot.distance_m for spot in lead]))
        places.append(np.histogram([spot.across for spot in lead], 4, (0, 1))[0] / len(lead))
    assert abs(numbers[0] - numbers[1]) < 0.25
    assert abs(nearness[0] - nearness[1]) < 0.06
    assert np.abs(places[0] - places[1]).max() < 0.09


def test_nobody_has_no_person_and_person_one_to_three(drawn: dict[str, list[Picture]]) -> None:
    numbers = Counter(
        sum(isinstance(stand.what, Person) for stand in one.stands) for one in drawn[PERSON]
    )
    assert set(numbers) == {1, 2, 3}
    assert not any(isinstance(s.what, Person) for one in drawn[NOBODY] for s in one.stands)


def test_brightness_and_edges_do_not_tell_the_classes_apart(make_params: Any) -> None:
    params = make_params(oversampling=1)
    figures: dict[str, list[tuple[float, float, float]]] = {PERSON: [], NOBODY: []}
    for number in range(160):
        for label, told in figures.items():
            home = homes.draw("train", number // 40, params, backgrounds=(), seed=7)
            name = f"train/{label}/{number}"
            one = picture.draw(name, label, home, params, cutouts=(), seed=7)
            pixels = render(one, Studio(home, params, 7, None, {}))[0].pixels.astype(float)
            edges = np.abs(np.diff(pixels, axis=1)).mean()
            told.append((pixels.mean(), pixels.std(), edges))
    for person, nobody in zip(
        np.array(figures[PERSON]).T, np.array(figures[NOBODY]).T, strict=True
    ):
        both = np.sort(np.concatenate([person, nobody]))
        accuracy = [((person > cut).mean() + (nobody <= cut).mean()) / 2 for cut in both]
        assert max(max(accuracy), 1 - min(accuracy)) < 0.65


def test_more_pictures_leave_the_others_as_they_were(make_params: Any) -> None:
    few = make_params()
    many = make_params(train={"person_images": 50, "nobody_images": 60, "homes": 9})
    assert draw(PERSON, 3, few) == draw(PERSON, 3, many)
    assert draw(PERSON, 3, few) != draw(PERSON, 3, few, attempt=1)


def test_large_things_leave_each_other_in_sight(make_params: Any) -> None:
    dice = np.random.default_rng(0)
    for _ in range(200):
        spots = placing.large(4, make_params().people, dice, first=None)
        assert 1 <= len(spots) <= 4
        for near in spots:
            for far in spots:
                if near is not far and near.distance_m <= far.distance_m:
                    breadth = 0.21 / far.distance_m
                    shown = abs(near.across - far.across) - 0.21 / near.distance_m + breadth
                    assert shown >= 2 * breadth * 0.69


def event(kind: str, **more: Any) -> Event:
    told = {
        "scene_id": "0" * 12,
        "split": "test",
        "window_s": 3.0,
        "arrival_s": 0.5,
        "distance_m": 1.1,
        "light": "dusk",
        "weather": "wind",
    }
    return Event(kind=kind, **{**told, **more})


def ways(kind: str, params: Any, **more: Any) -> list[list[tuple[float, float]]]:
    """Where the lead is in three frames of many events of a kind: across, and away."""
    found = []
    for number in range(60):
        staging = scenes.stage_for(event(kind, scene_id=f"{number:012x}", **more), params, seed=7)
        assert (staging.light, staging.weather) == ("dusk", "wind")
        assert staging.spot
        found.append([staging.spot.at(frame) for frame in range(3)])
    return found


def test_every_kind_of_event_has_a_look() -> None:
    assert set(scenes.LOOKS) == set(KINDS)


@pytest.mark.parametrize("kind", ["visitor_unlocks", "visitor_silent", "knock"])
def test_a_visitor_comes_to_the_distance_of_the_event(kind: str, make_params: Any) -> None:
    for way in ways(kind, make_params(), distance_m=1.1):
        away = [distance for _, distance in way]
        assert away == sorted(away, reverse=True)
        assert away[0] <= 2.4
        assert away[-1] == pytest.approx(1.1)


def test_who_tampers_is_right_at_the_door(make_params: Any) -> None:
    for way in ways("tampering", make_params(), distance_m=2.4):
        assert max(distance for _, distance in way) <= 1.2


@pytest.mark.parametrize("kind", ["passer_by", "street_unlock"])
def test_a_passer_by_crosses_farther_away_and_in_sight(kind: str, make_params: Any) -> None:
    for way in ways(kind, make_params()):
        across = [place for place, _ in way]
        assert all(2.0 <= distance <= 2.4 for _, distance in way)
        assert abs(across[2] - across[0]) > 0.15
        assert min(across) >= 0.19 and max(across) <= 0.81


def test_a_pet_leads_its_event(make_params: Any) -> None:
    params = make_params()
    for number in range(20):
        one = event("pet", scene_id=f"{number:012x}")
        staging = scenes.stage_for(one, params, seed=7)
        shown = draw(NOBODY, number, params, staging=staging)
        assert any(
            stand.foremost and isinstance(stand.what, Thing) and stand.what.kind in ("dog", "cat")
            for stand in shown.stands
        )


def test_a_visitor_comes_alone(make_params: Any) -> None:
    staging = scenes.stage_for(event("visitor_talks"), make_params(), seed=7)
    for number in range(30):
        shown = draw(PERSON, number, make_params(), staging=staging)
        assert sum(isinstance(stand.what, Person) for stand in shown.stands) == 1
