"""The stages from a folder of sound files to augmented and field sets, on a small corpus."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from palisade import splits, stage
from palisade.errors import PalisadeError
from stages import prepare

SECTION: dict[str, Any] = {
    "commands": ["bed", "cat"],
    "sample_rate_hz": 16000,
    "clip_ms": 1000,
    "shortest_ms": 400,
    "silence_clips": 100,
    "silence_guard_ms": 1000,
    "validation_percent": 10.0,
    "test_percent": 10.0,
    "calibration_percent": 10.0,
    "least_per_class": 2,
    "simple_accuracy_limit": 0.6,
}
OUTS = tuple(f"data/prepared/voice/{name}.npz" for name in (*splits.NAMES, "scenes"))
METRICS = "metrics/voice/prepare.json"


@pytest.fixture(autouse=True)
def _one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALISADE_WORKERS", "1")


def opened(root: Path, **changes: Any) -> stage.Stage:
    """The stage as dvc.yaml would declare it."""
    entry = stage.Entry(
        name="prepare",
        key="voice",
        item={"corpus": "data/raw/voice"},
        cmd="python -m stages.prepare voice",
        deps=("data/raw/voice",),
        params=("prepare.voice",),
        outs=(*OUTS, METRICS),
    )
    return stage.Stage(entry, root, {"prepare.voice": {**SECTION, **changes}})


def corpus(root: Path) -> Path:
    """Eight speakers, two in each split by the lists; three words and silence, twice each."""
    folder = root / "data/raw/voice"
    draw = np.random.default_rng(2)
    for speaker in range(8):
        for label in ("bed", "cat", "dog", "_silence_"):
            (folder / label).mkdir(parents=True, exist_ok=True)
            for take in range(2):
                path = folder / label / f"s{speaker}_nohash_{take}.flac"
                soundfile.write(path, draw.normal(0, 0.1, 16000), 16000)
    for name, members in (("validation", "01"), ("testing", "23"), ("calibration", "45")):
        lines = [f"bed/s{member}_nohash_0.wav\n" for member in members]
        (folder / f"{name}_list.txt").write_text("".join(lines))
    return folder


def written(root: Path) -> list[str]:
    """Every file outside the corpus."""
    found = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return sorted(str(path) for path in found if path.parts[:2] != ("data", "raw"))


def test_splits_and_figures_are_written(tmp_path: Path) -> None:
    folder = corpus(tmp_path)
    shutil.copy(folder / "bed/s2_nohash_0.flac", folder / "bed/s7_nohash_9.flac")
    (folder / "bed/s7_nohash_8.wav").write_text("no sound")
    (folder / "cat/s7_nohash_8.wav").touch()
    prepare.main(opened(tmp_path))
    assert written(tmp_path) == sorted([*OUTS, METRICS])
    loaded = {
        name: splits.load(tmp_path / f"data/prepared/voice/{name}.npz") for name in splits.NAMES
    }
    speakers = {name: set(split.groups) for name, split in loaded.items()}
    assert speakers == {
        "train": {"s6", "s7"},
        "validation": {"s0", "s1"},
        "calibration": {"s4", "s5"},
        "test": {"s2", "s3"},
    }
    assert loaded["test"].labels == ("bed", "cat", "_unknown_", "_silence_")
    assert loaded["test"].x.shape == (16, 16000)
    assert "bed/s2_nohash_0.flac" in loaded["test"].ids
    metrics = json.loads((tmp_path / METRICS).read_text())
    assert metrics["n"] == {"train": 16, "validation": 16, "calibration": 16, "test": 16}
    assert metrics["test_n"] == {"bed": 4, "cat": 4, "_unknown_": 4, "_silence_": 4}
    assert {reason: n for reason, n in metrics["left_out"].items() if n} == {
        "duplicate_across_splits": 1,
        "wrong_type": 1,
        "empty": 1,
    }
    assert metrics["hardness"]["accuracy"] <= 0.6
    assert metrics["hardness"]["too_easy"] is False
    assert metrics["command_rms_median"] == pytest.approx(0.1, abs=0.005)


def test_easy_data_is_called_so(tmp_path: Path) -> None:
    """One tone a class: a linear model on mean features knows them all."""
    folder = corpus(tmp_path)
    for path in folder.glob("*/*.flac"):
        hz = {"bed": 300, "cat": 900, "dog": 2000, "_silence_": 5000}[path.parent.name]
        sound, _ = soundfile.read(path)
        tone = np.sin(2 * np.pi * hz * np.arange(16000) / 16000)
        soundfile.write(path, 0.3 * tone + 0.01 * sound, 16000)
    prepare.main(opened(tmp_path))
    hardness = json.loads((tmp_path / METRICS).read_text())["hardness"]
    assert hardness == {"accuracy": 1.0, "limit": 0.6, "too_easy": True}


def test_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    corpus(tmp_path)
    prepare.main(opened(tmp_path))
    first = {name: (tmp_path / name).read_bytes() for name in written(tmp_path)}
    prepare.main(opened(tmp_path))
    assert first == {name: (tmp_path / name).read_bytes() for name in written(tmp_path)}


def _only_one_speaker(folder: Path) -> None:
    for path in folder.glob("*/*.flac"):
        if not path.name.startswith("s2_"):
            path.unlink()


def _empty_class(folder: Path) -> None:
    for path in (folder / "cat").iterdir():
        path.unlink()


def _no_command_folder(folder: Path) -> None:
    shutil.rmtree(folder / "cat")


def _no_corpus(folder: Path) -> None:
    shutil.rmtree(folder)


def _all_corrupt(folder: Path) -> None:
    for path in (folder / "bed").iterdir():
        path.write_text("no sound")


def _no_silence_in_test(folder: Path) -> None:
    for path in (folder / "_silence_").glob("s[23]_*"):
        path.unlink()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_only_one_speaker, r"class bed has 1 speaker\(s\) \(s2\), too few for 4 splits"),
        (_empty_class, r"class cat has 0 speaker\(s\)"),
        (_no_command_folder, r"no folder .*cat"),
        (_no_corpus, r"prepare@voice needs data/raw/voice, which is not there"),
        (_all_corrupt, r"class bed has 0 speaker\(s\)"),
        (_no_silence_in_test, r"class _silence_ has 0 usable examples in split test"),
    ],
)
def test_too_little_data_stops_with_one_error_and_nothing_written(
    tmp_path: Path, spoil: Any, message: str
) -> None:
    spoil(corpus(tmp_path))
    with pytest.raises(PalisadeError, match=message):
        prepare.main(opened(tmp_path))
    assert written(tmp_path) == []
