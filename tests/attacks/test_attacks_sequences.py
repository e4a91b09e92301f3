"""Events in order of time under attack: what one crafted window and what all of them achieve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.attacks import sequences
from palisade.attacks.surrogates import Seen
from palisade.attacks.targeted import Forger
from palisade.backend import tf
from palisade.edge import Edge
from palisade.errors import PalisadeError
from palisade.evaluation.sequences import CLEAN, FLICKER, SUSTAINED, Played, Table
from palisade.guard.tables import Guard
from palisade.int8 import Outputs
from palisade.scenes.windows import Windows
from palisade.tasks.vision import sequence as as_prepared
from palisade.tasks.vision.budgets import Budgets
from palisade.tasks.vision.threat import Params, Threat
from tests.guard import drawn

PX, EVENTS, LENGTH = 8, 12, 3
LABELS = ("nobody", "person")
UNMOVED = {"shift_share": 0.0, "rotation_deg": 0.0, "zoom": [1.0, 1.0], "mirror": False}
THREAT = Threat(Params.model_validate(UNMOVED))


def grid(*, attacked: int = 4, events: int = 8) -> Budgets:
    return Budgets.model_validate(
        {
            "budgets_linf": [8 / 255, 0.25],
            "reference_linf": 0.25,
            "steps": 5,
            "subset_examples": 10,
            "restarts": 1,
            "targets": 1,
            "queries": 10,
            "nes_queries": 40,
            "tree_queries": 10,
            "sequences": {"events": events, "attacked": attacked, "goals": ["person"]},
        }
    )


def logits(x: Any) -> Any:
    """A bright picture is a person."""
    lead = 200.0 * (tf.reduce_mean(tf.reshape(x, [len(x), -1]), axis=1) - 0.5)
    return tf.stack([-lead, lead], axis=1)


@dataclass
class Front:
    def int8(self, raw: NDArray[Any], scale: float, zero_point: int) -> NDArray[np.int8]:
        return (raw.astype(np.int16) - 128).astype(np.int8)


@dataclass
class Micro:
    """The network as the device has it."""

    content: bytes = b"a network"
    scale: float = 1.0
    zero_point: int = 0

    def verdict(self, inputs: NDArray[np.int8]) -> Outputs:
        values = logits(tf.constant((inputs.astype(np.float32) + 128) / 255)).numpy()
        found = np.clip(np.rint(values), -128, 127).astype(np.int8)
        return Outputs(found, found)


def seen(x: Any) -> Seen:
    """What the guard sees of it, as gradients do."""
    steps = tf.clip_by_value(logits(x), -128.0, 127.0)
    return Seen(steps, steps, x)


def guard(most: int | None = None) -> Guard:
    """Lets all pass, or what is said by so many steps at most; two of the last three must agree."""
    off = {"kind": "off", "threshold": 0}
    table = drawn.guard(np.random.default_rng(1)).model_dump()
    table |= {"classes": 2, "embedding": 2, "autoencoder": None, "tree": None, "texture": None}
    table["limits"] = dict.fromkeys(("margin", "energy", "autoencoder", "tree", "texture"), off)
    if most is None:
        table["energy"] = None
    else:
        table["limits"]["energy"] = {"kind": "at_most", "threshold": 256 * most}
    table["engineered"] = {"height": PX, "width": PX, "channels": 1, "rows": 1, "columns": 1}
    table["consistency"] = {"window": 3, "needed": 2, "forget_after": 3}
    return Guard.model_validate(table)


def held(length: int = LENGTH) -> Windows:
    """Dark events without anybody and bright ones of a person, half of each split."""
    person = np.repeat(np.arange(EVENTS) % 2 == 0, length)
    noise = np.random.default_rng(2).integers(-20, 21, (len(person), PX, PX, 1))
    return Windows(
        x=(np.where(person, 160, 100)[:, None, None, None] + noise).astype(np.uint8),
        y=person.astype(np.int64),
        scenes=np.repeat([f"event{n}" for n in range(EVENTS)], length),
        events=np.repeat(["pet"] * EVENTS, length),
        splits=np.repeat(["calibration"] * 2 + ["test"] * (EVENTS - 2), length),
        labels=LABELS,
        aligned=True,
    )


def films(windows: Windows, count: int = 8) -> list[sequences.Film]:
    return sequences.films(windows, as_prepared, THREAT, count, seed=5)


def forger(of: Guard, budget: float = 0.25, sees: Any = seen) -> Forger:
    like = np.zeros((1, PX, PX, 1), np.uint8)
    return Forger(sees, of, THREAT, budget=budget, steps=5, seed=1, like=like)


def played(most: int | None = None, **options: int) -> list[Played]:
    wanted = sequences.goals(["person"], LABELS, "vision")
    device = Edge(Front(), Micro(), guard(most))  # type: ignore[arg-type]
    attacker = forger(guard(most))
    return sequences.measure(films(held()), wanted, device, attacker, grid(**options))


def test_one_flicker_fools_the_guard_and_not_the_agreement_over_time() -> None:
    found = [one for one in played() if one.input == FLICKER]
    for one in found:
        assert one.guard == "".join("1" if at == one.place else "0" for at in range(LENGTH))
        assert "1" not in one.guard_and_consistency
        assert one.guard_and_consistency[one.place] == "V"
    assert {one.place for one in found} == set(range(LENGTH))
    table = Table(played(), np.array([False, True]))
    assert table.wrong_action("guard", FLICKER, at_end=False).all()
    assert not table.wrong_action("guard_and_consistency", FLICKER, at_end=False).any()


def test_who_says_it_again_and_again_is_believed() -> None:
    found = [one for one in played() if one.input == SUSTAINED]
    assert {(one.guard, one.guard_and_consistency) for one in found} == {("111", "V11")}


def test_only_what_does_not_ask_for_the_goal_is_attacked() -> None:
    found = played(attacked=3)
    attacked = {one.scene for one in found if one.goal >= 0}
    assert len(attacked) == 3
    assert {one.y for one in found if one.goal >= 0} == {0}
    kinds = [one.input for one in found]
    assert (kinds.count(CLEAN), kinds.count(SUSTAINED), kinds.count(FLICKER)) == (8, 3, 9)
    assert {one.input for one in played(attacked=0)} == {CLEAN}


def test_events_are_those_of_the_test_split_with_their_windows_in_order() -> None:
    windows = held()
    for film in films(windows, count=99):
        mine = windows.scenes == film.scene
        assert set(windows.splits[mine]) == {"test"}
        assert np.array_equal(film.raw, windows.x[mine]) and film.y == windows.y[mine][0]
    assert len(films(windows, count=99)) == EVENTS - 2
    assert [film.scene for film in films(windows, count=3)] == [
        film.scene for film in films(windows, count=99)[:3]
    ]


def test_an_event_of_one_window_has_nothing_to_agree_with() -> None:
    assert films(held(length=1)) == []


def test_a_goal_that_is_no_class_is_named() -> None:
    with pytest.raises(PalisadeError, match=r"attack.vision.sequences.goals names cat"):
        sequences.goals(["person", "cat"], LABELS, "vision")


def three(x: Any) -> Seen:
    """The more a picture is lit, the more it says 1; the darker, the more, but less so, 2."""
    mean = tf.reduce_mean(tf.reshape(x, [len(x), -1]), axis=1)
    steps = tf.stack([tf.zeros_like(mean), 400 * (mean - 0.5), 200 * (0.4 - mean)], axis=1)
    return Seen(steps, steps, x)


def test_an_attack_towards_a_label_keeps_to_its_budget_and_takes_the_label_it_was_given() -> None:
    """Of three, the one with the second largest logit is passed over for the goal."""
    raw = np.full((3, PX, PX, 1), 120, np.uint8)
    for goal, budget in ((1, 0.1), (2, 0.1), (2, 0.01)):
        found = forger(guard(), budget, three).craft(raw, np.full(3, goal))
        moved = np.abs(found.astype(int) - raw)
        said = np.argmax(three(THREAT.signal(tf.constant(found))).logits.numpy(), axis=1)
        assert moved.max() <= round(budget * 255)
        assert (said == goal).all() == (budget == 0.1)


def test_a_guard_that_stops_what_is_said_too_firmly_is_climbed_past() -> None:
    """The budget reaches 28 steps, and the guard lets 15 pass."""
    found = [one for one in played(most=15) if one.input == SUSTAINED]
    assert {one.guard for one in found} == {"111"}


def test_a_goal_beside_the_likeliest_is_taken_where_it_is_accepted_more_often() -> None:
    """The first goal cannot be reached within the budget, the second can."""

    def far(x: Any) -> Seen:
        mean = tf.reduce_mean(tf.reshape(x, [len(x), -1]), axis=1)
        steps = tf.stack([20 + 0 * mean, 10 + 0 * mean, 400 * (mean - 0.5)], axis=1)
        return Seen(steps, steps, x)

    class Three(Micro):
        def verdict(self, inputs: NDArray[np.int8]) -> Outputs:
            values = far(tf.constant((inputs.astype(np.float32) + 128) / 255)).logits.numpy()
            found = np.clip(np.rint(values), -128, 127).astype(np.int8)
            return Outputs(found, found[:, :2])

    of = guard().model_copy(update={"classes": 3})
    device = Edge(Front(), Three(), of)  # type: ignore[arg-type]
    wanted, dark = np.array([1, 2]), [film for film in films(held()) if film.y == 0]
    for targets, goal in ((1, 1), (2, 2)):
        hard = grid().model_copy(update={"targets": targets})
        cases = sequences.measure(dark, wanted, device, forger(of, sees=far), hard)
        forged = [one for one in cases if one.input == SUSTAINED]
        assert {one.goal for one in forged} == {goal}
        assert all((str(goal) * LENGTH == one.guard) == (goal == 2) for one in forged)


def test_who_knows_no_guard_goes_as_far_as_the_budget_lets_him() -> None:
    """Where another stops at what is said firmly enough and passes."""
    raw, goal = np.full((3, PX, PX, 1), 100, np.uint8), np.ones(3, np.int64)
    of = forger(guard(most=15))
    leads = [
        np.ptp(logits(THREAT.signal(tf.constant(crafted))).numpy(), axis=1)
        for crafted in (of.craft(raw, goal), of.craft(raw, goal, oblivious=True))
    ]
    assert np.all(leads[0] <= 2 * 15) and np.all(leads[1] > 2 * 25)


class Moody(Forger):
    """Makes everything dark, or bright where told to forget the guard, if it can do that."""

    def __init__(self, *, bright: int) -> None:
        like = np.zeros((1, PX, PX, 1), np.uint8)
        super().__init__(seen, guard(), THREAT, budget=0.25, steps=5, seed=1, like=like)
        self.bright = bright

    def craft(
        self,
        raw: NDArray[Any],
        goal: NDArray[np.int64],
        attempt: int = 0,
        *,
        oblivious: bool = False,
    ) -> NDArray[Any]:
        return np.full_like(raw, self.bright if oblivious else 0)


def test_what_falls_to_an_attack_that_knows_no_guard_falls() -> None:
    dark = [film for film in films(held()) if film.y == 0]
    device = Edge(Front(), Micro(), guard())  # type: ignore[arg-type]
    cases = sequences.measure(dark, np.array([1]), device, Moody(bright=170), grid())
    assert {one.guard for one in cases if one.input == SUSTAINED} == {"1" * LENGTH}


def test_a_window_that_says_the_goal_as_it_is_stays_so() -> None:
    """Of a dark event whose last window is bright."""
    windows = held()
    dark = next(film for film in films(windows) if film.y == 0)
    raw = dark.raw.copy()
    raw[-1] = 170
    film = sequences.Film(dark.scene, 0, raw)
    device = Edge(Front(), Micro(), guard())  # type: ignore[arg-type]
    cases = sequences.measure([film], np.array([1]), device, Moody(bright=0), grid())
    assert [one.guard for one in cases if one.input == SUSTAINED] == ["001"]
