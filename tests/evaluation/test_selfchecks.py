"""Each check on the measurement: seen to pass, seen to fail, and to fail where nothing is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.evaluation import masking, provenance, selfchecks, strength, verdicts
from palisade.evaluation.checks import Check, summary
from palisade.evaluation.evidence import Evidence, Guarded, Measured, alone
from palisade.evaluation.verdicts import NOT_RUN, RIGHT, WRONG, Table, Verdict
from palisade.guard.judgement import Decision, Judgement, Signal
from palisade.guard.making import ALL_OFF
from palisade.guard.tables import Limit
from palisade.splits import NAMES, Split

N = 1000
LABELS = ("unlock", "lock", "stop", "_silence_")
BUDGETS = ("weak", "middle", "hopeless")
REFERENCE = "middle"
ALLOWED = selfchecks.Allowed(
    undefended=0.2, clean_reject=0.05, least_examples=1000, widest_interval=0.1
)
PAGE = Path(__file__).parents[2] / "docs" / "checks.md"

# Accuracy of the fixed subset and of all alike, by model and attack, at each budget.
HONEST: dict[str, tuple[float, ...]] = {
    "int8 noise": (0.9, 0.88, 0.3),
    "int8 fgsm": (0.8, 0.6, 0.2),
    "int8 transfer_float": (0.78, 0.6, 0.1),
    "int8 transfer_undefended": (0.85, 0.8, 0.2),
    "int8 square": (0.76, 0.53, 0.0),
    "int8 nes": (0.85, 0.7, 0.1),
    "int8 nes_blind": (0.87, 0.75, 0.2),
    "int8 pgd_cross_entropy": (0.75, 0.5, 0.0),
    "int8 pgd_margin": (0.74, 0.5, 0.0),
    "int8 apgd_cross_entropy": (0.75, 0.5, 0.0),
    "int8 apgd_dlr": (0.74, 0.5, 0.0),
    "int8 pgd_exact": (0.74, 0.5, 0.0),
    "int8 apgd_targeted": (0.74, 0.495, 0.0),
    "int8 pgd_cross_entropy_doubled": (0.75, 0.5, 0.0),
    "int8 pgd_margin_doubled": (0.74, 0.495, 0.0),
    "int8_guarded pgd_margin": (0.77, 0.56, 0.4),
    "int8_guarded guard_aware": (0.75, 0.5, 0.1),
    "int8_guarded feature_matching": (0.8, 0.6, 0.3),
    "int8_guarded square": (0.8, 0.6, 0.5),
    "int8_guarded nes": (0.85, 0.7, 0.5),
    "int8_guarded nes_blind": (0.87, 0.75, 0.5),
    "int8_fake_quant pgd_margin": (0.74, 0.51, 0.0),
    "undefended nes": (0.8, 0.6, 0.1),
    "undefended nes_blind": (0.9, 0.85, 0.3),
    "undefended pgd_margin": (0.3, 0.0, 0.0),
    "undefended pgd_cross_entropy": (0.3, 0.0, 0.0),
}
ATTACKS, GUARDED_ATTACKS = (
    [name.split()[1] for name in HONEST if name.startswith(f"{model} ")]
    for model in ("int8", "int8_guarded")
)


def verdict(share: float) -> NDArray[np.int8]:
    return np.where(np.arange(N) < share * N, RIGHT, WRONG).astype(np.int8)


def table(changes: Mapping[str, tuple[float, ...] | None]) -> Table:
    """A battery over three budgets; a change sets one attack's accuracies, or leaves it out."""
    rows = [verdicts.subset_row(np.arange(N) % 2 == 0)]
    for name, values in {**HONEST, **changes}.items():
        model, attack = name.split()
        rows += [
            Verdict(model, attack, budget, verdict(value))
            for budget, value in zip(BUDGETS, values or (), strict=values is not None)
        ]
    return Table(rows)


def split(name: str, groups: str = "") -> Split:
    """Examples that no other split has, of a group each."""
    x = np.arange(N, dtype=np.int16)[:, np.newaxis] + 2 * N * NAMES.index(name)
    names = np.array([f"{groups or name} {number}" for number in range(N)])
    return Split(x, np.arange(N) % len(LABELS), names, names, LABELS)


def judged(*accepted: bool) -> Judgement:
    """Answers of which some are accepted."""
    count = len(accepted)
    decision = np.where(accepted, Decision.ACCEPT, Decision.REJECT).astype(np.uint8)
    nothing = np.zeros(count, np.uint8)
    return Judgement(nothing, decision, nothing, nothing, np.zeros((count, len(Signal)), np.int32))


LIMITS = ALL_OFF.model_copy(update={"margin": Limit(kind="at_least", threshold=5)})
GUARDED = Guarded(
    limits=LIMITS,
    recalibrated=LIMITS,
    clean=judged(*[False] * 4, *[True] * 96),
    ablated=frozenset({"margin"}),
)
MEASURED = Measured(
    zero_gradient_share=0.0,
    undeliverable_share=0.0,
    over_budget_share=0.0,
    changed_share=0.0,
    overfitting_gap={"pretrain": 0.1, "qat": 0.05},
)


def evidence(
    changes: Mapping[str, tuple[float, ...] | None] | None = None, **others: Any
) -> Evidence:
    found = table(changes or {})
    worst = strength.worst_cases(found, "int8")
    whole = Evidence(
        table=found,
        reference=REFERENCE,
        radii={"weak": 0.501, "middle": 1.0, "hopeless": 16.0},
        labels=LABELS,
        reported=dict(zip(found.budgets, worst, strict=True)),
        measured=MEASURED,
        splits={name: split(name) for name in NAMES},
        guard=GUARDED,
    )
    return replace(whole, **others)


def failed(found: Evidence) -> list[str]:
    return [one.name for one in selfchecks.of(found, ALLOWED) if not one.passed]


def test_an_honest_battery_passes() -> None:
    assert failed(evidence()) == []


def everywhere(value: tuple[float, ...]) -> dict[str, tuple[float, ...]]:
    return {f"int8 {attack}": value for attack in ATTACKS}


def measured(**changes: Any) -> Evidence:
    return evidence(measured=replace(MEASURED, **changes))


def guarded(**changes: Any) -> Evidence:
    return evidence(guard=replace(GUARDED, **changes))


def with_split(name: str, other: Split) -> Evidence:
    return evidence(splits={**{one: split(one) for one in NAMES}, name: other})


BROKEN = {
    "accuracy_never_rises_with_the_budget": evidence(everywhere((0.3, 0.5, 0.0))),
    "hopeless_budget_leaves_no_more_than_chance": evidence(everywhere((0.7, 0.5, 0.3))),
    "undefended_model_falls": evidence(
        {f"undefended pgd_{loss}": (0.9, 0.4, 0.0) for loss in ("margin", "cross_entropy")}
    ),
    "worst_case_is_per_example": evidence(reported=dict.fromkeys(BUDGETS, 0.6)),
    "every_attack_ran": evidence({"int8 apgd_targeted": None}),
    "single_step_does_not_beat_iterated_attack": evidence({"int8 fgsm": (0.8, 0.45, 0.2)}),
    "noise_does_not_beat_iterated_attack": evidence({"int8 noise": (0.5, 0.88, 0.3)}),
    "iterated_attack_beats_noise": evidence(
        {f"int8 {one}": (0.9, 0.505, 0.3) for one in ("noise", "pgd_cross_entropy")}
    ),
    "transfer_beats_noise": evidence(
        {f"int8 transfer_{source}": (0.9, 0.9, 0.9) for source in ("float", "undefended")}
    ),
    "queries_beat_chance": evidence(
        {"undefended nes": (0.9, 0.84, 0.1), "int8 nes": (0.85, 0.74, 0.1)}
    ),
    "steps_are_enough": evidence({"int8 pgd_margin_doubled": (0.74, 0.4, 0.0)}),
    "no_overfitting_to_one_step": measured(overfitting_gap={"pretrain": 0.1, "qat": 0.6}),
    "one_step_is_not_far_behind": evidence({"int8 fgsm": (0.8, 0.7, 0.2)}),
    "gradients_are_there": measured(zero_gradient_share=0.02),
    "queries_do_not_beat_gradients": evidence({"int8 square": (0.76, 0.4, 0.0)}),
    "transfer_does_not_beat_gradients": evidence({"int8 transfer_float": (0.6, 0.6, 0.1)}),
    "int8_and_white_box_agree": evidence({"int8_fake_quant pgd_margin": (0.7, 0.4, 0.0)}),
    "white_box_gives_the_same_verdicts": evidence({"int8_fake_quant pgd_margin": (0.7, 0.5, 0.0)}),
    "device_answers_the_same_twice": measured(changed_share=0.005),
    "crafted_examples_can_be_delivered": measured(undeliverable_share=0.001),
    "crafted_examples_keep_the_budget": measured(over_budget_share=0.001),
    "the_guard_can_reject": guarded(limits=ALL_OFF, recalibrated=ALL_OFF),
    "the_guard_rejects_few_clean_examples": guarded(clean=judged(False, *[True] * 9)),
    "the_guard_is_attacked_jointly": evidence(
        {"int8_guarded guard_aware": (0.8, 0.58, 0.1), "int8_guarded feature_matching": None}
    ),
    "queries_do_not_beat_the_joint_attack": evidence({"int8_guarded square": (0.7, 0.4, 0.3)}),
    "the_guard_knows_more_than_one_attack": evidence({"int8_guarded pgd_margin": (0.8, 0.7, 0.6)}),
    "guarded_accuracy_never_rises_with_the_budget": evidence(
        {f"int8_guarded {one}": (0.6, 0.55, 0.9) for one in GUARDED_ATTACKS}
    ),
    "the_guard_claims_nothing_extraordinary": evidence(
        {f"int8_guarded {one}": (0.82, 0.81, 0.8) for one in GUARDED_ATTACKS}
    ),
    "each_signal_is_ablated": guarded(ablated=frozenset({"energy"})),
    "limits_follow_from_the_calibration_split": guarded(
        recalibrated=LIMITS.model_copy(update={"energy": Limit(kind="at_least", threshold=1)})
    ),
    "no_content_in_two_splits": with_split(
        "calibration", replace(split("test"), groups=split("calibration").groups)
    ),
    "no_group_in_two_splits": with_split("calibration", split("calibration", groups="test")),
    "enough_examples": evidence(),
    "intervals_are_narrow": evidence(),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_check_fails_on_what_it_is_meant_for(name: str) -> None:
    strict = {
        "enough_examples": replace(ALLOWED, least_examples=1500),
        "intervals_are_narrow": replace(ALLOWED, widest_interval=0.05),
    }
    allowed = strict.get(name, ALLOWED)
    checks = {one.name: one for one in selfchecks.of(BROKEN[name], allowed)}
    assert not checks[name].passed


def test_every_check_was_seen_to_fail_and_says_what_it_guards_against() -> None:
    checks = selfchecks.of(evidence(), ALLOWED)
    assert [one.name for one in checks] == list(BROKEN)
    assert all(one.guards_against and "," not in one.guards_against for one in checks)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("every_attack_ran", {"undefended nes_blind": None}),
        ("every_attack_ran", {"int8 nes_blind": None}),
        ("queries_beat_chance", {"int8 nes_blind": None}),
        ("every_attack_ran", {"undefended nes": None}),
        ("queries_do_not_beat_gradients", {"int8 nes": (0.85, 0.4, 0.1)}),
        ("queries_do_not_beat_the_joint_attack", {"int8_guarded nes": (0.85, 0.4, 0.3)}),
        (
            "transfer_does_not_beat_gradients",
            {"int8 transfer_undefended": (0.85, 0.4, 0.2)},
        ),
    ],
)
def test_each_attack_that_a_check_names_counts(
    name: str, changes: dict[str, tuple[float, ...] | None]
) -> None:
    assert name in failed(evidence(changes))


def test_queries_may_beat_chance_in_either_model() -> None:
    """As where chance breaks nearly all that is undefended."""
    level = {"undefended nes": (0.3, 0.1, 0.1), "undefended nes_blind": (0.3, 0.1, 0.1)}
    assert "queries_beat_chance" not in failed(evidence({**level, "int8 nes": (0.85, 0.7, 0.1)}))
    assert "queries_beat_chance" in failed(evidence({**level, "int8 nes": (0.85, 0.745, 0.1)}))


def test_the_page_says_of_every_check_what_it_claims() -> None:
    page = PAGE.read_text()
    assert [name for name in BROKEN if f"| `{name}` |" not in page] == []


def test_a_check_without_evidence_fails() -> None:
    """Nothing ran, nothing was noted, nothing is known: nothing passes."""
    nothing = Evidence(
        table=Table([verdicts.subset_row(np.zeros(0, bool))]),
        reference=REFERENCE,
        radii={},
        labels=LABELS,
        reported={},
        measured=Measured(),
        splits={},
        guard=Guarded(limits=None, recalibrated=None, clean=judged()),
    )
    assert failed(nothing) == list(BROKEN)


def test_a_figure_that_is_no_number_passes_neither_way() -> None:
    unknown = [Check("a", float("nan"), 1), Check("b", float("nan"), 0, at_least=True)]
    assert summary(unknown) == {"passed": 0, "total": 2}


def test_without_a_guard_there_is_no_check_on_one_and_no_attack_on_it_is_missed() -> None:
    bare = {name: None for name in HONEST if name.startswith("int8_guarded")}
    checks = selfchecks.of(evidence(bare, guard=None), ALLOWED)
    assert all(one.passed for one in checks)
    assert not any("guard" in one.name for one in checks)


def test_an_extraordinary_claim_stands_where_an_audit_stands_behind_it() -> None:
    claim = BROKEN["the_guard_claims_nothing_extraordinary"]
    audited = replace(claim, measured=replace(MEASURED, audited=True))
    assert "the_guard_claims_nothing_extraordinary" in failed(claim)
    assert "the_guard_claims_nothing_extraordinary" not in failed(audited)


def test_an_attack_that_ran_on_a_part_of_the_subset_counts_for_nothing() -> None:
    """Else what it was not tried on would look broken, and the attack strong."""
    partly = np.where(np.arange(N) < 10, NOT_RUN, RIGHT).astype(np.int8)
    found = Table(
        [verdicts.subset_row(np.arange(N) % 2 == 0), Verdict("int8", "pgd_margin", "b", partly)]
    )
    assert np.isnan(alone(found, "int8", ["pgd_margin"], "b"))
    assert np.isnan(alone(found, "int8", ["square"], "b"))


def test_answers_that_change_are_counted_by_example() -> None:
    first = [np.zeros((4, 3), np.int8), np.zeros(4)]
    second = [first[0].copy(), np.array([0.0, 1.0, 0.0, 0.0])]
    second[0][1, 2] = second[0][3, 0] = 1
    assert masking.changed(first, second) == 0.5
    assert masking.changed(first, first) == 0.0
    assert np.isnan(masking.changed([np.zeros((0, 3))], [np.zeros((0, 3))]))


def test_a_split_that_is_missing_is_not_disjoint() -> None:
    three = {name: split(name) for name in NAMES[:3]}
    assert np.isnan(provenance.shared(three, provenance.contents))


def test_the_headline_counts_each_example_that_any_attack_breaks() -> None:
    """Two attacks that break other examples: what each leaves is more than what both leave."""
    halves = [np.where(np.arange(N) % 4 == place, WRONG, RIGHT).astype(np.int8) for place in (0, 1)]
    rows = [Verdict("int8", f"a{place}", REFERENCE, half) for place, half in enumerate(halves)]
    found = Table([verdicts.subset_row(np.ones(N, bool)), *rows])
    whole = evidence(table=found)

    def passes(reported: float) -> bool:
        checks = selfchecks.of(replace(whole, reported={REFERENCE: reported}), ALLOWED)
        return next(one.passed for one in checks if one.name == "worst_case_is_per_example")

    assert passes(0.5) and not passes(0.75)


@pytest.mark.parametrize(
    ("figure", "at_least", "passed"),
    [(0.735 - 0.725, False, True), (0.0101, False, False), (0.35 - 0.34, True, True)],
)
def test_a_difference_that_is_the_limit_keeps_it_however_it_is_rounded(
    figure: float, at_least: bool, passed: bool
) -> None:
    """Two of 200 examples are a point, and in binary a little more or less."""
    assert figure != 0.01
    assert Check("one", figure, 0.01, at_least).passed is passed


def test_below_a_lower_limit_is_below_it() -> None:
    assert not Check("one", 0.0099, 0.01, at_least=True).passed
