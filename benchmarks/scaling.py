"""How time and memory grow with the data: ``python -m benchmarks.scaling``.

Runs the stages that work on examples one by one, from ``synthesize`` to the verdicts of the int8
model on clean and field copies, in a workspace of its own, for a small corpus and for one of ten
times as many examples. The network is untrained, and no attack runs: neither changes how much
there is to do. Each stage is one process on one core (``PALISADE_WORKERS=1``), so that its peak
memory is all that it takes; what counts is its processor time, which other load on the machine
moves little.

A ratio of at most that of the examples means linear growth. Below it lies what every run pays
once; what a further example costs stands beside it without that.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import workspace
from benchmarks.workspace import ROOT, Workspace
from palisade import splits
from palisade.files import write_json
from palisade.scenes.events import KINDS

SMOKE = ROOT / "tests/smoke/params.yaml"
# Examples of each class and split at 1 times, by what a task calls them.
AMOUNTS: Mapping[str, Mapping[str, Mapping[str, int]]] = {
    "motion": {
        "train": {"class_traces": 40},
        "validation": {"class_traces": 10},
        "calibration": {"class_traces": 10},
        "test": {"class_traces": 20},
    },
    "voice": {
        "train": {"command_clips": 6, "unknown_clips": 12, "running_clips": 2, "silence_clips": 6},
        "validation": {"command_clips": 2, "unknown_clips": 4, "silence_clips": 2},
        "calibration": {"command_clips": 2, "unknown_clips": 4, "silence_clips": 2},
        "test": {"command_clips": 3, "unknown_clips": 6, "silence_clips": 3},
    },
}
FOOTPRINT = "footprint.json"
ALONE = {"PALISADE_WORKERS": "1", "PALISADE_EXECUTOR": "local"}
STAGES = ("synthesize", "prepare", "augment", "corrupt")
EVENTS = {kind: int(kind in ("visitor_unlocks", "visitor_talks")) for kind in KINDS}


def measure(task: str, factors: Sequence[int], project: Workspace) -> dict[str, Any]:
    """Figures of each step at each factor, and their ratios from the first factor to the last."""
    project.set(
        {
            f"scenes.{split}.{kind}": n
            for split in ("calibration", "test")
            for kind, n in EVENTS.items()
        }
    )
    found: dict[int, dict[str, Any]] = {}
    for factor in factors:
        project.set(_amounts(task, factor))
        found[factor] = {name: _run(project, f"stages.{name}", task) for name in STAGES}
        if factor == factors[0]:
            _run(project, "benchmarks.untrained", "convert", task)
        found[factor]["evaluate"] = _run(project, "benchmarks.untrained", "answer", task)
        found[factor]["examples"] = _examples(project, task)
    first, last = found[factors[0]], found[factors[-1]]
    return {
        "figures": {f"{factor}x": figures for factor, figures in found.items()},
        "ratios": {
            "examples": last["examples"] / first["examples"],
            **{step: _growth(first, last, step) for step in (*STAGES, "evaluate")},
        },
    }


def _amounts(task: str, factor: int) -> dict[str, int]:
    return {
        f"synthesize.{task}.{split}.{name}": factor * count
        for split, counts in AMOUNTS[task].items()
        for name, count in counts.items()
    }


def _run(project: Workspace, *command: str) -> dict[str, float]:
    """Run a module to its end: processor seconds, and the largest resident memory."""
    alone = replace(project, environment={**project.environment, **ALONE})
    alone.must(sys.executable, "-m", "benchmarks.footprint", FOOTPRINT, *command, echo=True)
    found: dict[str, float] = json.loads((project.root / FOOTPRINT).read_text())
    return found


def _examples(project: Workspace, task: str) -> int:
    """In all splits, before augmentation."""
    folder = project.root / "data/prepared" / task
    return sum(len(splits.load(folder / f"{name}.npz")) for name in splits.NAMES)


def _growth(first: Mapping[str, Any], last: Mapping[str, Any], step: str) -> dict[str, float]:
    old, new = first[step], last[step]
    more = last["examples"] - first["examples"]
    further_kib = (new["peak_memory_mib"] - old["peak_memory_mib"]) * 1024 / more
    return {
        "cpu": round(new["cpu_s"] / old["cpu_s"], 2),
        "peak_memory": round(new["peak_memory_mib"] / old["peak_memory_mib"], 2),
        "further_example_cpu_ms": round((new["cpu_s"] - old["cpu_s"]) * 1000 / more, 2),
        "further_example_memory_kib": round(further_kib, 2),
    }


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--task", action="append", choices=sorted(AMOUNTS), help="may be repeated")
    parser.add_argument("--factor", type=int, default=10, help="how many times the data; 10")
    parser.add_argument("--output", type=Path, help="write the figures to this JSON file")
    chosen = parser.parse_args()
    if chosen.factor < 2:
        parser.error("--factor is at least 2")
    figures = {}
    for task in chosen.task or sorted(AMOUNTS):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            project = workspace.copy(folder / "workspace", folder / "key.pem", SMOKE)
            figures[task] = measure(task, (1, chosen.factor), project)
    if chosen.output:
        write_json(chosen.output, figures)
    print(json.dumps(figures, indent=2, sort_keys=True))


if __name__ == "__main__":
    main()
