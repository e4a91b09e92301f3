"""The synthetic corpus of pictures: its layout, its bytes, and which home is seen where."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from palisade.errors import PalisadeError
from palisade.partition import LISTS
from palisade.scenes import listing
from palisade.scenes.events import Event
from palisade.splits import NAMES
from palisade.tasks.vision.samples.labels import NOBODY, PERSON
from palisade.tasks.vision.synthesis import corpus

SEED = 7
PERSON_KINDS = {
    *("visitor_unlocks", "visitor_commands", "visitor_talks", "visitor_silent"),
    *("street_unlock", "passer_by", "knock", "tampering"),
}


@pytest.fixture(scope="module")
def made(make_params: Any, some_events: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small corpus, made by one worker."""
    root = tmp_path_factory.mktemp("vision")
    (root / "material").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PALISADE_WORKERS", "1")
        corpus.synthesize(
            make_params(),
            events=some_events,
            seed=SEED,
            folder=root / "made",
            material=root / "material",
        )
    return root / "made"


@pytest.fixture(scope="module")
def rows(made: Path) -> list[dict[str, str]]:
    with (made / "manifest.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def stands(row: dict[str, str]) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(row["stands"])
    return told


def foremost(row: dict[str, str]) -> dict[str, Any]:
    return next(one for one in stands(row) if one["foremost"])


def test_two_workers_and_another_run_give_the_same_bytes(
    made: Path,
    make_params: Any,
    some_events: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PALISADE_WORKERS", "2")
    corpus.synthesize(
        make_params(), events=some_events, seed=SEED, folder=tmp_path / "v", material=tmp_path
    )
    assert contents(tmp_path / "v") == contents(made)


def test_each_picture_is_grey_8_bits_and_no_two_are_the_same(made: Path) -> None:
    seen = set()
    for path in made.glob("[pn]*/*.png"):
        with Image.open(path) as image:
            assert (image.mode, image.size) == ("L", (32, 32)), path
            assert np.asarray(image).std() > 8, path
            seen.add(image.tobytes())
    assert len(seen) == 4 * 9


def test_manifest_lists_and_folders_name_the_same_files(
    made: Path, rows: list[dict[str, str]]
) -> None:
    paths = [row["path"] for row in rows]
    assert paths == sorted(paths)
    assert set(paths) == {path.relative_to(made).as_posix() for path in made.glob("*/*.png")}
    for row in rows:
        if not row["event"]:
            assert row["path"].startswith(f"{row['label']}/{row['home']}_nohash_")
    listed = {
        line: split
        for split, name in LISTS.items()
        for line in (made / name).read_text().splitlines()
    }
    plain = {row["path"]: row["split"] for row in rows if not row["event"]}
    assert listed == {path: split for path, split in plain.items() if split != "train"}


def test_no_home_is_in_two_splits_and_events_are_at_homes_of_theirs(
    rows: list[dict[str, str]], some_events: tuple[Event, ...]
) -> None:
    splits = defaultdict(set)
    for row in rows:
        splits[row["home"]].add(row["split"])
    assert len(splits) == 2 * len(NAMES)
    assert all(len(seen) == 1 for seen in splits.values())
    split_of = {f"_scenes_/{event.scene_id}.png": event.split for event in some_events}
    assert {row["path"]: row["split"] for row in rows if row["event"]} == split_of


def test_every_picture_of_a_person_shows_one_and_nobody_none(rows: list[dict[str, str]]) -> None:
    for row in rows:
        assert (int(row["persons"]) > 0) == (row["label"] == PERSON), row["path"]
        if row["label"] == PERSON:
            assert foremost(row)["kind"] == "person"
            assert float(row["visible"]) >= (0.0225 if row["event"] else 0.045), row["path"]


def test_events_are_strips_labelled_by_what_the_camera_witnesses(
    made: Path, some_events: tuple[Event, ...]
) -> None:
    listed = {row.scene: row for row in listing.read(made, (NOBODY, PERSON))}
    assert set(listed) == {event.scene_id for event in some_events}
    for event in some_events:
        row = listed[event.scene_id]
        assert (row.split, row.event) == (event.split, event.kind)
        assert row.label == (PERSON if event.kind in PERSON_KINDS else NOBODY)
        with Image.open(made / "_scenes_" / row.path) as image:
            assert (image.mode, image.size) == ("L", (32, 96))


def test_an_event_has_its_light_and_weather(
    rows: list[dict[str, str]], some_events: tuple[Event, ...]
) -> None:
    by_path = {row["path"]: row for row in rows}
    for event in some_events:
        row = by_path[f"_scenes_/{event.scene_id}.png"]
        assert (row["light"], row["weather"]) == (event.light, event.weather)


def test_a_quiet_event_stays_as_it_is_and_a_passer_by_moves(
    made: Path, rows: list[dict[str, str]]
) -> None:
    def change(kind: str) -> float:
        changes = []
        for row in rows:
            if row["event"] == kind:
                with Image.open(made / row["path"]) as image:
                    frames = np.asarray(image, np.float64).reshape(3, 32, 32)
                blurred = frames.reshape(3, 8, 4, 8, 4).mean(axis=(2, 4))
                changes.append(np.abs(blurred[0] - blurred[2]).mean())
        return float(np.mean(changes))

    assert change("passer_by") > 2 * change("quiet")


def test_infrared_is_used_at_night_alone(rows: list[dict[str, str]]) -> None:
    infrared = [row for row in rows if row["infrared"] == "True"]
    assert infrared
    assert all(row["light"] == "night" and row["home_infrared"] == "True" for row in infrared)


def test_contact_sheet_shows_all_sections(made: Path) -> None:
    with Image.open(made / "contact_sheet.png") as image:
        sheet = np.asarray(image)
    # Twelve pictures of 64 px in a row, the gaps between and beside them.
    assert sheet.shape[1] == 12 * 68 + 4
    # Two rows of persons, two of nobody, one of strips three pictures high.
    assert sheet.shape[0] > 4 * 64 + 192
    assert sheet.std() > 30


def test_params_that_show_no_person_stop_it_and_leave_nothing(
    make_params: Any, tmp_path: Path
) -> None:
    with pytest.raises(PalisadeError, match=r"visible_least is 0\.2"):
        corpus.synthesize(
            make_params(visible_least=0.2, people__distance_m=[4.0, 4.2]),
            events=(),
            seed=SEED,
            folder=tmp_path / "v",
            material=tmp_path,
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"homes__backdrop_m": [2.0, 6.0]}, "backdrop_m must be farther"),
        ({"image_px": 128}, "image_px"),
        ({"people__number_weights": [0.0, 0.0, 0.0]}, "number_weights"),
        ({"people__hat_share": 1.5}, "hat_share"),
        ({"light__jpeg_quality": [0.5, 90.0]}, "jpeg_quality"),
        ({"people__distance_m": [2.0, 1.0]}, "lower bound first"),
    ],
)
def test_impossible_params_are_refused_by_name(
    make_params: Any, change: dict[str, Any], told: str
) -> None:
    with pytest.raises(PalisadeError, match=told):
        make_params(**change)
