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
