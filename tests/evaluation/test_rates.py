"""Rates, worst cases, and each check on the measurement: seen to pass and seen to fail."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from palisade.evaluation import checks, verdicts
from palisade.evaluation.rates import false_accepts, false_rejects, rate
from palisade.evaluation.verdicts import NOT_RUN, RIGHT, WRONG, Table, Verdict
from palisade.guard.judgement import Decision, Judgement, Signal
from palisade.guard.making import ALL_OFF
from palisade.guard.tables import Guard
from tests.guard import drawn

N = 100
BUDGETS = ("weak", "middle", "hopeless")


def test_a_rate_has_its_wilson_interval() -> None:
    """8 of 10: Wilson's 95 % interval is 0.4902 to 0.9433."""
    found = rate(np.array([True] * 8 + [False] * 2))
    assert (found.value, found.n) == (0.8, 10)
    assert (found.low, found.high) == pytest.approx((0.4902, 0.9433), abs=1e-4)


def test_the_rate_of_nothing_says_nothing() -> None:
    found = rate(np.array([], bool))
    assert (found.low, found.high, found.n) == (0.0, 1.0, 0)


def test_false_accepts_are_of_negatives_and_false_rejects_of_commands() -> None:
    negative = np.array([False, False, True])  # two commands and _unknown_
    y = np.array([0, 0, 1, 2, 2, 2])
    labels = np.array([0, 1, 2, 2, 0, 1])
    assert false_accepts(labels, y, negative).tolist() == [False, True, True]
    assert false_rejects(labels, y, negative).tolist() == [False, True, True]


def accuracy(share: float) -> np.ndarray:
    return np.where(np.arange(N) < share * N, RIGHT, WRONG).astype(np.int8)


def table(**changes: dict[str, float]) -> Table:
    """An honest battery over three budgets; ``changes`` sets one attack's accuracies."""
    honest = {
        "int8 noise": (0.9, 0.88, 0.3),
        "int8 fgsm": (0.8, 0.6, 0.2),
        "int8 pgd_cross_entropy": (0.75, 0.5, 0.0),
        "int8 pgd_margin": (0.74, 0.5, 0.0),
        "int8 pgd_cross_entropy_doubled": (0.75, 0.5, 0.0),
        "int8 pgd_margin_doubled": (0.74, 0.495, 0.0),
        "int8_fake_quant pgd_margin": (0.74, 0.51, 0.0),
        "undefended pgd_margin": (0.3, 0.0, 0.0),
    }
    rows = []
    for name, values in {**honest, **changes}.items():
        model, attack = name.split()
        rows += [
            Verdict(model, attack, budget, accuracy(value))
            for budget, value in zip(BUDGETS, values, strict=True)
        ]
    return Table([verdicts.subset_row(np.arange(N) % 2 == 0), *rows])


def failed(found: Table) -> list[str]:
    results = checks.of_battery(found, classes=4, reference="middle", undefended_limit=0.2)
    return [check.name for check in results if not check.passed]


def test_an_honest_battery_passes() -> None:
    assert failed(table()) == []


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (
            {"int8 noise": (0.5, 0.88, 0.3), "int8_fake_quant pgd_margin": (0.5, 0.5, 0.0)},
            "iterated_attack_beats_noise",
        ),
        ({"int8 fgsm": (0.8, 0.45, 0.2)}, "iterated_attack_beats_single_step"),
        (
            {
                "int8 pgd_margin": (0.75, 0.5, 0.3),
                "int8 pgd_cross_entropy": (0.75, 0.5, 0.3),
                "int8 fgsm": (0.8, 0.6, 0.3),
                "int8 pgd_margin_doubled": (0.75, 0.5, 0.3),
                "int8 pgd_cross_entropy_doubled": (0.75, 0.5, 0.3),
            },
            "hopeless_budget_leaves_no_more_than_chance",
        ),
        ({"undefended pgd_margin": (0.9, 0.4, 0.0)}, "undefended_model_falls"),
        ({"int8 pgd_margin_doubled": (0.74, 0.4, 0.0)}, "steps_are_enough"),
        ({"int8_fake_quant pgd_margin": (0.7, 0.4, 0.0)}, "int8_and_white_box_agree"),
    ],
)
def test_each_check_fails_on_what_it_is_meant_for(
    change: dict[str, tuple[float, ...]], name: str
) -> None:
    assert name in failed(table(**change))  # type: ignore[arg-type]


def test_an_accuracy_that_rises_with_the_budget_is_caught() -> None:
    attacks = ("noise", "fgsm", "pgd_cross_entropy", "pgd_margin")
    rising = {f"int8 {attack}": (0.3, 0.5, 0.0) for attack in attacks}
    assert "accuracy_never_rises_with_the_budget" in failed(table(**rising))  # type: ignore[arg-type]


def judged(*accepted: bool) -> Judgement:
    """Answers of which some are accepted."""
    count = len(accepted)
    decision = np.where(accepted, Decision.ACCEPT, Decision.REJECT).astype(np.uint8)
    nothing = np.zeros(count, np.uint8)
    return Judgement(nothing, decision, nothing, nothing, np.zeros((count, len(Signal)), np.int32))


def guard_fails(guard: Guard | None, clean: Judgement) -> list[str]:
    return [one.name for one in checks.of_guard(guard, clean, 0.25) if not one.passed]


def test_a_guard_that_can_reject_nothing_and_one_that_rejects_much_are_caught() -> None:
    dice = np.random.default_rng(0)
    able = drawn.guard(dice)
    unable = able.model_copy(update={"limits": ALL_OFF})
    few, many = judged(False, True, True, True), judged(False, False, True, True)
    assert guard_fails(able, few) == []
    assert guard_fails(unable, few) == guard_fails(None, few) == ["the_guard_can_reject"]
    assert guard_fails(able, many) == ["the_guard_rejects_few_clean_examples"]


def test_the_worst_case_is_per_example_and_passes_over_what_was_not_run() -> None:
    found = Table(
        [
            verdicts.subset_row(np.array([True, False, True, True])),
            Verdict("int8", "fgsm", "b", np.array([RIGHT, WRONG, RIGHT, RIGHT], np.int8)),
            Verdict("int8", "pgd", "b", np.array([RIGHT, NOT_RUN, WRONG, RIGHT], np.int8)),
        ]
    )
    assert found.worst_case("int8", "b").tolist() == [True, False, False, True]
    assert found.subset("int8", ["pgd"], "b") == pytest.approx(2 / 3)


def test_verdicts_come_back_from_their_file(tmp_path: Path) -> None:
    written = [Verdict("int8", "fgsm", "snr_30db", np.array([1, 0, -1], np.int8))]
    verdicts.write(tmp_path / "v.csv", written, examples="abc")
    (found,) = verdicts.read(tmp_path / "v.csv")
    assert (found.model, found.attack, found.budget) == ("int8", "fgsm", "snr_30db")
    assert found.values.tolist() == [1, 0, -1]
