"""``data check``: folders of each task, whole and with what people get wrong."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image
from ruamel.yaml import YAML

from benchmarks.workspace import ROOT
from palisade.commands.main import main
from palisade.stage import read_yaml
from palisade.tables import write_csv

DVC = """
stages:
  prepare:
    foreach: ${tasks}
    do: {cmd: none, params: ["prepare.${key}"]}
"""
SPLITS = {"testing": "01", "validation": "23", "calibration": "45"}
MOTION = ("nothing", "pet", "person", "knock", "tampering", "traffic")
Check = Callable[..., tuple[int, str, str]]


def voice(folder: Path) -> Path:
    """Ten speakers who say three words, one of them no command."""
    draw = np.random.default_rng(1)
    for label in ("bed", "cat", "dog", "_silence_"):
        (folder / label).mkdir(parents=True)
        for speaker in range(10):
            clip = draw.normal(0, 0.1, 8000)
            soundfile.write(folder / label / f"s{speaker}_nohash_0.wav", clip, 16000)
    _lists(folder, "bed/s{}_nohash_0.wav")
    return folder


def vision(folder: Path) -> Path:
    """Ten scenes, each with somebody and without."""
    draw = np.random.default_rng(2)
    for label in ("person", "nobody"):
        (folder / label).mkdir(parents=True)
        for scene in range(10):
            pixels = draw.integers(0, 256, (40, 40), np.uint8)
            Image.fromarray(pixels).save(folder / label / f"s{scene}_nohash_0.png")
    _lists(folder, "person/s{}_nohash_0.png")
    return folder


def motion(folder: Path) -> Path:
    """Eight homes, two in each split, each with two traces of each class."""
    folder.mkdir(parents=True)
    draw = np.random.default_rng(3)
    splits = ("train", "validation", "calibration", "test")
    rows = []
    for home in range(8):
        for label in MOTION * 2:
            trace = draw.integers(-500, 500, (3, 150)), draw.integers(0, 4096, (1, 150))
            names = ("acc_x", "acc_y", "acc_z", "pir")
            values = zip(names, np.concatenate(trace).tolist(), strict=True)
            cells = {f"{name}_{n}": v for name, some in values for n, v in enumerate(some)}
            rows.append({"home": f"h{home}", "label": label, "split": splits[home % 4], **cells})
    write_csv(folder / "traces.csv", rows)
    return folder


def _lists(folder: Path, line: str) -> None:
    for name, members in SPLITS.items():
        (folder / f"{name}_list.txt").write_text("".join(line.format(m) + "\n" for m in members))


CORPORA = {"voice": voice, "vision": vision, "motion": motion}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole folder of each task, and a project that reads them."""
    root = tmp_path_factory.mktemp("data")
    params = read_yaml(ROOT / "tests/smoke/params.yaml")
    params["prepare"]["voice"]["commands"] = ["bed", "cat"]
    kept = {name: params[name] for name in ("tasks", "prepare")}
    YAML().dump(kept, root / "params.yaml")
    (root / "dvc.yaml").write_text(DVC)
    for key, make in CORPORA.items():
        make(root / key)
    return root


@pytest.fixture
def check(made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    monkeypatch.chdir(made)
    monkeypatch.setenv("PALISADE_WORKERS", "1")

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        status = main(["data", "check", *map(str, arguments)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A copy of a task's folder, to spoil."""

    def copy(key: str) -> Path:
        shutil.copytree(made / key, tmp_path / key)
        return tmp_path / key

    return copy


@pytest.mark.parametrize(
    ("key", "row"),
    [
        ("voice", "bed            4           2            2     2        10"),
        ("vision", "person      4           2            2     2      10"),
        ("motion", "knock          4           4            4     4      8"),
    ],
)
def test_a_whole_folder_is_counted(key: str, row: str, check: Check) -> None:
    """Which task it is for shows in its files."""
    status, said, _ = check(key)
    assert status == 0 and f"as prepare@{key} reads it" in said
    assert row in said and "problem" not in said


def spoil_one_speaker(folder: Path) -> None:
    for path in (folder / "bed").glob("s[1-9]*"):
        path.unlink()


def spoil_two_classes(folder: Path) -> None:
    for label in ("bed", "cat"):
        for path in (folder / label).glob("s[45]*"):
            path.unlink()


def spoil_class(folder: Path) -> None:
    shutil.rmtree(folder / "bed")


def spoil_columns(folder: Path) -> None:
    path = folder / "traces.csv"
    path.write_text(path.read_text().replace("acc_x_", "ax", 150))


def spoil_events(folder: Path) -> None:
    (folder / "_scenes_").mkdir()
    rows = [{"scene": "a", "split": "test", "event": "pet", "label": "dragon", "path": "a.png"}]
    write_csv(folder / "_scenes_/scenes.csv", rows)


@pytest.mark.parametrize(
    ("key", "spoil", "said"),
    [
        ("voice", spoil_one_speaker, ["class bed has 1 speaker(s) (s0), too few for 4 splits"]),
        (
            "voice",
            spoil_two_classes,
            [
                "class bed has 0 usable examples in split calibration",
                "class cat has 0 usable examples in split calibration",
            ],
        ),
        ("voice", spoil_class, ["the corpus has no folder"]),
        ("motion", spoil_columns, ["has no column acc_x_0"]),
        ("vision", spoil_events, ["_scenes_: "]),
    ],
)
def test_what_prepare_would_stop_at_is_told_to_the_end(
    key: str,
    spoil: Callable[[Path], None],
    said: list[str],
    check: Check,
    copied: Callable[[str], Path],
) -> None:
    folder = copied(key)
    spoil(folder)
    status, out, error = check(folder, "--task", key)
    assert status == 90 and error.count("\nerror: ") + error.startswith("error: ") == 1
    assert all(one in out + error for one in said)


def test_what_is_often_a_mistake_is_warned_of(check: Check, copied: Callable[[str], Path]) -> None:
    folder = copied("voice")
    draw = np.random.default_rng(4)

    def clip(name: str, samples: int = 8000) -> None:
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        soundfile.write(folder / name, draw.normal(0, 0.1, samples), 16000)

    clip("loose.wav")  # in no class
    clip("cat/kitchen/s9_nohash_7.wav")  # too deep
    clip("Bed/s9_nohash_8.wav")  # another spelling of a class
    for take in range(1, 13):
        clip(f"cat/s9_nohash_{take}.wav")
    for take in range(20, 25):
        clip(f"bed/s9_nohash_{take}.wav", 100)  # shorter than shortest_ms
    with (folder / "testing_list.txt").open("a") as stream:
        stream.write("bed/nobody_nohash_0.wav\n")
    with (folder / "validation_list.txt").open("a") as stream:
        stream.write("bed/s0_nohash_0.wav\n")
    (folder / ".DS_Store.wav").touch()
    status, out, _ = check(folder)
    assert status == 0
    for said in (
        "left out, too_short: 5 (bed/s9_nohash_20.wav, ",
        "warning: 5 of ",
        "warning: 2 files lie where nothing reads them (cat/kitchen/s9_nohash_7.wav, loose.wav)",
        "warning: the folder Bed is not the class bed",
        "warning: lists name 1 files that are not there (bed/nobody_nohash_0.wav)",
        "list.txt, validation_list.txt, moved to one: s0",
        "warning: 13 of 16 training examples of cat are of speaker s9",
    ):
        assert said in out, said
    assert "nothing is wrong" not in out


def test_data_that_is_too_easy_is_warned_of(check: Check, copied: Callable[[str], Path]) -> None:
    folder = copied("vision")
    for path in (folder / "person").iterdir():
        pixels = np.asarray(Image.open(path)) // 8
        Image.fromarray(pixels).save(path)
    status, out, _ = check(folder)
    assert status == 0 and "warning: a simple model is right on 1.00 of test" in out


def test_a_folder_that_shows_no_task_is_one_clear_error(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check(tmp_path)[0] == 1
    assert "give --task voice|vision|motion" in check(tmp_path)[2]
    status, _, said = check(tmp_path / "none")
    assert status == 90 and said.startswith("error: there is no folder")
    status, _, said = check(tmp_path, "--task", "smell")
    assert status == 1 and "there is no task smell: params.yaml has voice, vision, motion" in said
    (tmp_path / "params.yaml").write_text("tasks: [voice]\n")
    monkeypatch.chdir(tmp_path)
    status, _, said = check(tmp_path)
    assert status == 1 and "tasks are not as they should be" in said


def test_no_training_library_is_loaded(made: Path) -> None:
    code = (
        "import sys\nfrom palisade.commands.main import main\n"
        "assert main(['data', 'check', 'motion']) == 0\n"
        "print(sorted({'tensorflow', 'tf_keras'} & set(sys.modules)))\n"
    )
    ended: Any = subprocess.run(
        [sys.executable, "-c", code],
        cwd=made,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "PALISADE_WORKERS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.splitlines()[-1] == "[]"
