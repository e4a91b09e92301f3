"""Which split a recording belongs to."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palisade import partition
from palisade.errors import PalisadeError
from palisade.partition import LISTS, Params, by_hash, read_lists
from palisade.splits import NAMES

PARAMS = Params(validation_percent=10, test_percent=10, calibration_percent=8)


def speaker(path: PurePosixPath) -> str:
    return path.stem.split("_")[0]


def which_set(speaker_id: str) -> str:
    """Speech Commands' rule, as its paper's section 7 states it, at 10 % and 10 %."""
    number = int(hashlib.sha1(speaker_id.encode()).hexdigest(), 16)
    percent = (number % 2**27) * (100.0 / (2**27 - 1))
    return "validation" if percent < 10 else "test" if percent < 20 else "train"


def test_hash_gives_speech_commands_official_validation_and_test() -> None:
    for number in range(500):
        name = f"{number:08x}"
        mine = by_hash(name, PARAMS)
        assert ("train" if mine == "calibration" else mine) == which_set(name)


def test_hash_gives_about_the_percentages_asked_for() -> None:
    drawn = [by_hash(f"speaker{number}", PARAMS) for number in range(20_000)]
    for split, percent in partition.shares_percent(PARAMS).items():
        assert 100 * drawn.count(split) / len(drawn) == pytest.approx(percent, abs=1.0)


def test_a_name_that_is_no_text_is_told() -> None:
    with pytest.raises(PalisadeError, match=r"caf\\udce9.* is not UTF-8: rename the file"):
        by_hash("caf\udce9", PARAMS)


def test_shares_add_up_to_everything() -> None:
    assert sum(partition.shares_percent(PARAMS).values()) == pytest.approx(100)


def test_lists_decide_whatever_the_endings_of_the_files(tmp_path: Path) -> None:
    (tmp_path / LISTS["test"]).write_text("bed/ann_nohash_0.wav\r\n\r\nbed/bob_nohash_1.wav\r\n")
    (tmp_path / LISTS["validation"]).write_text("cat/cy_nohash_0.flac\n")
    split = read_lists(tmp_path, speaker)
    assert [split.split_of(name, PARAMS) for name in ("ann", "bob", "cy")] == [
        "test",
        "test",
        "validation",
    ]


def test_group_may_be_named_after_its_label_too(tmp_path: Path) -> None:
    """``bird/0000`` and ``cat/0000`` are two recordings, of which the list names one."""
    (tmp_path / LISTS["test"]).write_text("bird/0000.jpg\n")
    found = read_lists(tmp_path, lambda path: f"{path.parent.name}/{path.stem}")
    assert found.listed == {"bird/0000": "test"}


def test_calibration_comes_from_train_where_it_has_no_list(tmp_path: Path) -> None:
    (tmp_path / LISTS["test"]).write_text("bed/ann_nohash_0.wav\n")
    (tmp_path / LISTS["validation"]).write_text("bed/bob_nohash_0.wav\n")
    found = read_lists(tmp_path, speaker)
    drawn = [found.split_of(f"speaker{number}", PARAMS) for number in range(5000)]
    assert set(drawn) == {"train", "calibration"}, "a listed split takes nobody else"
    assert 100 * drawn.count("calibration") / len(drawn) == pytest.approx(6.4, abs=1.5)


def test_group_in_two_lists_goes_to_the_first_of_test_calibration_validation(
    tmp_path: Path,
) -> None:
    for name in LISTS.values():
        (tmp_path / name).write_text("bed/ann_nohash_0.wav\n")
    (tmp_path / LISTS["validation"]).write_text("bed/bob_0.wav\nbed/ann_1.wav\nbed/cy_0.wav\n")
    (tmp_path / LISTS["calibration"]).write_text("bed/bob_1.wav\nbed/ann_2.wav\n")
    found = read_lists(tmp_path, speaker)
    assert found.conflicting == {"ann", "bob"}
    assert [found.split_of(name, PARAMS) for name in ("ann", "bob", "cy")] == [
        "test",
        "calibration",
        "validation",
    ]


clips = st.tuples(st.integers(0, 30), st.integers(0, 9)).map(lambda c: f"{c[0]:04x}_nohash_{c[1]}")


@settings(max_examples=60, deadline=None)
@given(
    files=st.lists(clips, min_size=1, max_size=80, unique=True),
    lists=st.dictionaries(st.sampled_from(sorted(LISTS)), st.lists(clips, max_size=30)),
)
def test_no_speaker_is_ever_in_two_splits(files: list[str], lists: dict[str, list[str]]) -> None:
    """Whatever lists there are, partial or contradicting, a speaker's clips stay together."""
    with tempfile.TemporaryDirectory() as folder:
        for split, names in lists.items():
            (Path(folder) / LISTS[split]).write_text("".join(f"bed/{n}.wav\n" for n in names))
        found = read_lists(Path(folder), speaker)
    splits_of: dict[str, set[str]] = {}
    for name in map(PurePosixPath, files):
        splits_of.setdefault(speaker(name), set()).add(found.split_of(speaker(name), PARAMS))
    assert all(len(splits) == 1 for splits in splits_of.values())
    assert set().union(*splits_of.values()) <= set(NAMES)
    listed = {
        split: {speaker(PurePosixPath(name)) for name in names} for split, names in lists.items()
    }
    for name, splits in splits_of.items():
        first = next((s for s in partition.PRECEDENCE if name in listed.get(s, ())), None)
        assert first is None or splits == {first}
