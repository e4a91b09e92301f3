"""A file is whole or absent, whatever stops its writer."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from palisade.errors import PalisadeError
from palisade.files import replacing, write_json, write_text
from palisade.splits import Split, load


def test_a_failure_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    write_text(path, "old")
    with pytest.raises(RuntimeError), replacing(path) as draft:
        draft.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["figures.json"]


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    for name in ("first", "second"):
        with replacing(tmp_path / "corpus") as draft:
            draft.mkdir()
            (draft / name).touch()
    assert os.listdir(tmp_path / "corpus") == ["second"]


def test_a_folder_is_not_thrown_away_for_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.json").mkdir()
    (tmp_path / "a.json" / "mine.txt").write_text("kept")
    with pytest.raises(PalisadeError, match="a.json is a folder, where a file goes"):
        write_json(tmp_path / "a.json", {})
    assert [path.name for path in tmp_path.rglob("*")] == ["a.json", "mine.txt"]


def test_the_draft_of_a_killed_run_is_cleared_away(tmp_path: Path) -> None:
    with replacing(tmp_path / "corpus") as draft:
        leftover = draft
        draft.mkdir()
    leftover.mkdir()
    (leftover / "half").touch()
    with replacing(tmp_path / "corpus") as draft:
        assert not draft.exists()
        draft.mkdir()
    assert os.listdir(tmp_path) == ["corpus"]
    assert os.listdir(tmp_path / "corpus") == []


def test_a_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    said = "the disk is full; .*was not written: free some space"
    with pytest.raises(PalisadeError, match=said), replacing(tmp_path / "big.npz"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert os.listdir(tmp_path) == []


def test_json_refuses_what_is_not_a_number(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        write_json(tmp_path / "figures.json", {"accuracy": float("nan")})
    assert os.listdir(tmp_path) == []


def test_a_split_comes_back_as_it_was(tmp_path: Path) -> None:
    names = np.array(["a", "b"])
    split = Split(np.ones((2, 4), np.int16), np.array([0, 1]), names, names, ("no", "yes"))
    split.save(tmp_path / "one.npz")
    split.save(tmp_path / "two.npz")
    found = load(tmp_path / "one.npz")
    assert found.labels == ("no", "yes")
    assert np.array_equal(found.x, split.x) and found.x.dtype == np.int16
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_a_broken_split_is_named(tmp_path: Path) -> None:
    (tmp_path / "train.npz").write_bytes(b"PK not really")
    with pytest.raises(PalisadeError, match=r"train.npz is not a split"):
        load(tmp_path / "train.npz")
