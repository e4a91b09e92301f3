"""From a corpus to windows of events: aligned where it lists them, one by one where it does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.corpus import Unusable
from palisade.errors import PalisadeError
from palisade.scenes import gathering, listing, windows
from palisade.scenes.listing import Witnessed
from palisade.splits import Split

LABELS = ("person", "nobody")


class Task:
    """Reads an event of as many windows as its file has letters."""

    def labels(self, params: Any) -> tuple[str, ...]:
        return LABELS

    def decode_scene(self, path: Path, params: Any) -> NDArray[Any]:
        text = path.read_text()
        if not text:
            raise Unusable("empty")
        return np.array([[ord(letter)] for letter in text], np.uint8)


def split(name: str, count: int) -> Split:
    ids = np.array([f"{name}/{i}" for i in range(count)])
    x = np.arange(count, dtype=np.uint8)[:, np.newaxis]
    return Split(x, np.arange(count) % 2, ids, ids, LABELS)


SPLITS = {"calibration": split("calibration", 3), "test": split("test", 2)}


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PALISADE_WORKERS", "1")
    (tmp_path / listing.FOLDER).mkdir()
    for name, text in {"a": "xyz", "b": "q"}.items():
        (tmp_path / listing.FOLDER / f"{name}.txt").write_text(text)
    rows = [
        Witnessed("a", "test", "pet", "nobody", "a.txt"),
        Witnessed("b", "calibration", "knock", "person", "b.txt"),
    ]
    listing.write(tmp_path, rows)
    return tmp_path


def test_each_window_knows_its_event(corpus: Path) -> None:
    found = gathering.gather(Task(), corpus, None, SPLITS)
    assert found.aligned
    assert found.x.ravel().tolist() == [ord(letter) for letter in "xyzq"]
    assert found.scenes.tolist() == ["a", "a", "a", "b"]
    assert found.events.tolist() == ["pet", "pet", "pet", "knock"]
    assert found.splits.tolist() == ["test", "test", "test", "calibration"]
    assert found.y.tolist() == [1, 1, 1, 0]


def test_reading_back_gives_the_same_windows(corpus: Path, tmp_path: Path) -> None:
    found = gathering.gather(Task(), corpus, None, SPLITS)
    found.save(tmp_path / "scenes.npz")
    back = windows.load(tmp_path / "scenes.npz")
    assert (back.labels, back.aligned) == (LABELS, True)
    for name in ("x", "y", "scenes", "events", "splits"):
        assert np.array_equal(getattr(back, name), getattr(found, name))


def test_recordings_without_a_list_are_events_of_their_own(tmp_path: Path) -> None:
    found = gathering.gather(Task(), tmp_path, None, SPLITS)
    assert not found.aligned
    assert found.scenes.tolist() == [
        "calibration/0", "calibration/1", "calibration/2", "test/0", "test/1",
    ]  # fmt: skip
    assert found.splits.tolist() == ["calibration"] * 3 + ["test"] * 2
    assert set(found.events.tolist()) == {""}


def test_an_event_that_cannot_be_read_is_named(corpus: Path) -> None:
    (corpus / listing.FOLDER / "b.txt").write_text("")
    with pytest.raises(PalisadeError, match=r"b\.txt cannot be used \(empty\)"):
        gathering.gather(Task(), corpus, None, SPLITS)


def test_a_file_that_holds_no_events_is_named(tmp_path: Path) -> None:
    (tmp_path / "scenes.npz").write_bytes(b"no archive")
    with pytest.raises(PalisadeError, match=r"scenes\.npz holds no events"):
        windows.load(tmp_path / "scenes.npz")
