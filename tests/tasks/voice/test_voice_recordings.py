"""What is found in a folder of spoken commands."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from pydantic import ValidationError

from palisade.corpus import Found
from palisade.errors import PalisadeError
from palisade.splits import Split
from palisade.tasks.voice.recordings import background
from palisade.tasks.voice.recordings import reader as recordings
from palisade.tasks.voice.recordings.reader import Params

VALUES = {
    "commands": ["bed", "cat"],
    "sample_rate_hz": 16000,
    "clip_ms": 1000,
    "shortest_ms": 400,
    "silence_clips": 100,
    "silence_guard_ms": 1000,
    "validation_percent": 10.0,
    "test_percent": 10.0,
    "calibration_percent": 10.0,
    "least_per_class": 1,
    "simple_accuracy_limit": 0.6,
}
PARAMS = Params.model_validate(VALUES)


def corpus(folder: Path, files: Iterable[str]) -> Path:
    """Empty files: what is found depends on names alone."""
    for name in ("bed", "cat"):
        (folder / name).mkdir(exist_ok=True)
    for name in files:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    return folder


def labels_of(found: Found) -> dict[str, str]:
    return {one.id: one.label for one in found.recordings}


def test_folders_that_are_no_command_count_as_unknown_and_silence_as_itself(
    tmp_path: Path,
) -> None:
    files = [
        "cat/a_nohash_0.wav",
        "seven/a_nohash_0.ogg",
        "_unknown_/b_0.flac",
        "_silence_/c_1.wav",
    ]
    assert labels_of(recordings.scan(corpus(tmp_path, files), PARAMS)) == {
        "cat/a_nohash_0.wav": "cat",
        "seven/a_nohash_0.ogg": "_unknown_",
        "_unknown_/b_0.flac": "_unknown_",
        "_silence_/c_1.wav": "_silence_",
    }


def test_labels_are_the_commands_in_order_then_unknown_then_silence() -> None:
    assert recordings.labels(PARAMS) == ("bed", "cat", "_unknown_", "_silence_")


@pytest.mark.parametrize(
    ("stem", "speaker"),
    [("0a7c_nohash_3", "0a7c"), ("ann_lee_nohash_0", "ann_lee"), ("ann_3", "ann"), ("ann", "ann")],
)
def test_speaker_is_read_from_the_file_name(stem: str, speaker: str) -> None:
    assert recordings.speaker_of(stem) == speaker


def test_other_files_are_reported_and_hidden_ones_passed_over(tmp_path: Path) -> None:
    files = ["bed/a_nohash_0.wav", "bed/notes.txt", "bed/.DS_Store", ".git/x_nohash_0.wav"]
    (tmp_path / "README.md").touch()
    found = recordings.scan(corpus(tmp_path, files), PARAMS)
    assert [one.id for one in found.recordings] == ["bed/a_nohash_0.wav"]
    assert [(one.id, one.reason) for one in found.left_out] == [("bed/notes.txt", "wrong_type")]


def test_upper_case_endings_are_sounds_too(tmp_path: Path) -> None:
    found = recordings.scan(corpus(tmp_path, ["bed/a_nohash_0.WAV"]), PARAMS)
    assert len(found.recordings) == 1


def test_speakers_in_two_lists_are_reported_if_they_are_in_the_corpus(tmp_path: Path) -> None:
    corpus(tmp_path, ["bed/a_nohash_0.flac", "cat/a_nohash_1.flac"])
    for name in ("testing_list.txt", "validation_list.txt"):
        (tmp_path / name).write_text("bed/a_nohash_0.wav\nbed/elsewhere_nohash_0.wav\n")
    found = recordings.scan(tmp_path, PARAMS)
    assert found.conflicting == ("a",)
    assert {one.split for one in found.recordings} == {"test"}


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(PalisadeError, match=r"no folder .*nowhere"):
        recordings.scan(tmp_path / "nowhere", PARAMS)
    (tmp_path / "bed").mkdir()
    with pytest.raises(PalisadeError, match=r"no folder .*cat"):
        recordings.scan(tmp_path, PARAMS)


@pytest.mark.parametrize("commands", [[], ["bed", "bed"], ["_silence_"]])
def test_impossible_commands_are_refused(commands: list[str]) -> None:
    with pytest.raises(ValidationError):
        Params.model_validate({**VALUES, "commands": commands})


def _noise(folder: Path, seconds: int) -> Path:
    corpus(folder, ["_background_noise_/README.md"])
    soundfile.write(folder / "_background_noise_/rain.wav", np.zeros(8000 * seconds), 8000)
    return folder


def test_long_noises_are_cut_into_clips_that_never_overlap(tmp_path: Path) -> None:
    found = recordings.scan(_noise(tmp_path, 60), PARAMS)
    assert {one.label for one in found.recordings} == {"_silence_"}
    assert {one.split for one in found.recordings} == {"train", "validation", "calibration", "test"}
    starts = [(one.start_ms or 0, one.split) for one in found.recordings]
    assert starts == sorted(starts, key=lambda start: start[0])
    for (before_ms, split), (after_ms, next_split) in pairwise(starts):
        gap_ms = after_ms - before_ms - PARAMS.clip_ms
        assert gap_ms >= (0 if split == next_split else PARAMS.silence_guard_ms)
    assert starts[-1][0] + PARAMS.clip_ms <= 60_000
    assert found.left_out == ()


def test_long_noises_clips_of_two_splits_are_two_groups(tmp_path: Path) -> None:
    found = recordings.scan(_noise(tmp_path, 60), PARAMS)
    assert len({(one.group, one.split) for one in found.recordings}) == 4
    assert len({one.group for one in found.recordings}) == 4


def test_long_noises_are_thinned_evenly_to_the_number_asked_for(tmp_path: Path) -> None:
    params = PARAMS.model_copy(update={"silence_clips": 20})
    found = recordings.scan(_noise(tmp_path, 120), params)
    assert len(found.recordings) == 20
    assert {one.split for one in found.recordings} == {"train", "validation", "calibration", "test"}
    none = PARAMS.model_copy(update={"silence_clips": 0})
    assert recordings.scan(tmp_path, none).recordings == ()


def test_a_noise_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    corpus(tmp_path, ["_background_noise_/hum.wav"])
    found = recordings.scan(tmp_path, PARAMS)
    assert [(one.id, one.reason) for one in found.left_out] == [
        ("_background_noise_/hum.wav", "corrupt")
    ]


def test_blocks_of_a_noise_follow_the_percentages() -> None:
    assert background.blocks(100_000, PARAMS, guard_ms=1000) == [
        ("train", 0, 72_000),
        ("validation", 73_000, 82_000),
        ("calibration", 83_000, 90_000),
        ("test", 91_000, 100_000),
    ]


def test_median_level_is_that_of_the_commands_alone() -> None:
    x = np.array([[3277] * 16, [6554] * 16, [9830] * 16, [32767] * 16], np.int16)
    names = np.array(["a", "b", "c", "d"])
    train = Split(x, np.array([0, 1, 0, 2]), names, names, recordings.labels(PARAMS))
    assert recordings.facts(train, PARAMS)["command_rms_median"] == pytest.approx(0.2, abs=1e-4)


def test_mean_features_of_a_clip_do_not_depend_on_the_others() -> None:
    x = np.random.default_rng(0).integers(-9000, 9000, (3, 16000)).astype(np.int16)
    together = recordings.mean_features(x, PARAMS)
    assert together.shape == (3, 40)
    assert np.array_equal(together[1:2], recordings.mean_features(x[1:2], PARAMS))
    assert np.isfinite(recordings.mean_features(np.zeros_like(x), PARAMS)).all()


DATA = Path(__file__).parents[3].parent / "shared" / "data"


@pytest.mark.skipif(not (DATA / "gsc").is_dir(), reason="the public recordings are not here")
def test_real_speakers_stay_in_one_split_across_both_sets(tmp_path: Path) -> None:
    """The lists cover part of the data, and name files that are not there."""
    for name in ("validation_list.txt", "testing_list.txt"):
        (tmp_path / name).symlink_to(DATA / "gsc30" / name)
    for word in ("bed", "cat"):
        (tmp_path / word).symlink_to(DATA / "gsc" / word)
    for word in ("dog", "zero", "house"):
        (tmp_path / word).symlink_to(DATA / "gsc30" / word)
    found = recordings.scan(tmp_path, PARAMS)
    where: dict[str, set[str]] = {}
    for one in found.recordings:
        where.setdefault(one.group, set()).add(one.split)
    assert all(len(splits) == 1 for splits in where.values())
    assert set().union(*where.values()) == {"train", "validation", "calibration", "test"}
    by_list = {one.group: one.split for one in found.recordings}
    (tmp_path / "validation_list.txt").unlink()
    (tmp_path / "testing_list.txt").unlink()
    by_hash = {one.group: one.split for one in recordings.scan(tmp_path, PARAMS).recordings}
    assert by_hash == by_list, "Speech Commands' lists are what its hash gives"
