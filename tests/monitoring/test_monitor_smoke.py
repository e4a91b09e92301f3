"""What ``calibrate`` leaves for the monitor, in the smoke run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks.workspace import Workspace
from palisade.monitoring import log, reading


@pytest.mark.parametrize("task", ["voice", "vision", "motion"])
def test_calibrations_log_is_of_its_model_and_fit_to_be_held_against(
    smoke: Workspace, task: str
) -> None:
    models = smoke.root / "models" / task
    path = models / "calibration_log.jsonl"
    known = reading.read(path, today=0)
    assert known.header.model == log.digest(models / "model.tflite")
    assert known.header.guard == log.digest(models / "guard.json")
    assert known.header.labels == (models / "labels.txt").read_text().split()
    noted = json.loads((smoke.root / f"metrics/{task}/calibrate.json").read_text())
    assert len(known) == noted["n"]["calibration"]
    said = smoke.run(sys.executable, "-m", "palisade", "monitor", "--task", task, str(path))
    assert said.returncode in (0, 96) and "verdict: " in said.stdout, said.stderr
    assert f"against {len(known)} of calibration" in said.stdout


def test_a_log_of_another_tasks_model_is_refused(smoke: Workspace) -> None:
    path = Path("models/vision/calibration_log.jsonl")
    said = smoke.run(sys.executable, "-m", "palisade", "monitor", "--task", "voice", str(path))
    assert said.returncode == 1 and "is a log of vision" in said.stderr
