"""The synthetic corpus: its layout, its bytes, and who is heard where."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from palisade import stage
from palisade.errors import PalisadeError
from palisade.scenes.events import KINDS
from palisade.splits import NAMES
from palisade.tasks.voice.recordings import reader
from palisade.tasks.voice.samples.labels import SILENCE, UNKNOWN
from palisade.tasks.voice.synthesis import corpus
from palisade.tasks.voice.synthesis.corpus import Params
from palisade.tasks.voice.synthesis.words import ORDINARY

ROOT = Path(stage.__file__).parents[1]
SEED = 7
RUN = """
from palisade import stage
from stages import synthesize
stage.run("synthesize", synthesize.main)
"""
DAG = """
stages:
  synthesize:
    foreach: ${tasks}
    do:
      cmd: python -m stages.synthesize ${key}
      deps: ["data/material/${key}"]
      params: [seed, scenes, "synthesize.${key}"]
      outs: ["data/synthetic/${key}"]
"""
AMOUNTS = {
    "command_clips": 3,
    "unknown_clips": 12,
    "running_clips": 3,
    "silence_clips": 14,
    "voices": 4,
}


def values(**changes: Any) -> dict[str, Any]:
    """A small corpus as params.yaml would name it."""
    acoustics = {
        "rate_wpm": [120.0, 220.0],
        "pitch": [25.0, 75.0],
        "pitch_range": [20.0, 80.0],
        "tract_scale": [0.9, 1.1],
        "rt60_ms": [100.0, 600.0],
        "direct_to_reverberant_db": [0.0, 15.0],
        "high_pass_hz": [40.0, 250.0],
        "low_pass_hz": [3500.0, 7600.0],
        "tilt_db": [-6.0, 6.0],
        "peak_hz": [800.0, 5000.0],
        "peak_db": [-4.0, 6.0],
        "snr_db": [5.0, 25.0],
        "babble_snr_db": [10.0, 25.0],
        "gain_db": [-8.0, 8.0],
        "clipping_probability": 0.15,
        "clipping_knee": [0.2, 0.7],
    }
    return {
        "commands": ["stop", "unlock"],
        "sound_alikes": ["step", "top", "shop", "luck", "lock"],
        "sound_alike_share": 0.3,
        "unseen_share": 0.2,
        "longest_word_ms": 850,
        "speech_rms": 0.05,
        "acoustics": acoustics,
        **dict.fromkeys(NAMES, AMOUNTS),
        **changes,
    }


def params(**changes: Any) -> Params:
    return stage.checked(Params, values(**changes), "params.yaml: synthesize.voice")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small corpus, made by one worker."""
    folder = tmp_path_factory.mktemp("made") / "voice"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PALISADE_WORKERS", "1")
        corpus.synthesize(params(), seed=SEED, folder=folder)
    return folder


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


def test_two_workers_and_another_run_give_the_same_bytes(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALISADE_WORKERS", "2")
    corpus.synthesize(params(), seed=SEED, folder=tmp_path / "again")
    assert contents(tmp_path / "again") == contents(made)


def test_each_clip_is_one_second_at_16_khz_mono_16_bits(made: Path) -> None:
    for path in made.glob("*/*.flac"):
        about = soundfile.info(path)
        assert (about.frames, about.samplerate, about.channels) == (16000, 16000, 1), path
        assert (about.format, about.subtype) == ("FLAC", "PCM_16"), path


def test_manifest_and_folders_name_the_same_clips(made: Path, rows: list[dict[str, str]]) -> None:
    paths = [row["path"] for row in rows]
    assert paths == sorted(paths)
    assert set(paths) == {p.relative_to(made).as_posix() for p in made.glob("*/*.flac")}
    per_split = AMOUNTS["command_clips"] + sum(AMOUNTS.values()) - AMOUNTS["voices"]
    assert len(paths) == 4 * per_split
    for row in rows:
        assert row["path"].startswith(f"{row['label']}/{row['speaker']}_nohash_")
        assert row["text"] == row["label"] or row["label"] in (UNKNOWN, SILENCE)


def test_lists_name_the_splits_of_the_manifest(made: Path, rows: list[dict[str, str]]) -> None:
    listed: dict[str, str] = {}
    for split, name in corpus.LISTS.items():
        lines = (made / name).read_text().splitlines()
        assert lines == sorted(lines)
        listed |= dict.fromkeys(lines, split)
    assert {row["path"]: row["split"] for row in rows if row["split"] != "train"} == listed


def test_no_voice_is_heard_in_two_splits_nor_in_their_babble(rows: list[dict[str, str]]) -> None:
    heard: dict[str, set[str]] = defaultdict(set)
    speakers: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for voice in (row["voice"], *row["babble_voices"].split("|")):
            heard[voice].add(row["split"])
        speakers[row["speaker"]].add(row["split"])
    del heard[""]
    assert any(row["babble_voices"] for row in rows)
    assert max(map(len, heard.values())) == 1
    assert max(map(len, speakers.values())) == 1


def test_babble_is_of_other_voices_than_the_speakers(rows: list[dict[str, str]]) -> None:
    for row in rows:
        assert row["voice"] not in row["babble_voices"].split("|") or not row["voice"]


def test_unseen_words_are_said_in_the_test_split_alone(rows: list[dict[str, str]]) -> None:
    unseen = {row["text"] for row in rows if row["unseen"] == "1"}
    assert unseen
    assert {row["split"] for row in rows if row["text"] in unseen} == {"test"}


def test_each_word_lies_within_its_clip_well_above_the_noise_before_it(
    made: Path, rows: list[dict[str, str]]
) -> None:
    louder_db = []
    for row in (row for row in rows if row["text"] and row["running"] == "0"):
        begin_ms, word_ms = float(row["onset_ms"]), float(row["word_ms"])
        assert 100 < word_ms <= 850
        assert 0 <= begin_ms <= 1000 - word_ms
        x, _ = soundfile.read(made / row["path"])
        begin, end = (round(16 * ms) for ms in (begin_ms, begin_ms + word_ms))
        if begin > 800:  # 50 ms of background before the word
            ratio = np.mean(x[begin:end] ** 2) / np.mean(x[:begin] ** 2)
            louder_db.append(10 * np.log10(ratio))
            assert louder_db[-1] > 2, row
    assert np.median(louder_db) > 12


def test_running_speech_fills_its_clips_and_says_no_command(
    made: Path, rows: list[dict[str, str]]
) -> None:
    running = [row for row in rows if row["running"] == "1"]
    assert len(running) == 4 * AMOUNTS["running_clips"]
    for row in running:
        assert row["label"] == UNKNOWN
        assert len(row["text"].split()) > 2
        assert not {"stop", "unlock"} & set(row["text"].strip(".?").replace(",", "").split())
        begin_ms, said_ms = float(row["onset_ms"]), float(row["word_ms"])
        assert begin_ms <= 0 <= begin_ms + said_ms - 1000
        x, _ = soundfile.read(made / row["path"])
        level = np.sqrt(np.mean(np.square(x.reshape(4, -1)), axis=1))
        assert level.min() > 0.1 * level.max(), row["path"]


def test_prepare_reads_the_corpus(made: Path) -> None:
    found = reader.scan(made, _prepare_params())
    assert not found.left_out
    assert not found.conflicting
    assert {recording.label for recording in found.recordings} == {
        "stop", "unlock", UNKNOWN, SILENCE,
    }  # fmt: skip
    with (made / "manifest.csv").open(newline="") as file:
        split = {row["path"]: row["split"] for row in csv.DictReader(file)}
    assert {recording.id: recording.split for recording in found.recordings} == split


def _prepare_params() -> reader.Params:
    fields = reader.Params.model_fields
    known: dict[str, Any] = {
        "commands": ["stop", "unlock"],
        "sample_rate_hz": 16000,
        "clip_ms": 1000,
        "shortest_ms": 200,
    }
    return reader.Params.model_construct(
        **{name: known.get(name, 0) for name in fields}  # lists name every split, so shares rest
    )


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(
    ("loader", "reason"),
    [
        ("def get_library_path(): return '/nowhere/libespeak-ng.so'", "/nowhere/libespeak-ng.so"),
        ("def get_library_path(): import os; os.kill(os.getpid(), 9)", "status -9"),
    ],
    ids=["missing", "killed"],
)
def test_a_failing_synthesizer_is_one_clear_line_and_leaves_nothing(
    loader: str, reason: str, workers: str, tmp_path: Path
) -> None:
    fake = tmp_path / "fake"
    fake.mkdir()
    (fake / "espeakng_loader.py").write_text(f"{loader}\ndef get_data_path(): return '/nowhere'\n")
    environment = {**os.environ, "PYTHONPATH": str(fake), "PALISADE_WORKERS": workers}
    (tmp_path / "data/material/voice").mkdir(parents=True)
    split = dict.fromkeys(KINDS, 0) | {"visitor_unlocks": 1}
    scenes = {"window_s": 3.0, "calibration": split, "test": split}
    tree = {"seed": SEED, "tasks": {"voice": {}}, "scenes": scenes}
    (tmp_path / "params.yaml").write_text(json.dumps({**tree, "synthesize": {"voice": values()}}))
    (tmp_path / "dvc.yaml").write_text(DAG)
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{RUN}", "voice"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: the speech synthesiser espeak-ng failed"), done.stderr
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
    assert os.listdir(tmp_path / "data" / "synthetic") == []


def test_a_word_too_long_for_a_clip_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALISADE_WORKERS", "1")
    long = "antidisestablishmentarianism and so on and so forth"
    with pytest.raises(PalisadeError, match=f"'{long}' takes longer than 850 ms"):
        corpus.synthesize(params(commands=[long]), seed=SEED, folder=tmp_path / "data" / "voice")
    assert os.listdir(tmp_path / "data") == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"commands": []}, r"synthesize\.voice\.commands is \[\]"),
        ({"train": {**AMOUNTS, "command_clips": 0}}, r"train\.command_clips is 0"),
        ({"test": {**AMOUNTS, "silence_clips": 0}}, r"test\.silence_clips is 0"),
        ({"commands": ["stop", "stop"]}, "name each command once"),
        ({"commands": ["stop", "../x"]}, r"commands\.1 is '\.\./x'"),
        ({"sound_alikes": ["stop"]}, "stop is a command and a sound-alike"),
        ({"sound_alikes": []}, "set sound_alike_share to 0"),
        ({"commands": list(ORDINARY)}, "no ordinary word is left"),
        ({"speech_rms": float("nan")}, "speech_rms is nan"),
        ({"loudness": 3}, "loudness is unknown"),
    ],
)
def test_bad_params_are_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(PalisadeError, match=message):
        params(**changes)


def test_a_range_is_written_lower_bound_first() -> None:
    acoustics = {**values()["acoustics"], "snr_db": [25.0, 5.0]}
    with pytest.raises(PalisadeError, match=r"acoustics\.snr_db .* lower bound first"):
        params(acoustics=acoustics)


def test_more_voices_than_there_are_is_refused(tmp_path: Path) -> None:
    many = params(train={**AMOUNTS, "voices": 500})
    with pytest.raises(PalisadeError, match="512 voices over all splits: there are"):
        corpus.synthesize(many, seed=SEED, folder=tmp_path / "voice")
    assert os.listdir(tmp_path) == []
