"""Training on two devices against one: ``python -m benchmarks.distributed_training``.

Trains ``motion`` adversarially on a small synthetic corpus, on one logical CPU and, with the same
batches dealt out, on two (``tf.distribute.MirroredStrategy``), from several seeds. Sums in another
order and batch normalisation over half a batch give other weights, so bytes differ; accuracies on
the test split must not, by more than a margin. The devices share this machine's cores, so nothing
here is about speed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import sem, t

from benchmarks import workspace
from benchmarks.workspace import ROOT, Workspace
from palisade.files import write_json
from palisade.quiet import native_stderr

TASK = "motion"
SETTINGS = {
    f"synthesize.{TASK}.train.class_traces": 150,
    f"synthesize.{TASK}.train.homes": 12,
    f"synthesize.{TASK}.test.class_traces": 150,
    f"synthesize.{TASK}.test.homes": 8,
    f"training.{TASK}.epochs": 12,
    f"training.{TASK}.batch": 64,
    f"training.{TASK}.probe_examples": 300,
    f"pretrain.{TASK}.ramp_epochs": 2.0,
}
DEVICES = (1, 2)
MARGIN = 0.05  # of accuracy
RESULT = "trained.json"


def measure(project: Workspace, seeds: list[int]) -> dict[str, Any]:
    """Accuracies on one and two devices, and the difference with its interval."""
    project.set(SETTINGS)
    (project.root / f"data/material/{TASK}").mkdir(parents=True, exist_ok=True)
    for name in ("synthesize", "prepare", "augment"):
        project.must(sys.executable, "-m", f"stages.{name}", TASK, echo=True)
    runs = {n: [_trained(project, seed, n) for seed in seeds] for n in DEVICES}
    accuracies = {
        n: {name: [run[name] for run in some] for name in ("clean_accuracy", "robust_accuracy")}
        for n, some in runs.items()
    }
    differences = {
        name: interval(np.subtract(accuracies[2][name], accuracies[1][name]))
        for name in accuracies[1]
    }
    return {
        "seeds": seeds,
        "margin": MARGIN,
        **{f"devices_{n}": accuracies[n] for n in DEVICES},
        "difference": {
            name: {"low": low, "high": high} for name, (low, high) in differences.items()
        },
        "equal_within_margin": all(
            low > -MARGIN and high < MARGIN for low, high in differences.values()
        ),
    }


def interval(differences: NDArray[np.float64]) -> tuple[float, float]:
    """Of the mean over seeds, 95 %, by Student's distribution."""
    half = float(t.ppf(0.975, len(differences) - 1)) * float(sem(differences))
    return round(float(differences.mean()) - half, 4), round(float(differences.mean()) + half, 4)


def _trained(project: Workspace, seed: int, devices: int) -> dict[str, float]:
    command = ("-m", "benchmarks.distributed_training", "--train-on", str(devices))
    project.must(sys.executable, *command, "--seed", str(seed), echo=True)
    found: dict[str, float] = json.loads((project.root / RESULT).read_text())
    return found


def train(seed: int, devices: int) -> None:
    """Split the processor into devices, which TensorFlow allows before its first operation only."""
    os.environ.update(TF_USE_LEGACY_KERAS="1", TF_CPP_MIN_LOG_LEVEL="3")
    with native_stderr():
        config = importlib.import_module("tensorflow").config
        parts = [config.LogicalDeviceConfiguration()] * devices
        config.set_logical_device_configuration(config.list_physical_devices("CPU")[0], parts)
    replicas = importlib.import_module("benchmarks.replicas")
    write_json(Path(RESULT), replicas.train(TASK, seed, devices))


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--seed", type=int, action="append", help="two or more; 1 to 5")
    parser.add_argument("--output", type=Path, help="write the figures to this JSON file")
    parser.add_argument("--train-on", type=int, choices=DEVICES, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    seeds = chosen.seed or [1, 2, 3, 4, 5]
    if chosen.train_on:
        train(seeds[0], chosen.train_on)
        return
    if len(seeds) < 2:
        parser.error("an interval needs two seeds")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        smoke = ROOT / "tests/smoke/params.yaml"
        project = workspace.copy(folder / "workspace", folder / "key.pem", smoke)
        figures = measure(project, seeds)
    if chosen.output:
        write_json(chosen.output, figures)
    print(json.dumps(figures, indent=2, sort_keys=True))


if __name__ == "__main__":
    main()
