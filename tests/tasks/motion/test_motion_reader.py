"""What is found in CSV files of traces, and what is said about files that hold none."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade import preparation, stage
from palisade.errors import PalisadeError
from palisade.splits import NAMES, Split
from palisade.tasks.motion.recordings import reader
from palisade.tasks.motion.recordings.reader import Params
from palisade.tasks.motion.samples import columns

SAMPLES = 8
VALUES: dict[str, Any] = {
    "classes": ["nothing", "person"],
    "positive": "person",
    "channels": ["acc_x", "pir"],
    "samples": SAMPLES,
    "first_sample": 0,
    "label_column": "label",
    "group_column": "home",
    "group_rows": 3,
    "split_column": "split",
    "plausible": [[-2000.0, 2000.0], [0.0, 4095.0]],
    "most_bad_percent": 20.0,
    "validation_percent": 10.0,
    "test_percent": 10.0,
    "calibration_percent": 10.0,
    "least_per_class": 1,
    "simple_accuracy_limit": 0.75,
}
HEADER = ["home", "label", "split", *columns.names(["acc_x", "pir"], SAMPLES)]


def params(**changes: Any) -> Params:
    return stage.checked(Params, {**VALUES, **changes}, "params.yaml: prepare.motion")


PARAMS = params()
PIRVISION = params(
    classes=["0", "3"],
    positive="3",
    channels=["PIR"],
    first_sample=1,
    label_column="Label",
    group_column="",
    split_column="",
    plausible=[[0.0, 60000.0]],
)


@pytest.fixture(autouse=True)
def _one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALISADE_WORKERS", "1")


def trace(seed: int, channels: int = 2) -> NDArray[np.int64]:
    return np.random.default_rng(seed).integers(100, 1000, channels * SAMPLES)


def table(rows: Sequence[Sequence[object]], header: Sequence[str] = HEADER) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


def rows(homes: int = 4, labels: Sequence[str] = ("nothing", "person")) -> list[list[object]]:
    """Two traces of each label in each of so many homes, one home a split."""
    return [
        [f"home{home}", label, NAMES[home % 4], *trace(100 * home + 10 * place + n)]
        for home in range(homes)
        for place, label in enumerate(labels)
        for n in range(2)
    ]


def written(folder: Path, text: str, name: str = "a.csv") -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder


def reasons(folder: Path, setting: Params = PARAMS) -> dict[str, str]:
    return {one.id: one.reason for one in reader.scan(folder, setting).left_out}


def test_a_table_becomes_four_splits_that_share_no_home(tmp_path: Path) -> None:
    prepared = preparation.prepare(reader, written(tmp_path, table(rows())), PARAMS)
    homes = {name: set(prepared.splits[name].groups) for name in NAMES}
    assert homes == {name: {f"home{n}"} for n, name in enumerate(NAMES)}
    train = prepared.splits["train"]
    assert train.x.shape == (4, SAMPLES, 2)
    assert train.x.dtype == np.int32
    # The first row, on the file's second line: a channel's samples run down, channels across.
    mine = train.x[list(train.ids).index("a.csv:2")]
    assert np.array_equal(mine.T, trace(0).reshape(2, SAMPLES))
    assert sum(prepared.left_out.values()) == 0


def test_the_order_of_columns_and_others_between_them_do_not_matter(tmp_path: Path) -> None:
    mixed = ["notes", *HEADER[::-1], "acc_y_0"]
    turned = [["said, so", *row[::-1], "9"] for row in rows()]
    plain = preparation.prepare(reader, written(tmp_path / "a", table(rows())), PARAMS)
    other = preparation.prepare(reader, written(tmp_path / "b", table(turned, mixed)), PARAMS)
    for name in NAMES:
        assert np.array_equal(plain.splits[name].x, other.splits[name].x)


def test_files_in_folders_and_gzipped_ones_are_read_and_scenes_are_not(tmp_path: Path) -> None:
    written(tmp_path, table(rows()[:8]), "deep/er/a.csv")
    (tmp_path / "B.CSV.GZ").write_bytes(gzip.compress(table(rows()[8:]).encode()))
    for name in ("_scenes_/x.csv", ".hidden/x.csv", "manifest.csv", "README.md"):
        written(tmp_path, "no table", name)
    written(tmp_path, "no table", "deep/notes.txt")
    found = reader.scan(tmp_path, PARAMS)
    assert len(found.recordings) == 16
    assert {one.id.split(":")[0] for one in found.recordings} == {"deep/er/a.csv", "B.CSV.GZ"}
    assert [(one.id, one.reason) for one in found.left_out] == [("deep/notes.txt", "wrong_type")]


def test_missing_columns_are_named_with_those_that_are_there(tmp_path: Path) -> None:
    short = [row[:-2] for row in rows()]
    with pytest.raises(PalisadeError, match=r"a\.csv has no column pir_6, pir_7 \(2 of 16") as said:
        reader.scan(written(tmp_path, table(short, HEADER[:-2])), PARAMS)
    assert "its columns are home, label, split" in str(said.value)
    with pytest.raises(PalisadeError, match="no column flat, fold"):
        reader.scan(tmp_path, params(group_column="flat", split_column="fold"))


@pytest.mark.parametrize("cell", ["n/a", "", "nan", "inf"])
def test_a_cell_that_is_no_number_leaves_its_row_out(tmp_path: Path, cell: str) -> None:
    several = rows()
    several[3][5] = cell
    found = reader.scan(written(tmp_path, table(several)), PARAMS)
    assert [(one.id, one.reason) for one in found.left_out] == [("a.csv:5", "not_a_number")]
    assert len(found.recordings) == 15


def test_rows_that_are_no_traces_are_counted_by_reason(tmp_path: Path) -> None:
    several = rows(homes=40)
    several[0][4] = "3000"  # beyond the accelerometer's range
    several[1][3] = "1e12"  # beyond int32
    several[2][3:] = [7] * (2 * SAMPLES)
    several[3] = several[3][:10]
    several[4][1] = "ghost"
    several[5][0] = " "
    assert reasons(written(tmp_path, table(several))) == {
        "a.csv:2": "out_of_range",
        "a.csv:3": "out_of_range",
        "a.csv:4": "constant",
        "a.csv:5": "not_a_number",
        "a.csv:6": "other_label",
        "a.csv:7": "no_home",
    }
    assert set(reasons(tmp_path).values()) < set(reader.REASONS)


def test_too_many_bad_rows_stop_and_the_first_is_named(tmp_path: Path) -> None:
    """Text in a whole column is another table, not a few bad rows."""
    several = [[*row[:-1], "warm"] for row in rows()]
    with pytest.raises(PalisadeError, match=r"100 % of the rows are bad, the first a\.csv:2 \(not"):
        reader.scan(written(tmp_path, table(several)), PARAMS)


def test_a_channel_that_never_changes_is_named(tmp_path: Path) -> None:
    several = [[*row[: 3 + SAMPLES], *[2048] * SAMPLES] for row in rows()]
    with pytest.raises(PalisadeError, match="channel pir never changes within a row"):
        reader.scan(written(tmp_path, table(several)), PARAMS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"a\.csv is empty"),
        ("\n\n", r"a\.csv is empty"),
        (table([]), "has no rows in CSV files"),
    ],
)
def test_empty_files_are_told(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PalisadeError, match=message):
        reader.scan(written(tmp_path, text), PARAMS)


def test_a_folder_that_is_missing_or_holds_no_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(PalisadeError, match=r"no folder .*nowhere"):
        reader.scan(tmp_path / "nowhere", PARAMS)
    with pytest.raises(PalisadeError, match="has no rows in CSV files"):
        reader.scan(tmp_path, PARAMS)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"\xff\xfe\x00"),
        ("a.csv.gz", b"plain"),
        ("a.csv.gz", gzip.compress(b"ab", mtime=0)[:-5]),
    ],
)
def test_a_file_that_is_no_text_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PalisadeError, match=rf"{name} is not CSV in UTF-8"):
        reader.scan(tmp_path, PARAMS)


def test_one_class_only_is_told(tmp_path: Path) -> None:
    folder = written(tmp_path, table(rows(labels=("person",))))
    with pytest.raises(PalisadeError, match=r"class nothing has 0 home\(s\)"):
        preparation.prepare(reader, folder, PARAMS)


def test_a_row_that_ends_before_its_label_is_left_out(tmp_path: Path) -> None:
    several = [[*row[3:], *row[:3]] for row in rows()]
    several[2] = several[2][:-1]
    found = reader.scan(written(tmp_path, table(several, HEADER[3:] + HEADER[:3])), PARAMS)
    assert [(one.id, one.reason) for one in found.left_out] == [("a.csv:4", "not_a_number")]


def test_a_head_that_is_not_csv_is_one_short_line(tmp_path: Path) -> None:
    written(tmp_path, "x" * (2 << 20) + "\n1\n")
    with pytest.raises(PalisadeError, match=r"a\.csv is not CSV, at line 1"):
        reader.scan(tmp_path, PARAMS)
    written(tmp_path, table(rows()).replace(",", ";"))
    with pytest.raises(PalisadeError, match="with commas between columns") as caught:
        reader.scan(tmp_path, PARAMS)
    assert len(str(caught.value)) < 400


def test_a_split_that_there_is_not_is_named_with_its_line(tmp_path: Path) -> None:
    several = rows()
    several[1][2] = "holdout"
    with pytest.raises(PalisadeError, match=r"a\.csv, line 3: split is 'holdout'"):
        reader.scan(written(tmp_path, table(several)), PARAMS)


def test_a_home_in_two_splits_is_reported_and_kept_together(tmp_path: Path) -> None:
    several = rows()
    several[0][2] = "test"  # the rest of its home is in train
    found = reader.scan(written(tmp_path, table(several)), PARAMS)
    assert found.conflicting == ("home0",)
    assert {one.split for one in found.recordings if one.group == "home0"} == {"test"}


def pirvision(count: int) -> str:
    """Its layout: one PIR whose samples count from 1, and a temperature that leaks the label."""
    header = ["Date", "Time", "Label", "Temperature_F", *(f"PIR_{n}" for n in range(1, 9))]
    several = [
        ["2024-08-08", "19:19:56", label, "0" if label == "3" else "86", *trace(n, 1)]
        for n, label in ((n, "03"[n % 2]) for n in range(count))
    ]
    return table(several, header)


def test_pirvisions_layout_is_read_by_params_alone_and_its_leak_is_not(tmp_path: Path) -> None:
    folder = written(tmp_path, pirvision(12))
    found = reader.scan(folder, PIRVISION)
    first = reader.decode(found.recordings[0], PIRVISION)
    assert np.array_equal(first[:, 0], trace(0, 1))
    assert [one.label for one in found.recordings[:2]] == ["0", "3"]
    same = written(tmp_path / "b", pirvision(12).replace(",86,", ",0,"))
    other = reader.scan(same, PIRVISION)
    for one, two in zip(found.recordings, other.recordings, strict=True):
        assert np.array_equal(reader.decode(one, PIRVISION), reader.decode(two, PIRVISION))


def test_consecutive_rows_are_one_group_where_no_column_names_homes(tmp_path: Path) -> None:
    found = reader.scan(written(tmp_path, pirvision(7)), PIRVISION)
    blocks = [one.group.split(":block")[1] for one in found.recordings]
    assert blocks == ["0", "0", "0", "1", "1", "1", "2"]


def test_a_spike_beyond_the_converter_leaves_its_row_out(tmp_path: Path) -> None:
    text = pirvision(12).splitlines()
    text[4] = text[4].rsplit(",", 1)[0] + ",93000000"
    assert reasons(written(tmp_path, "\n".join(text)), PIRVISION) == {"a.csv:5": "out_of_range"}


def event(values: NDArray[np.int64]) -> str:
    """One row of ``[channels, samples]``."""
    names = columns.names(["acc_x", "pir"], values.shape[1])
    return table([["person", *values.ravel()]], ["label", *names])


def test_an_event_is_cut_into_whole_windows(tmp_path: Path) -> None:
    values = np.random.default_rng(4).integers(0, 999, (2, 2 * SAMPLES + 3))
    path = written(tmp_path, event(values)) / "a.csv"
    windows = reader.decode_scene(path, PARAMS)
    assert windows.shape == (2, SAMPLES, 2)
    assert np.array_equal(windows[1].T, values[:, SAMPLES : 2 * SAMPLES])


def test_events_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    values = np.full((2, SAMPLES), 5)
    for text, message in (
        (event(values[:, :5]), "has no column acc_x_5"),
        (event(values + 9000), r"unusable \(out_of_range\)"),
        (event(values).replace(",5,", ",x,"), r"unusable \(not_a_number\)"),
        (event(values) + "person\n", "has 2 rows"),
    ):
        with pytest.raises(PalisadeError, match=message):
            reader.decode_scene(written(tmp_path, text) / "a.csv", PARAMS)


def drawn(positive: NDArray[np.bool_], seed: int) -> Split:
    """Noise, stronger on one channel where ``positive``."""
    draw = np.random.default_rng(seed)
    x = draw.normal(0, 20, (len(positive), 50, 2))
    x[positive, :, 1] *= 3
    names = np.array([str(n) for n in range(len(positive))])
    return Split(x.astype(np.int32), positive.astype(np.int64), names, names, ("nothing", "person"))


def test_hardness_tells_easy_data_from_hard() -> None:
    half = np.arange(120) % 4 == 0
    train, test = drawn(half, 1), drawn(half, 2)
    assert reader.hardness(train, test, PARAMS) > 0.98
    hidden = np.random.default_rng(0).permutation(half)
    unrelated = Split(test.x, hidden.astype(np.int64), test.ids, test.groups, test.labels)
    assert reader.hardness(train, unrelated, PARAMS) < 0.65


def test_hardness_does_not_gain_from_a_class_that_is_rare() -> None:
    """To call everything nothing is right 19 times of 20, and worth no more than chance."""
    rare = np.arange(400) % 20 == 0
    same = np.zeros(400, bool)
    x = drawn(same, 3)
    split = Split(x.x, rare.astype(np.int64), x.ids, x.groups, x.labels)
    assert reader.hardness(split, split, PARAMS) < 0.75


def test_facts_are_the_median_swing_of_each_channel() -> None:
    x = np.zeros((3, SAMPLES, 2), np.int32)
    x[:, 2] = [[10, 1], [30, 2], [20, 3]]
    names = np.array(["a", "b", "c"])
    split = Split(x, np.zeros(3, np.int64), names, names, ("nothing", "person"))
    assert reader.facts(split, PARAMS) == {"acc_x_swing_median": 20.0, "pir_swing_median": 2.0}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"classes": ["person", "person"]}, "name each once"),
        ({"positive": "ghost"}, "positive must be one of classes"),
        ({"plausible": [[0.0, 1.0]]}, "plausible needs two bounds a channel"),
        ({"plausible": [[0.0, 1.0], [1.0, 0.0]]}, "bounds lower first"),
        ({"first_sample": 2}, "first_sample is 2"),
    ],
)
def test_impossible_params_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(PalisadeError, match=message):
        params(**changes)


def test_labels_are_the_classes_in_the_order_of_the_params() -> None:
    assert reader.labels(params(classes=["person", "nothing"])) == ("person", "nothing")


DATA = Path(__file__).parents[3].parent / "shared" / "data" / "sensor" / "pirvision"


@pytest.mark.skipif(not DATA.is_dir(), reason="the public rows are not here")
def test_real_rows_are_read_by_params_alone() -> None:
    real = params(**{**PIRVISION.model_dump(), "classes": ["0", "1", "3"], "samples": 55})
    found = reader.scan(DATA, real)
    assert len(found.recordings) > 5000
    assert {one.label for one in found.recordings} == {"0", "1", "3"}
    left = [one for one in found.left_out if one.reason != "wrong_type"]
    assert {one.reason for one in left} == {"out_of_range"}
    assert len(left) == 17
