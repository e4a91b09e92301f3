"""From recordings to four splits that share nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from palisade import preparation
from palisade.corpus import Found, LeftOut, Recording, Unusable
from palisade.errors import PalisadeError
from palisade.preparation import Params
from palisade.splits import NAMES

PARAMS = Params(
    validation_percent=10,
    test_percent=10,
    calibration_percent=10,
    least_per_class=1,
    simple_accuracy_limit=0.6,
)
LABELS = ("yes", "no")


@pytest.fixture(autouse=True)
def _one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALISADE_WORKERS", "1")


def task(contents: Mapping[Recording, Any], *, left_out: tuple[LeftOut, ...] = ()) -> Any:
    """A task whose recordings hold what is given: a number, or why they are unusable."""

    def decode(recording: Recording, params: Params) -> Any:
        content = contents[recording]
        if isinstance(content, str):
            raise Unusable(content)
        return np.full(3, content, dtype=np.int16)

    return SimpleNamespace(
        REASONS=("corrupt", "too_short"),
        GROUP="speaker",
        ASSIGNED_BY="a list",
        labels=lambda params: LABELS,
        scan=lambda folder, params: Found(tuple(contents), left_out, ()),
        decode=decode,
    )


def one(name: str, split: str, label: str = "yes") -> Recording:
    return Recording(Path(name), name, label, f"speaker-{split}", split)


def enough() -> dict[Recording, Any]:
    """One example of each class in each split, no two alike."""
    cells = [(split, label) for split in NAMES for label in LABELS]
    return {one(f"{s}/{label}", s, label): n for n, (s, label) in enumerate(cells)}


def ids(prepared: preparation.Prepared, split: str) -> list[str]:
    return [str(name) for name in prepared.splits[split].ids]


def test_every_example_arrives_with_its_label_and_group() -> None:
    prepared = preparation.prepare(task(enough()), Path(), PARAMS)
    for place, name in enumerate(NAMES):
        split = prepared.splits[name]
        assert dict(zip(split.ids, split.y, strict=True)) == {f"{name}/yes": 0, f"{name}/no": 1}
        assert sorted(split.x[:, 0].tolist()) == [2 * place, 2 * place + 1]
        assert set(split.groups) == {f"speaker-{name}"}
    assert set(prepared.left_out.values()) == {0}


@pytest.mark.parametrize(
    ("first", "second"),
    [("test", "calibration"), ("calibration", "validation"), ("validation", "train")],
)
def test_a_content_in_two_splits_stays_in_the_one_that_matters_more(
    first: str, second: str
) -> None:
    twins = {one("a", second): 99, one("b", first): 99}
    prepared = preparation.prepare(task({**enough(), **twins}), Path(), PARAMS)
    assert "b" in ids(prepared, first)
    assert "a" not in ids(prepared, second)
    assert prepared.left_out["duplicate_across_splits"] == 1
    assert prepared.left_out["duplicate_within_split"] == 0


def test_a_content_twice_in_a_split_is_kept_once() -> None:
    twins = {one("b", "train"): 99, one("a", "train"): 99, one("c", "train"): 99}
    prepared = preparation.prepare(task({**enough(), **twins}), Path(), PARAMS)
    assert [name for name in ids(prepared, "train") if name in "abc"] == ["a"]
    assert prepared.left_out["duplicate_within_split"] == 2


def test_a_content_under_two_labels_is_left_out_altogether() -> None:
    twins = {one("a", "train", "yes"): 99, one("b", "test", "no"): 99}
    prepared = preparation.prepare(task({**enough(), **twins}), Path(), PARAMS)
    assert "a" not in ids(prepared, "train")
    assert "b" not in ids(prepared, "test")
    assert prepared.left_out["two_labels"] == 2


def test_what_is_left_out_is_counted_by_reason_and_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bad = {one(f"bad{n}", "train"): "corrupt" for n in range(7)} | {one("s", "test"): "too_short"}
    odd = (LeftOut("yes/notes.txt", "wrong_type"),)
    spoiled = task({**enough(), **bad}, left_out=odd)
    spoiled.REASONS = (*spoiled.REASONS, "wrong_type")
    prepared = preparation.prepare(spoiled, Path(), PARAMS)
    assert prepared.left_out["corrupt"] == 7
    assert prepared.left_out["too_short"] == 1
    assert prepared.left_out["wrong_type"] == 1
    said = capsys.readouterr().err
    assert "left out, corrupt: 7 (bad0, bad1, bad2, bad3, bad4, ...)" in said
    assert "left out, wrong_type: 1 (yes/notes.txt)" in said


def test_stops_at_a_class_that_a_split_lacks() -> None:
    few = {r: x for r, x in enough().items() if r.id != "calibration/no"}
    more = {Recording(Path(), "more", "no", "someone else", "train"): 77}
    with pytest.raises(PalisadeError, match=r"class no has 0 usable .* in split calibration"):
        preparation.prepare(task({**few, **more}), Path(), PARAMS)


def test_stops_at_fewer_examples_than_asked_for() -> None:
    params = PARAMS.model_copy(update={"least_per_class": 2})
    with pytest.raises(PalisadeError, match=r"class yes has 1 usable .* least_per_class: 2"):
        preparation.prepare(task(enough()), Path(), params)


def test_stops_at_fewer_speakers_than_splits() -> None:
    alone = {Recording(r.path, r.id, r.label, "ann", r.split): x for r, x in enough().items()}
    with pytest.raises(PalisadeError, match=r"class yes has 1 speaker\(s\) \(ann\)"):
        preparation.prepare(task(alone), Path(), PARAMS)
