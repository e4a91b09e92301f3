"""What each step of preprocessing brings: ``python -m benchmarks.preprocessing TASK``.

Trains, converts, guards and attacks the task's model anew with each setting, in a workspace of its
own: the attack sees through what preprocessing does (its twin passes gradients on), so a step
that only hides them shows no gain. Data that the project's DVC cache holds is not made again.
All figures are of int8 on the default test split.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import running, workspace
from palisade.files import write_json

# The settings of params.yaml's section preprocess, by task; each is apart from the others.
SETTINGS: dict[str, dict[str, dict[str, Any]]] = {
    "voice": {
        "none": {"low_pass_hz": 0.0, "mu_law_bits": 0, "squeeze_bits": 0},
        "low_pass_4000_hz": {"low_pass_hz": 4000.0, "mu_law_bits": 0, "squeeze_bits": 0},
        "mu_law_8_bits": {"low_pass_hz": 0.0, "mu_law_bits": 8, "squeeze_bits": 0},
        "squeeze_8_bits": {"low_pass_hz": 0.0, "mu_law_bits": 0, "squeeze_bits": 8},
    },
    "vision": {
        "none": {"median": False, "downsample": 0, "squeeze_bits": 0},
        "median": {"median": True, "downsample": 0, "squeeze_bits": 0},
        "downsample_2": {"median": False, "downsample": 2, "squeeze_bits": 0},
        "squeeze_5_bits": {"median": False, "downsample": 0, "squeeze_bits": 5},
    },
    "motion": {
        "none": {"median": False, "low_pass_hz": 0.0, "squeeze_bits": 0},
        "median": {"median": True, "low_pass_hz": 0.0, "squeeze_bits": 0},
        "low_pass_10_hz": {"median": False, "low_pass_hz": 10.0, "squeeze_bits": 0},
        "squeeze_8_bits": {"median": False, "low_pass_hz": 0.0, "squeeze_bits": 8},
    },
}
SHORT = ("training", "quantization")


def measure(task: str, setting: Mapping[str, Any], folder: Path, *, short: bool) -> dict[str, Any]:
    """Clean, field and attacked accuracy, and what the guard rejects, with one setting."""
    project = workspace.copy(folder / "workspace", folder / "key.pem")
    project.must("dvc", "cache", "dir", "--local", str(workspace.ROOT / ".dvc/cache"))
    changes = {f"preprocess.{task}.{name}": value for name, value in setting.items()}
    if short:
        changes |= {f"{section}.{task}.epochs": 1 for section in SHORT}
        changes |= {f"attack.{task}.steps": 2, **running.briefly(task)}
    project.set(changes)
    project.must("dvc", "repro", f"evaluate@{task}", echo=True)
    found = json.loads((project.root / f"metrics/{task}/evaluate.json").read_text())
    return {
        "clean_accuracy": found["int8"]["clean_accuracy"],
        "field_accuracy": found["int8"]["field_accuracy"],
        "worst_case_accuracy": found["int8"]["worst_case_accuracy"],
        "undefended_worst_case_accuracy": found["undefended"]["worst_case_accuracy"],
        "clean_reject_rate": found["guard"]["clean_reject_rate"],
        "accepted_and_wrong": found["guard"]["accepted_and_wrong"],
    }


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("task", choices=sorted(SETTINGS))
    parser.add_argument("--only", action="append", help="one setting, by its name; may be repeated")
    parser.add_argument("--short", action="store_true", help="small, to see that it runs")
    parser.add_argument("--output", type=Path, help="write the figures to this JSON file")
    chosen = parser.parse_args()
    settings = SETTINGS[chosen.task]
    if unknown := sorted(set(chosen.only or ()) - set(settings)):
        parser.error(f"no setting {', '.join(unknown)}: use {', '.join(settings)}")
    figures = {}
    for name in chosen.only or settings:
        with tempfile.TemporaryDirectory() as scratch:
            figures[name] = measure(chosen.task, settings[name], Path(scratch), short=chosen.short)
    if chosen.output:
        write_json(chosen.output, figures)
    print(json.dumps(figures, indent=2, sort_keys=True))


if __name__ == "__main__":
    main()
