"""What ``evaluate`` takes for classes that ask for no action."""

from __future__ import annotations

import math

import pytest

from palisade.errors import PalisadeError
from palisade.evaluation import noted
from stages import evaluate

LABELS = ("unlock", "lock", "_silence_")


def params(*negatives: str) -> evaluate.Params:
    return evaluate.Params(
        negatives=list(negatives),
        least_examples=1000,
        widest_interval=0.1,
        unfamiliar_examples=20,
        undefended_limit=0.2,
        clean_reject_limit=0.05,
    )


def test_classes_that_ask_for_no_action_may_be_some_or_none() -> None:
    assert evaluate.negatives(params("_silence_"), LABELS, "voice").tolist() == [False, False, True]
    assert not evaluate.negatives(params(), LABELS, "voice").any()


@pytest.mark.parametrize(
    ("negatives", "said"),
    [
        (["silence"], r"evaluate.voice.negatives names silence: classes: unlock, lock, _silence_"),
        (["unlock", "lock", "_silence_"], r"names every class: leave out"),
    ],
)
def test_a_class_that_is_none_and_no_action_at_all_are_refused(
    negatives: list[str], said: str
) -> None:
    with pytest.raises(PalisadeError, match=said):
        evaluate.negatives(params(*negatives), LABELS, "voice")


def test_what_an_earlier_stage_did_not_note_is_missing_and_not_zero() -> None:
    nothing: dict[str, dict[str, object]] = {"attack": {}, "pretrain": {}, "qat": {}}
    found = noted.measured(nothing, 0.0, audited=False)
    assert math.isnan(found.zero_gradient_share)
    assert math.isnan(found.undeliverable_share)
    assert math.isnan(found.overfitting_gap["qat"])
    assert (found.audited, found.changed_share) == (False, 0.0)


def physical(**leads: float) -> dict[str, bool]:
    """Which checks on the physical attacks pass."""
    prepared = {"hardness": {"accuracy": 0.5, "limit": 0.6}}
    trained = {"overfitting_collapsed": 0}
    notes = {"prepare": prepared, "pretrain": trained, "qat": trained, "physical": {"leads": leads}}
    found = {one.name: one.passed for one in noted.checks(notes)}
    return {name: passed for name, passed in found.items() if name.startswith("physical")}


def test_physical_attacks_have_to_be_what_they_say() -> None:
    good = {
        **{"over_controls": 3.5, "over_controls_when_defended": 3.5},
        **{"of_milder": 1.0, "of_oblivious": -2.0},
    }
    assert list(physical(**good).values()) == [True] * len(good)
    for name, bad in (
        ("over_controls", 2.0),
        ("over_controls_when_defended", 2.0),
        ("of_milder", 3.2),
        ("of_oblivious", 4.0),
    ):
        assert list(physical(**{**good, name: bad}).values()).count(False) == 1
    assert list(physical().values()) == [False] * len(good)
