"""Windows of events: what was written is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from palisade.errors import PalisadeError
from palisade.scenes import windows
from palisade.scenes.windows import Windows
from palisade.splits import Split

HELD = Windows(
    x=np.arange(8, dtype=np.int16).reshape(4, 2),
    y=np.array([1, 1, 0, 0]),
    scenes=np.array(["a", "a", "b", "c"]),
    events=np.array(["pet", "pet", "knock", ""]),
    splits=np.array(["test", "test", "calibration", "test"]),
    labels=("nobody", "person"),
    aligned=True,
)


def test_what_was_written_is_read_and_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.npz", "b.npz"):
        HELD.save(tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    read = windows.load(tmp_path / "a.npz")
    assert (read.labels, read.aligned, len(read)) == (HELD.labels, True, 4)
    for name in ("x", "y", "scenes", "events", "splits"):
        np.testing.assert_array_equal(getattr(read, name), getattr(HELD, name))
        assert getattr(read, name).dtype == getattr(HELD, name).dtype


def test_another_file_is_refused(tmp_path: Path) -> None:
    Split(HELD.x, HELD.y, HELD.scenes, HELD.scenes, HELD.labels).save(tmp_path / "split.npz")
    (tmp_path / "text.npz").write_text("nothing")
    for name in ("split.npz", "text.npz", "missing.npz"):
        with pytest.raises(PalisadeError, match=f"{name} holds no events"):
            windows.load(tmp_path / name)
