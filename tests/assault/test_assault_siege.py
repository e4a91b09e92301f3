"""An attack gets as far as its budget and no farther, and is judged as the door judges."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from palisade.assault.crafting import Crafter, Goal, Raw
from palisade.attacks.surrogates import Seen
from palisade.backend import tf
from palisade.fusion.scores import SILENT_LSB
from palisade.fusion.sensing import Sensor
from palisade.tasks.vision.threat import Params
from tests.assault.plain import (
    BUDGET_LEVELS,
    MIDDLE,
    THREAT,
    UNMOVED,
    Greedy,
    pictures,
    seen,
    siege,
)

ALONE = np.arange(4)  # events of one window each


@dataclass
class Blind:
    """Crafts by noise alone."""

    of: Crafter
    attempts: list[int] = field(default_factory=list)

    @property
    def budget(self) -> float:
        return self.of.budget

    def noise(self, x: Raw, goal: Goal, attempt: int) -> Raw:
        self.attempts.append(attempt)
        return self.of.noise(x, goal, attempt)

    craft = noise


def levels(*above: int) -> np.ndarray:
    return pictures([MIDDLE + one for one in above])


def test_forced_events_rise_by_the_budget_and_those_that_agree_are_left_alone() -> None:
    found = siege().lay(levels(-2, -4, -9, 3), ALONE, "forced")
    assert found.clean.tolist() == [-2, -4, -9, 3]
    assert found.crafted.tolist() == [-2 + BUDGET_LEVELS, 0, -9 + BUDGET_LEVELS, 3]
    assert found.attacked.tolist() == [True, True, True, False]
    assert (found.over_budget, found.undeliverable) == (0, 0)


def test_denied_events_fall_by_the_budget() -> None:
    found = siege().lay(levels(2, 4, 9, -3), ALONE, "denied")
    assert found.crafted.tolist() == [2 - BUDGET_LEVELS, 0, 9 - BUDGET_LEVELS, -3]
    assert found.attacked.tolist() == [True, True, True, False]


def test_noise_of_the_same_budget_does_little_and_is_told_apart() -> None:
    found = siege().lay(levels(-3, -5, -7, -9), ALONE, "forced")
    assert np.all(np.abs(found.noise - found.clean) <= 1)
    assert np.all(found.crafted > found.noise)


def test_noise_has_as_many_tries_and_may_leave_a_window_as_it_is() -> None:
    """So that an attack which is noise has no lead over it."""
    one = siege(restarts=4)
    blind = replace(one, crafter=Blind(one.crafter))  # type: ignore[arg-type]
    found = blind.lay(levels(-3, -5, -7, -9), ALONE, "forced")
    assert np.all(found.noise >= found.clean)
    assert np.array_equal(found.crafted, found.noise)
    assert sorted(blind.crafter.attempts) == [0, 0, 1, 1, 2, 2, 3, 3]  # type: ignore[attr-defined]


def test_every_window_of_an_event_is_crafted_and_the_mean_counts() -> None:
    owner = np.array([0, 0, 1, 1])
    found = siege().lay(levels(-7, -1, -9, -1), owner, "forced")
    assert found.clean.tolist() == [-4, -5]
    assert found.crafted.tolist() == [0, -1]


def test_what_the_guard_rejects_gives_no_evidence_and_is_climbed_past_it() -> None:
    """From a lead that is too small for the guard to one that it accepts."""
    one = siege(-10, least_lead=3, evidence="accepted", pooling="max")
    found = one.lay(levels(-1, 1, 2, -20), ALONE, "forced")
    assert found.clean.tolist() == [SILENT_LSB, SILENT_LSB, SILENT_LSB, -20]
    assert found.crafted[:3].min() >= -10
    assert found.crafted[3] == -20 + BUDGET_LEVELS


def test_to_be_rejected_is_as_good_as_to_fall_short_for_who_denies() -> None:
    one = siege(0, least_lead=6, evidence="accepted", pooling="max")
    found = one.lay(levels(7, 9, 11, 40), ALONE, "denied")
    assert found.clean.tolist() == [7, 9, 11, 40]
    assert found.crafted.tolist() == [
        SILENT_LSB,
        SILENT_LSB,
        11 - BUDGET_LEVELS,
        40 - BUDGET_LEVELS,
    ]


def test_of_one_windows_tries_the_best_are_put_together() -> None:
    """Attempt 0 helps the first window alone, attempt 1 the second; together they get through."""
    one = siege(restarts=2)
    x, owner = levels(-2, -3), np.array([0, 0])  # unlike each other, as a frozen camera's are not

    def craft(windows: np.ndarray, goal: str, attempt: int) -> np.ndarray:
        moved = windows.copy()
        moved[attempt] += 3
        moved[1 - attempt] -= 3
        return moved

    one.crafter.craft = craft  # type: ignore[method-assign,assignment]
    assert one.lay(x, owner, "forced").crafted.tolist() == [0]


def test_restarts_are_taken_only_where_no_earlier_one_got_through() -> None:
    one, tried = siege(restarts=3), []
    honest = one.crafter.craft

    def craft(windows: np.ndarray, goal: str, attempt: int) -> np.ndarray:
        tried.append(len(windows))
        return honest(windows, goal, attempt)  # type: ignore[arg-type]

    one.crafter.craft = craft  # type: ignore[method-assign,assignment]
    one.lay(levels(-2, -9, -9, 3), ALONE, "forced")
    assert tried == [3, 2, 2]


def test_of_four_tries_two_begin_at_a_coarse_start() -> None:
    """Where there is no gradient, what is crafted is what the climb began with."""

    def flat(x: Any) -> Seen:
        there = seen(x)
        return Seen(
            *(tf.stop_gradient(one) for one in (there.logits, there.embedding, there.inputs))
        )

    x = levels(-9, -7)
    changes = [
        siege(sees=flat).crafter.craft(x, "forced", attempt).astype(int) - x for attempt in range(4)
    ]
    full = [np.all(np.abs(change) == BUDGET_LEVELS) for change in changes]
    assert full == [False, True, True, False]
    assert np.any(changes[1] != changes[2])


def test_a_try_that_does_harm_to_the_attacker_is_not_used() -> None:
    one = siege()
    one.crafter.craft = lambda x, goal, attempt: x - 4  # type: ignore[method-assign,assignment]
    found = one.lay(levels(-2, -4, -9, 3), ALONE, "forced")
    assert np.array_equal(found.crafted, found.clean)


def test_a_crafted_window_that_looks_like_a_fault_opens_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = siege()
    monkeypatch.setattr(Sensor, "works", lambda _self, x, owner: x.mean(axis=(1, 2, 3)) < MIDDLE)
    found = one.lay(levels(-2, -9, -9, -9), ALONE, "forced")
    assert found.crafted.tolist() == [-2, -5, -5, -5]


def test_windows_beyond_the_budget_are_counted() -> None:
    greedy = Greedy(Params.model_validate(UNMOVED))
    assert siege(crafts_as=greedy).lay(levels(-9, -9, -9, 3), ALONE, "forced").over_budget == 3


def test_windows_that_no_sensor_delivers_are_counted() -> None:
    one = siege()
    one.crafter.craft = lambda x, *_: x.astype(np.int16)  # type: ignore[method-assign,assignment]
    assert one.lay(levels(-9, -9, -9, 3), ALONE, "forced").undeliverable == 3


def test_where_nothing_is_left_to_attack_nothing_is_crafted() -> None:
    one = siege()
    one.crafter.craft = None  # type: ignore[method-assign,assignment]
    found = one.lay(levels(2, 4, 9, 3), ALONE, "forced")
    assert np.array_equal(found.crafted, found.clean) and not found.attacked.any()


def test_the_same_seed_gives_the_same_windows() -> None:
    first, second = (siege().crafter.craft(levels(-9, -9), "forced", 0) for _ in range(2))
    other = siege().crafter.craft(levels(-9, -9), "forced", 1)
    assert np.array_equal(first, second)
    assert THREAT.realise(THREAT.signal(first)).dtype == other.dtype == np.uint8
