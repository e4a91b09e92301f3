"""Metrics that are no numbers, or not there, are one clear error."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from palisade.errors import PalisadeError
from palisade.report import source
from palisade.report.source import Metrics


def metrics(files: Mapping[str, str]) -> Metrics:
    return Metrics(files.__getitem__, files.__contains__)


def test_numbers_are_read_as_they_are_written() -> None:
    held = metrics({"a.csv": "kind,rate\nmusic,0.950\n", "a.json": '{"int8": {"n": 3}}'})
    assert held.rows("a.csv", "rate") == [{"kind": "music", "rate": "0.950"}]
    assert source.figure(held.json("a.json"), "int8.n", "a.json") == 3


@pytest.mark.parametrize("cell", ["nan", "inf", "-inf", "", "many"])
def test_a_cell_that_is_no_number_is_named_by_file_line_and_column(cell: str) -> None:
    held = metrics({"a.csv": f"kind,rate\nmusic,0.9\nsiren,{cell}\n"})
    with pytest.raises(PalisadeError, match=rf"^a\.csv, line 3: rate is '{cell}', which is no"):
        held.rows("a.csv", "rate")


def test_an_empty_cell_may_be_allowed() -> None:
    assert metrics({"a.csv": "rate\n0.5\n"}).rows("a.csv", "rate", optional=True)
    assert metrics({"a.csv": "a,rate\n1,\n"}).rows("a.csv", "rate", optional=True)


def test_a_column_that_is_missing_is_named() -> None:
    with pytest.raises(PalisadeError, match=r"^a\.csv has no column low: remove it"):
        metrics({"a.csv": "kind,rate\nmusic,0.9\n"}).rows("a.csv", "rate", "low")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"n": NaN}', r"^a\.json holds NaN, which is no number"),
        ('{"n": -Infinity}', r"^a\.json holds -Infinity, which is no number"),
        ('{"n": ', r"^a\.json is not JSON"),
        ("[1]", r"^a\.json is not a mapping"),
    ],
)
def test_json_that_is_none_or_holds_no_number_is_named(text: str, said: str) -> None:
    with pytest.raises(PalisadeError, match=said):
        metrics({"a.json": text}).json("a.json")


@pytest.mark.parametrize("tree", [{}, {"int8": 3}, {"int8": {"n": "3"}}, {"int8": {"n": True}}])
def test_a_number_that_is_not_there_is_named(tree: dict[str, object]) -> None:
    with pytest.raises(PalisadeError, match=r"^a\.json has no number int8\.n"):
        source.figure(tree, "int8.n", "a.json")
