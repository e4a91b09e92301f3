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
# What is ten times as much, and how much of it there is at first: examples of each class and
# split, and test examples that get field copies (some twenty each).
AMOUNTS: Mapping[str, Mapping[str, int]] = {
    "motion": {
        "synthesize.motion.train.class_traces": 40,
        "synthesize.motion.validation.class_traces": 10,
        "synthesize.motion.calibration.class_traces": 10,
        "synthesize.motion.test.class_traces": 20,
        "corrupt.motion.traces": 20,
    },
    "voice": {
        "synthesize.voice.train.command_clips": 20,
        "synthesize.voice.train.unknown_clips": 40,
        "synthesize.voice.train.running_clips": 10,
        "synthesize.voice.train.silence_clips": 20,
        "synthesize.voice.validation.command_clips": 4,
        "synthesize.voice.validation.unknown_clips": 8,
        "synthesize.voice.validation.silence_clips": 4,
        "synthesize.voice.calibration.command_clips": 4,
        "synthesize.voice.calibration.unknown_clips": 8,
        "synthesize.voice.calibration.silence_clips": 4,
        "synthesize.voice.test.command_clips": 10,
        "synthesize.voice.test.unknown_clips": 20,
        "synthesize.voice.test.silence_clips": 10,
        "corrupt.voice.clips": 10,
    },
}
# What a stage works on: the splits of the prepared data, and the field copies.
PREPARED = tuple(f"prepared/{{task}}/{name}.npz" for name in splits.NAMES)
WORKED_ON = {
    "synthesize": PREPARED,
    "prepare": PREPARED,
    "augment": ("augmented/{task}/train.npz",),
    "corrupt": ("field/{task}/test.npz",),
    "evaluate": ("prepared/{task}/test.npz", "field/{task}/test.npz"),
}
FOOTPRINT = "footprint.json"
ALONE = {"PALISADE_WORKERS": "1", "PALISADE_EXECUTOR": "local"}
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
    found = [_figures(task, factor, project) for factor in factors]
    return {
        "figures": {f"{n}x": figures for n, figures in zip(factors, found, strict=True)},
        "ratios": {step: _growth(found[0][step], found[-1][step]) for step in WORKED_ON},
    }


def _figures(task: str, factor: int, project: Workspace) -> dict[str, dict[str, float]]:
    """What each step takes, and how many examples it reads or makes."""
    project.set({name: factor * count for name, count in AMOUNTS[task].items()})
    found = {}
    for step in WORKED_ON:
        if step == "evaluate":
            _run(project, "benchmarks.untrained", "convert", task)
            found[step] = _run(project, "benchmarks.untrained", "answer", task)
        else:
            found[step] = _run(project, f"stages.{step}", task)
    for step, paths in WORKED_ON.items():
        files = [project.root / "data" / path.format(task=task) for path in paths]
        found[step]["examples"] = sum(len(splits.load(file)) for file in files)
    return found


def _run(project: Workspace, *command: str) -> dict[str, float]:
    """Run a module to its end: processor seconds, and the largest resident memory."""
    alone = replace(project, environment={**project.environment, **ALONE})
    alone.must(sys.executable, "-m", "benchmarks.footprint", FOOTPRINT, *command, echo=True)
    found: dict[str, float] = json.loads((project.root / FOOTPRINT).read_text())
    return found


def _growth(first: Mapping[str, float], last: Mapping[str, float]) -> dict[str, float]:
    more = last["examples"] - first["examples"]
    further_kib = (last["peak_memory_mib"] - first["peak_memory_mib"]) * 1024 / more
    return {
        **{name: round(last[name] / first[name], 2) for name in sorted(first)},
        "further_example_cpu_ms": round((last["cpu_s"] - first["cpu_s"]) * 1000 / more, 3),
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
