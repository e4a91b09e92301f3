"""What things are called on the page, and what is said of a rate."""

from __future__ import annotations

import pytest

from palisade.attacks import names
from palisade.report import subject


def test_every_attack_of_the_battery_has_a_name_of_its_own() -> None:
    assert set(subject.ATTACKS) == {*names.ATTACKS, *names.ALONE}
    assert len(set(subject.ATTACKS.values())) == len(subject.ATTACKS)


def test_of_no_event_no_rate_is_stated() -> None:
    row = {"rate": "0", "low": "0", "high": "1", "n": "0"}
    assert subject.stated(row) == ["no events", ""]
    assert subject.stated(row | {"n": "7"}) == ["0.000", "0.000 to 1.000"]


@pytest.mark.parametrize(
    ("cell", "said"), [("0.0097826", "0.010"), ("1", "1.000"), ("", ""), ("15 dB", "15 dB")]
)
def test_numbers_have_three_places_and_words_stay(cell: str, said: str) -> None:
    assert subject.rounded(cell) == said
