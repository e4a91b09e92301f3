"""The synthetic corpus of traces: its layout, its bytes, and which home is met where."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from palisade import preparation, stage
from palisade.scenes import events, listing
from palisade.scenes.events import KINDS, Event
from palisade.splits import NAMES
from palisade.tasks.motion.recordings import reader
from palisade.tasks.motion.samples.labels import CLASSES, NOTHING, PERSON
from palisade.tasks.motion.synthesis import corpus, home, rendering, scenes, trace
from palisade.tasks.motion.synthesis.params import Params

ROOT = Path(stage.__file__).parents[1]
SMOKE = stage.read_yaml(ROOT / "tests/smoke/params.yaml")
SEED = 7
AMOUNTS = {"class_traces": 4, "homes": 2}


def params(**changes: Any) -> Params:
    small = {**SMOKE["synthesize"]["motion"], **dict.fromkeys(NAMES, AMOUNTS)}
    return stage.checked(Params, {**small, **changes}, "params.yaml: synthesize.motion")


READING = stage.checked(reader.Params, SMOKE["prepare"]["motion"], "params.yaml: prepare.motion")
EVERY_KIND = dict.fromkeys(KINDS, 1)
EVENTS = events.draw(
    events.Params(
        window_s=3.0,
        calibration=events.Counts(**EVERY_KIND),
        test=events.Counts(**{**EVERY_KIND, "visitor_unlocks": 2}),
    ),
    seed=SEED,
)


def make(folder: Path, changed: Params | None = None, some: Sequence[Event] = EVENTS) -> Path:
    corpus.synthesize(
        changed or params(), events=some, seed=SEED, folder=folder, material=folder.parent
    )
    return folder


@pytest.fixture(autouse=True)
def _one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALISADE_WORKERS", "1")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PALISADE_WORKERS", "1")
        return make(tmp_path_factory.mktemp("made") / "motion")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def traces(folder: Path) -> list[dict[str, str]]:
    return [row for split in NAMES for path in (folder / split).glob("*.csv") for row in rows(path)]


def test_two_workers_and_another_run_give_the_same_bytes(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALISADE_WORKERS", "2")
    assert contents(make(tmp_path / "motion")) == contents(made)


def test_the_reader_finds_every_class_in_every_split(made: Path) -> None:
    few = READING.model_copy(update={"least_per_class": AMOUNTS["class_traces"]})
    prepared = preparation.prepare(reader, made, few)
    for name in NAMES:
        split = prepared.splits[name]
        assert split.x.shape == (len(CLASSES) * AMOUNTS["class_traces"], 150, 4)
        assert split.x.dtype == np.int32
        assert split.labels == CLASSES
        assert set(np.bincount(split.y)) == {AMOUNTS["class_traces"]}
    assert set(prepared.left_out.values()) == {0}


def test_a_home_is_in_one_split_alone_its_events_too(made: Path) -> None:
    where: dict[str, set[str]] = defaultdict(set)
    for row in (*traces(made), *(r for e in EVENTS for r in rows(event_file(made, e)))):
        where[row["home"]].add(row["split"])
    assert len(where) == len(NAMES) * AMOUNTS["homes"]
    assert all(len(splits) == 1 for splits in where.values())


def event_file(folder: Path, event: Event) -> Path:
    return folder / listing.FOLDER / f"{event.scene_id}.csv"


def test_each_event_is_listed_with_what_is_witnessed_and_can_be_read(made: Path) -> None:
    listed = {row.scene: row for row in listing.read(made, CLASSES)}
    assert set(listed) == {event.scene_id for event in EVENTS}
    for event in EVENTS:
        row = listed[event.scene_id]
        assert (row.split, row.event) == (event.split, event.kind)
        assert row.label == scenes.WITNESSED[event.kind]
        assert rows(event_file(made, event))[0]["label"] == row.label
        assert reader.decode_scene(event_file(made, event), READING).shape == (1, 150, 4)


def test_visitors_alone_are_persons_and_every_kind_is_witnessed_as_a_class() -> None:
    persons = {kind for kind, label in scenes.WITNESSED.items() if label == PERSON}
    assert persons == {kind for kind in KINDS if kind.startswith("visitor_")}
    assert set(scenes.WITNESSED) == set(KINDS)
    assert set(scenes.WITNESSED.values()) == set(CLASSES)


def test_a_longer_event_is_read_as_several_windows(tmp_path: Path) -> None:
    counts = events.Counts(**EVERY_KIND)
    drawn = events.draw(events.Params(window_s=6.5, calibration=counts, test=counts), seed=SEED)
    made = make(tmp_path / "motion", some=drawn[:1])
    assert len(rows(event_file(made, drawn[0]))[0]) == len(corpus.HEAD) + 4 * 325
    windows = reader.decode_scene(event_file(made, drawn[0]), READING)
    assert windows.shape == (2, 150, 4)


def test_the_manifest_tells_of_every_trace_and_event_what_was_drawn(made: Path) -> None:
    told = {row["name"]: row for row in rows(made / "manifest.csv")}
    names = {row["trace"] for row in traces(made)} | {event.scene_id for event in EVENTS}
    assert set(told) == names
    assert list(told) == sorted(told)
    for row in told.values():
        assert bool(row["pet.speed_m_s"]) == (row["label"] == "pet")
        assert bool(row["knocks.at_s"]) == (row["label"] == "knock")
        assert bool(row["work.manner"]) == (row["label"] == "tampering")
        if row["label"] == PERSON:
            assert row["person.manner"] == "up"
    for event in EVENTS:
        if event.kind.startswith("visitor_"):
            row = told[event.scene_id]
            assert float(row["person.arrival_s"]) == event.arrival_s
            assert float(row["person.distance_m"]) == event.distance_m


def test_more_traces_leave_the_others_as_they_were(made: Path, tmp_path: Path) -> None:
    larger = make(tmp_path / "motion", params(train={"class_traces": 6, "homes": 2}))
    before = {row["trace"]: row for row in traces(made)}
    after = {row["trace"]: row for row in traces(larger)}
    assert len(after) == len(before) + 2 * len(CLASSES)
    assert {name: after[name] for name in before} == before


def test_a_trace_has_woken_the_device_unless_it_is_of_nothing() -> None:
    strict = params(wake={"pir_share": 0.4, "acc_mg": 1000.0, "tries": 30})
    where = home.draw("0123abcd", strict.homes, seed=SEED)
    drawn = [
        corpus.record(trace.Moment("train", label, f"{label}{n}", 3.0), where, strict, seed=SEED)
        for label in ("pet", NOTHING)
        for n in range(4)
    ]
    for one, samples in drawn:
        woke = rendering.wakes(samples, strict.wake)
        assert woke == (one.label != NOTHING) or one.tries == 30
    assert any(one.tries > 1 for one, _ in drawn if one.label != NOTHING)
    assert all(one.tries == 1 for one, _ in drawn if one.label == NOTHING)


def test_the_sheet_draws_both_homes_of_every_class_in_colour(made: Path) -> None:
    with Image.open(made / "contact_sheet.png") as sheet:
        colours = np.asarray(sheet.convert("RGB"), np.int16)
    coloured = np.ptp(colours, axis=2) > 20
    for band in np.array_split(coloured[60:], len(CLASSES)):
        columns = np.flatnonzero(band.any(axis=0))
        # Curves as wide as two panels, and no more: there are two homes.
        assert len(columns) == pytest.approx(2 * 250, abs=8)


def test_a_run_that_fails_leaves_what_was_there(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make(tmp_path / "motion", some=())
    before = contents(folder)
    assert "_scenes_/scenes.csv" not in before

    def fail(*_: Any) -> None:
        raise RuntimeError("no paper")

    monkeypatch.setattr(corpus.sheet, "draw", fail)
    with pytest.raises(RuntimeError, match="no paper"):
        make(folder)
    assert contents(folder) == before
    assert list(tmp_path.iterdir()) == [folder]
