"""The pipeline on real recordings, in a short form: that it runs, by params alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.workspace import ROOT
from palisade.parallel import WORKERS

DATA = ROOT.parent / "shared/data"
NEEDED = ("gsc", "gsc30", "gsc_noise")

pytestmark = pytest.mark.skipif(
    not all((DATA / name).is_dir() for name in NEEDED), reason="no real recordings at hand"
)


def test_real_recordings_go_through_the_same_pipeline(tmp_path: Path) -> None:
    output = tmp_path / "figures.json"
    command = ["-m", "benchmarks.real_voice", "--data", str(DATA), "--short"]
    done = subprocess.run(
        [sys.executable, *command, "--output", str(output)],
        cwd=ROOT,
        env={**os.environ, WORKERS: "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(output.read_text())
    assert figures["int8"]["n"] > 250
    # Two epochs are no training; chance is 0.2, and the largest class is a third.
    assert figures["int8"]["clean_accuracy"] > 0.45
    assert figures["int8"]["worst_case_accuracy"]["snr_30db"] > 0.05
    assert figures["undefended"]["worst_case_accuracy"]["snr_0db"] == 0.0


def test_a_folder_without_the_recordings_is_named(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.real_voice", "--data", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "gsc is not there" in done.stderr
