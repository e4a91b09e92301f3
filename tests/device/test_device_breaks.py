"""Each of the three forms of one truth, broken in turn: the suite notices.

A copy of the project gets one small fault, and the tests that are to find it run there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.workspace import ROOT

COPIED = ("palisade", "device", "benchmarks", "tests", "pyproject.toml", "params.yaml")


@dataclass(frozen=True)
class Fault:
    """One change of one file, and the test that is to fail for it."""

    file: str
    right: str
    wrong: str
    test: str


TWIN = "tests/test_preprocessing.py::test_forwards_the_twin_is_the_device"
FAULTS = {
    "twin": Fault(
        "palisade/preprocessing.py",
        "tf.math.floordiv(2 * level * span + steps, 2 * steps)",
        "tf.math.floordiv(2 * level * span, 2 * steps)",
        TWIN,
    ),
    "c": Fault(
        "device/src/tree.c",
        "value <= tree->threshold[node]",
        "value < tree->threshold[node]",
        "tests/device/test_device_tree.py::"
        "test_labels_are_those_of_scikit_learn_on_thresholds_and_extremes",
    ),
    "table": Fault(
        "palisade/guard/source.py",
        "else str(limit.threshold)",
        "else str(limit.threshold + 1)",
        "tests/device/test_device_emitted.py::"
        "test_emitted_tables_give_the_verdicts_of_reference_and_cffi",
    ),
}
# The same for further functions.
FURTHER = {
    "twin_median": Fault(
        "palisade/preprocessing.py",
        "return _median_of_3(before, counts, after)",
        "return _median_of_3(before, counts, before)",
        TWIN,
    ),
    "c_median": Fault(
        "device/src/median.c",
        "count - t > channels ? values[t + channels] : here",
        "here",
        "tests/device/test_device_preprocess.py",
    ),
    "c_margin": Fault(
        "device/src/margin.c",
        "if (logits[i] > logits[label])",
        "if (logits[i] >= logits[label])",
        "tests/device/test_device_guard.py",
    ),
    "c_consistency": Fault(
        "device/src/consistency.c",
        "if (same < consistency->needed)",
        "if (same <= consistency->needed)",
        "tests/device/test_device_guard.py",
    ),
    "c_hash": Fault(
        "device/src/sha256.c", "0x428a2f98", "0x428a2f99", "tests/device/test_device_sha256.py"
    ),
    "table_of_the_window": Fault(
        "palisade/device/frontend.py",
        'get_window("hann", params.window) / (2 * INT16_FULL_SCALE)',
        'get_window("hamming", params.window) / (2 * INT16_FULL_SCALE)',
        "tests/device/test_device_frontend.py::"
        "test_cepstra_are_librosas_at_every_length_of_transform",
    ),
}


def suite(folder: Path, tests: list[str]) -> subprocess.CompletedProcess[str]:
    """Run tests of a copy of the project."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *tests],
        cwd=folder,
        env={**kept, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project's code, without data and results."""
    for name in COPIED:
        place = ROOT / name
        if place.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "results")
            shutil.copytree(place, tmp_path / name, ignore=ignored)
        else:
            shutil.copy(place, tmp_path / name)
    return tmp_path


def check(fault: Fault, folder: Path) -> None:
    path = folder / fault.file
    text = path.read_text()
    assert text.count(fault.right) == 1, f"{fault.file} has changed: {fault.right}"
    path.write_text(text.replace(fault.right, fault.wrong))
    done = suite(folder, [fault.test])
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"FAILED {fault.test.split('::')[0]}" in done.stdout
    assert "AssertionError" in done.stdout


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_one_of_the_three_fails_the_suite(name: str, copy: Path) -> None:
    check(FAULTS[name], copy)


@pytest.mark.nightly
@pytest.mark.parametrize("name", FURTHER)
def test_a_fault_in_further_functions_fails_the_suite(name: str, copy: Path) -> None:
    check(FURTHER[name], copy)


@pytest.mark.nightly
def test_without_a_fault_the_same_tests_pass(copy: Path) -> None:
    done = suite(copy, sorted({fault.test for fault in (FAULTS | FURTHER).values()}))
    assert done.returncode == 0, done.stdout + done.stderr
