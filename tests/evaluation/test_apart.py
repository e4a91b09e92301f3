"""Events that set thresholds, and those of the figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from palisade.evaluation import apart
from palisade.scenes.windows import Windows

HELD = Windows(
    x=np.arange(24, dtype=np.uint8).reshape(6, 4),
    y=np.zeros(6, np.int64),
    scenes=np.array(["a", "a", "b", "c", "c", "d"]),
    events=np.array(["pet"] * 6),
    splits=np.array(["calibration"] * 3 + ["test"] * 3),
    labels=("nobody",),
    aligned=True,
)


def with_contents(**rows: list[int]) -> Windows:
    x = HELD.x.copy()
    for place, row in rows.items():
        x[int(place.removeprefix("at"))] = row
    return replace(HELD, x=x)


def test_nothing_is_shared() -> None:
    assert apart.shared(HELD) == 0


def test_a_window_in_both_is_counted_once() -> None:
    assert apart.shared(with_contents(at0=[1, 2, 3, 4], at1=[1, 2, 3, 4], at4=[1, 2, 3, 4])) == 1


def test_dark_windows_are_alike_everywhere() -> None:
    assert apart.shared(with_contents(at0=[7] * 4, at4=[7] * 4)) == 0


def test_an_event_in_both_counts_where_its_name_means_one() -> None:
    twice = replace(HELD, scenes=np.array(["a", "a", "b", "b", "c", "d"]))
    assert apart.shared(twice) == 1
    assert apart.shared(replace(twice, aligned=False)) == 0
