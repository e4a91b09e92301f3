"""The battery against a guard: a wrong answer that is not accepted does no harm."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.attacks.battery import Battery
from palisade.attacks.names import ATTACKS, PLAIN, SQUARE
from palisade.attacks.square import Asked
from palisade.attacks.surrogates import Seen
from palisade.attacks.target import Arms, Target
from palisade.backend import tf
from palisade.edge import unguarded
from palisade.evaluation.verdicts import NOT_RUN, RIGHT, WRONG, Table, subset_row
from palisade.guard.judgement import Decision, Judgement
from palisade.int8 import Outputs
from palisade.splits import Split
from palisade.tasks.vision.budgets import Budgets
from palisade.tasks.vision.threat import Params, Threat
from tests.attacks.test_attacks_joint import guard

PX, COUNT, BUDGET = 16, 40, "linf_16_255"
UNMOVED = {"shift_share": 0.0, "rotation_deg": 0.0, "zoom": [1.0, 1.0], "mirror": False}
THREAT = Threat(Params.model_validate(UNMOVED))
GRID = Budgets.model_validate(
    {
        "budgets_linf": [16 / 255, 0.25],
        "reference_linf": 16 / 255,
        "steps": 5,
        "subset_examples": 10,
        "restarts": 1,
        "targets": 1,
        "queries": 10,
        "nes_queries": 40,
        "tree_queries": 10,
        "sequences": {"events": 10, "attacked": 5, "goals": ["person"]},
    }
)


@pytest.fixture(scope="module")
def weights() -> NDArray[np.float32]:
    """A brighter or darker picture is the same to them, so every picture is near a boundary."""
    drawn = np.random.default_rng(0).normal(size=(PX * PX, 2))
    return (drawn - drawn.mean(axis=0)).astype(np.float32)


@pytest.fixture(scope="module")
def pictures(weights: NDArray[np.float32]) -> Split:
    dice = np.random.default_rng(1)
    x = dice.integers(100, 156, (COUNT, PX, PX, 1)).astype(np.uint8)
    y = np.argmax((x / 255).reshape(COUNT, -1) @ weights, axis=1)
    names = np.array([str(number) for number in range(COUNT)])
    return Split(x, y, names, names, ("nobody", "person"))


def run(weights: Any, pictures: Split, *, guarded: bool, rejects: bool = False) -> Battery:
    """A linear network, and a guard that lets all pass or rejects every answer."""

    def judge(raw: NDArray[Any]) -> Judgement:
        value = (raw / np.float32(255)).reshape(len(raw), -1) @ weights
        logits = np.where(value == value.max(axis=1, keepdims=True), 1, 0).astype(np.int8)
        found = unguarded(Outputs(logits, logits))
        refused = np.full(len(raw), Decision.REJECT, np.uint8)
        return replace(found, decision=refused) if rejects else found

    subset = np.arange(COUNT) < GRID.subset_examples
    battery = Battery(
        Target("int8", lambda x: tf.reshape(x, [len(x), -1]) @ weights, judge, guarded),
        pictures,
        threat=THREAT,
        grid=GRID,
        subset=subset,
        seed=1,
    )
    battery.run(GRID.budgets)
    battery.verdicts.append(subset_row(subset))
    return battery


def test_an_attack_breaks_the_network_and_not_the_guard(weights: Any, pictures: Split) -> None:
    table = Table(run(weights, pictures, guarded=True, rejects=True).verdicts)
    assert table.worst_case("int8", BUDGET).mean() < 0.1
    assert table.worst_case("int8_guarded", BUDGET).all()


def test_a_guard_that_lets_all_pass_changes_no_verdict(weights: Any, pictures: Split) -> None:
    with_guard = run(weights, pictures, guarded=True).verdicts
    without = run(weights, pictures, guarded=False).verdicts
    rows = {(one.model, one.attack, one.budget): one.values for one in with_guard}
    assert not any(one.model == "int8_guarded" for one in without)
    for one in without:
        assert np.array_equal(one.values, rows[one.model, one.attack, one.budget])
    for (model, attack, budget), values in rows.items():
        if model == "int8_guarded":
            assert np.array_equal(values, rows["int8", attack, budget])


def test_attacks_go_on_where_the_guard_rejected_what_fooled_the_network(
    weights: Any, pictures: Split
) -> None:
    """One that the guard stopped has not won; the iterated attacks run on it too."""
    stopped = Table(run(weights, pictures, guarded=True, rejects=True).verdicts)
    broken = Table(run(weights, pictures, guarded=False).verdicts)
    fallen = broken.values("int8", "fgsm", BUDGET) == WRONG
    fallen[: GRID.subset_examples] = False
    assert fallen.any()
    assert np.all(broken.values("int8", "pgd_margin", BUDGET)[fallen] == NOT_RUN)
    assert np.all(stopped.values("int8_guarded", "pgd_margin", BUDGET)[fallen] == RIGHT)


def test_what_the_device_made_of_each_example_is_kept(weights: Any, pictures: Split) -> None:
    battery = run(weights, pictures, guarded=True, rejects=True)
    kept = battery.judged["fgsm", BUDGET]
    assert np.array_equal(kept.places, np.arange(COUNT))
    assert not kept.judgement.accepted.any()


def test_crafted_examples_of_the_subset_are_kept_at_the_reference(
    weights: Any, pictures: Split
) -> None:
    battery = run(weights, pictures, guarded=False)
    assert set(battery.crafted) == set(PLAIN) - {"apgd_targeted"}  # two classes
    kept = battery.judged["pgd_margin", BUDGET]
    mine = battery.subset[kept.places]
    crafted = battery.crafted["pgd_margin"]
    moved = np.abs(crafted.astype(int) - pictures.x[: GRID.subset_examples])
    assert 0 < moved.max() <= 16
    assert np.array_equal(battery.target.judge(crafted).label, kept.judgement.label[mine])


def test_an_attack_starts_again_on_what_it_has_not_broken_and_its_best_start_counts(
    pictures: Split, weights: Any
) -> None:
    """The device errs on the first half at the first start, and on the rest at the third."""
    asked: list[int] = []

    def judge(raw: NDArray[Any]) -> Judgement:
        asked.append(len(raw))
        wrong = {1: np.arange(len(raw)) < COUNT // 2, 3: np.ones(len(raw), bool)}
        remaining = pictures.y if len(raw) == COUNT else pictures.y[COUNT // 2 :]
        label = np.where(wrong.get(len(asked), np.zeros(len(raw), bool)), 1 - remaining, remaining)
        return unguarded(Outputs(np.eye(2, dtype=np.int8)[label], np.zeros((len(raw), 1), np.int8)))

    battery = Battery(
        Target("int8", lambda x: tf.reshape(x, [len(x), -1]) @ weights, judge),
        pictures,
        threat=THREAT,
        grid=GRID.model_copy(update={"restarts": 5}),
        subset=np.ones(COUNT, bool),
        seed=1,
    )
    values = battery.attack("apgd_dlr", GRID.reference, np.ones(COUNT, bool))
    assert asked == [COUNT, COUNT // 2, COUNT // 2]
    assert np.all(values == WRONG)
    judged = battery.judged["apgd_dlr", BUDGET].judgement
    assert np.all(judged.label != pictures.y)


class Harmless:
    """Crafts nothing, by every attack there is; Square notes which examples it was asked about."""

    attacks = ATTACKS

    def __init__(self, split: Split) -> None:
        self.split = split
        self.asked: dict[tuple[str, float], Asked] = {}

    def attempts(self, attack: str, budget: float) -> int:
        return 1

    def labels(self, raw: NDArray[Any]) -> NDArray[np.int64]:
        return np.zeros(len(raw), np.int64)

    def __call__(
        self, attack: str, budget: float, places: NDArray[np.intp], attempt: int
    ) -> NDArray[Any]:
        if attack == SQUARE:
            self.asked[attack, budget] = Asked(self.split.x[places], places, places)
        return self.split.x[places]


def test_every_attack_runs_on_all_that_stands_and_square_is_told_of_the_subset_alone(
    weights: Any, pictures: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the examples are wrong when clean, so that they have fallen to the first attack."""
    monkeypatch.setattr("palisade.attacks.battery.Crafter", lambda _, split, **__: Harmless(split))
    flipped = replace(pictures, y=np.where(np.arange(COUNT) % 2, pictures.y, 1 - pictures.y))
    found = run(weights, flipped, guarded=False)
    subset = np.arange(GRID.subset_examples)
    expected = np.union1d(np.arange(1, COUNT, 2), subset)
    assert len(expected) > len(subset) + 2
    for attack in set(ATTACKS) - {"noise", "fgsm"}:
        assert np.array_equal(found.judged[attack, BUDGET].places, expected)
    assert np.array_equal(found.asked[SQUARE].wrong_at, subset)


class NarrowGuard:
    """A linear network behind a guard that accepts pictures that moved by no more than 16 levels.

    It goes by the range of their values, of which no gradient tells. Once ``shut``, it accepts
    nothing.
    """

    def __init__(self, weights: NDArray[np.float32]) -> None:
        self.weights, self.shut = weights, False

    def path(self, x: Any) -> Any:
        return tf.reshape(x, [len(x), -1]) @ self.weights

    def seen(self, x: Any) -> Seen:
        return Seen(self.path(x), self.path(x), x)

    def ask(self, raw: NDArray[Any]) -> tuple[Outputs, Judgement]:
        flat = raw.reshape(len(raw), -1)
        value = (flat / np.float32(255)) @ self.weights
        logits = np.where(value == value.max(axis=1, keepdims=True), 1, 0).astype(np.int8)
        passes = (flat.min(axis=1) >= 84) & (flat.max(axis=1) <= 171) & (not self.shut)
        decision = np.where(passes, Decision.ACCEPT, Decision.REJECT).astype(np.uint8)
        outputs = Outputs(logits, logits)
        return outputs, replace(unguarded(outputs), decision=decision)

    def battery(self, pictures: Split, large: float) -> Battery:
        """At a small budget, the reference, and not yet at the large one."""
        grid = GRID.model_copy(update={"budgets_linf": [GRID.reference, large]})
        arms = Arms(self.path, self.seen, guard())
        target = Target(
            "int8",
            self.path,
            lambda raw: self.ask(raw)[1],
            guarded=True,
            ask=self.ask,
            arms=arms,
        )
        subset = np.arange(COUNT) < GRID.subset_examples
        battery = Battery(target, pictures, threat=THREAT, grid=grid, subset=subset, seed=1)
        battery.verdicts.append(subset_row(subset))
        return battery


LARGE = 100 / 255


def test_what_passed_the_guard_at_a_smaller_budget_counts_at_a_larger_one(
    weights: Any, pictures: Split
) -> None:
    """And is no verdict on the bare network, which is attacked anew at each budget."""
    battery = NarrowGuard(weights).battery(pictures, LARGE)
    battery.run(battery.grid.budgets)
    table = Table(battery.verdicts)
    small, large = (table.worst_case("int8_guarded", one) for one in table.budgets)
    assert small.mean() < 0.2
    assert np.array_equal(small, large)
    carried = table.values("int8_guarded", "guard_aware", table.budgets[1]) == WRONG
    assert carried.any()
    assert np.all(table.values("int8", "guard_aware", table.budgets[1])[carried] == NOT_RUN)


def test_what_the_device_no_longer_accepts_does_not_count(weights: Any, pictures: Split) -> None:
    device = NarrowGuard(weights)
    battery = device.battery(pictures, LARGE)
    battery.run([GRID.reference])
    device.shut = True
    battery.run([LARGE])
    table = Table(battery.verdicts)
    small, large = (table.worst_case("int8_guarded", one) for one in table.budgets)
    assert small.mean() < 0.2
    assert large.all()


def test_an_attack_that_knows_the_guard_goes_less_far_where_it_may_go_further(
    weights: Any, pictures: Split
) -> None:
    """A quarter of 64 levels passes; all of them, and half, do not."""
    battery = NarrowGuard(weights).battery(pictures, 64 / 255)
    battery.run([64 / 255])
    table = Table(battery.verdicts)
    [budget] = table.budgets
    fallen = {
        attack: np.mean(table.values("int8_guarded", attack, budget) == WRONG)
        for attack in table.attacks("int8_guarded", budget)
    }
    assert fallen.pop("guard_aware") > 0.8
    assert not any(fallen.values())
