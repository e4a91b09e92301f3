"""What a device logs, and what is read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from palisade.errors import PalisadeError
from palisade.monitoring import log, reading
from palisade.monitoring.reading import Log
from tests.monitoring import field

INT32 = st.integers(-(2**31), 2**31 - 1)
ROW = f"[{field.DAY},0,3,0,30,0,1024,0,8192]"
FAULT = f"[{field.DAY},255,0,20,0,0,0,0,0]"
HEAD = log.text(field.HEADER, []).strip()


@given(st.lists(INT32, min_size=1, max_size=20))
def test_coarse_scores_keep_their_order_and_five_bits(values: list[int]) -> None:
    fine = np.sort(np.array(values))
    kept = log.coarse(fine)
    assert np.all(np.diff(kept) >= 0) and np.array_equal(log.coarse(kept), kept)
    assert np.all(np.abs(kept) <= np.abs(fine))
    assert np.all(np.abs(fine - kept) * 16 <= np.abs(fine))
    assert all(f"{abs(one):b}".rstrip("0").__len__() <= log.KEPT_BITS for one in kept.tolist())


def test_a_log_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    found = field.judgement(50, 2)
    path = field.write(tmp_path / "log.jsonl", found)
    back = reading.read(path, today=field.DAY)
    assert back.header == field.HEADER and len(back) == 50
    assert np.array_equal(back.scores, log.coarse(found.scores))
    assert np.array_equal(back.label, found.label)
    assert np.array_equal(back.rejected, found.rejected > 0)


def test_a_line_holds_a_day_and_few_bits_and_nothing_else(tmp_path: Path) -> None:
    path = field.write(tmp_path / "log.jsonl", field.judgement(50, 2))
    head, *lines = path.read_text().splitlines()
    assert set(log.Header.model_validate_json(head).model_dump()) == {
        "format", "task", "model", "guard", "device", "firmware", "labels",
    }  # fmt: skip
    assert all(line.startswith(f"[{field.DAY},") and line.count(",") == 8 for line in lines)


def test_a_keeper_takes_as_many_of_a_busy_day_as_of_any_each_alike() -> None:
    times = np.zeros(1000)
    for seed in range(100):
        keeper = log.Keeper(np.random.default_rng(seed))
        for at in range(1000):
            assert not list(keeper.add((7, at)))
        kept = [row[1] for row in keeper.add((8, 0))]
        assert len(kept) == len(set(kept)) == log.MOST_A_DAY and kept != sorted(kept)
        times[kept] += 1
    first, last = times[:500].sum(), times[500:].sum()
    assert abs(first - last) < 4 * np.sqrt(first + last)  # no half of the day is preferred
    assert keeper.close() == [(8, 0)] and keeper.close() == []


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "line 1: there is no header"),
        (["{}"], "line 1.task is missing"),
        (["nonsense"], "line 1: it is no header"),
        ([HEAD.replace("voice", "../voice"), ROW], "line 1.task is '../voice'"),
        ([HEAD.replace("log/1", "log/2"), ROW], "line 1.format is 'palisade-log/2'"),
        ([HEAD.replace('"task"', '"sound":1,"task"'), ROW], "line 1.sound is unknown"),
        ([HEAD.replace('"task"', '"task":"x","task"'), ROW], "line 1: it is no header"),
        ([HEAD], "holds 0 answers"),
        ([HEAD, ROW, ""], "line 3: it cannot be read"),
        ([HEAD, ROW[:-3]], "line 2: it cannot be read"),
        ([HEAD, ROW.replace("30", "NaN")], "line 2: it cannot be read"),
        ([HEAD, ROW, ROW.replace("30", "30.0")], "line 3: it holds something other"),
        ([HEAD, ROW.replace("30", "true")], "line 2: it holds something other"),
        ([HEAD, ROW.replace("30", '"30"')], "line 2: it holds something other"),
        ([HEAD, ROW[:-1] + ",5]"], "line 2: it is not an array of 9"),
        ([HEAD, "[" * 150], "line 2: it cannot be read"),
        ([HEAD, "[" + " " * 300 + ROW[1:]], "line 2: it cannot be read (it is longer"),
        ([HEAD, ROW.replace(",0,3,", ",3,3,")], "line 2: label is 3, and the model has 3"),
        ([HEAD, ROW.replace(",0,3,", ",-1,3,")], "line 2: label is -1"),
        ([HEAD, ROW.replace(",0,3,", ",0,4,")], "line 2: decision is 4"),
        ([HEAD, ROW.replace(",3,0,", ",3,21,")], "line 2: reason is 21"),
        ([HEAD, FAULT.replace(",255,", ",0,")], "line 2: label 0 does not go with decision 0"),
        ([HEAD, ROW.replace("1024", str(2**31))], "takes more than 32 bits"),
        ([HEAD, ROW, ROW.replace("1024", "1025")], "line 3: autoencoder is finer than a log"),
        ([HEAD, ROW.replace("20000", "-1")], "line 2: day is -1"),
        ([HEAD, ROW, ROW.replace("20000", "20011")], "line 3: day 20011 is in the future"),
        ([HEAD, ROW, ROW.replace("20000", "19999")], "line 3: its day is before that"),
        ([HEAD, ROW.replace("20000", "19900"), ROW], "spans 101 days"),
    ],
)
def test_a_wrong_log_is_refused_in_one_line(tmp_path: Path, lines: list[str], said: str) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines))
    with pytest.raises(PalisadeError) as refused:
        reading.read(path, today=field.DAY + 9)
    assert said in str(refused.value) and "\n" not in str(refused.value)
    assert len(str(refused.value)) < 500 and "log.jsonl" in str(refused.value)


def test_what_is_no_file_or_no_text_or_endless_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    for content, said in (
        (None, "cannot be read: No such file"),
        (f"{HEAD}\n{ROW}".encode(), "line 2: it is cut off"),
        (f"{HEAD}\n".encode() + b"\xff\xfe\n", "line 2: it cannot be read"),
        (b"x" * (reading.MOST_BYTES + 1), "larger than"),
        (f"{HEAD}\n".encode() + b"1\n" * (reading.MOST_EVENTS + 1), "a log holds 1 to 50000"),
        (b"{" + b" " * reading.LONGEST_HEADER + b"}\n", "line 1: it is longer than"),
    ):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(PalisadeError, match=said):
            reading.read(path, today=field.DAY)
    with pytest.raises(PalisadeError, match="plain file"):
        reading.read(tmp_path, today=field.DAY)


def test_a_fault_is_a_line_too(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(f"{HEAD}\n{ROW}\n{FAULT}\n")
    assert reading.read(path, today=field.DAY).faults.tolist() == [False, True]


def test_logs_are_taken_apart_and_joined(known: Log) -> None:
    again = known.take(slice(None, 100)).then(known.take(np.arange(len(known)) >= 100))
    assert len(again) == len(known) and np.array_equal(again.scores, known.scores)
