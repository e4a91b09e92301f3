"""Whether other people's attacks find more than ours: ``python -m benchmarks.audit``.

ART's Auto-PGD on cross-entropy and on the difference of logits, and Foolbox's PGD, attack each
task's default model through the differentiable path that our own attacks climb, front end and
all: an L2 ball on the waveform, Linf on pixels and traces. What they find is rounded to what the
sensor delivers and judged by the int8 artefact. On pictures ART's Square asks the artefact itself,
so one of theirs goes by no gradient of ours. Our worst case on the very same examples, as the
pipeline's ``attack`` stage recorded it, may be no higher than theirs by more than a point.

Needs benchmarks/requirements-peers.lock on top of requirements.lock, and a finished ``dvc repro``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import peers
from benchmarks.workspace import ROOT
from palisade import stage
from palisade.errors import PalisadeError
from palisade.files import write_json

OUTPUT = ROOT / "benchmarks/results/audit.json"


def main(arguments: list[str] | None = None) -> None:
    """Run the audit; status 1 where ours is weaker."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=_about())
    parser.add_argument("--project", type=Path, default=ROOT, help="with models, data and metrics")
    parser.add_argument("--data", type=Path, help="folder with <task>/test.npz (default: its own)")
    parser.add_argument("--tasks", nargs="+", help="default: all")
    parser.add_argument("--examples", type=int, default=200, help="of each task")
    parser.add_argument("--steps", type=int, default=50, help="gradients of an attack")
    parser.add_argument("--queries", type=int, default=500, help="of Square, an example")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=OUTPUT, help="JSON file")
    chosen = parser.parse_args(arguments)
    try:
        known = list(stage.read_yaml(chosen.project / "params.yaml")["tasks"])
        tasks = chosen.tasks or known
        unknown = [task for task in tasks if task not in known]
        if unknown:
            sys.exit(f"error: no task {', '.join(unknown)}: there are {', '.join(known)}")
        running = peers.load("benchmarks.audit.running")
        found = {task: running.audit(task, chosen) for task in tasks}
    except PalisadeError as error:
        sys.exit(f"error: {error}")
    except FileNotFoundError as error:
        sys.exit(f"error: {error.filename} is not there: run `dvc repro` first")
    how = {name: getattr(chosen, name) for name in ("examples", "queries", "seed", "steps")}
    write_json(chosen.output, {"how": {**how, "versions": running.versions()}, "tasks": found})
    print(running.table(found))
    if not all(one["holds"] for one in found.values()):
        sys.exit("error: other people's attacks found more than ours by over a point")


def _about() -> str:
    return (__doc__ or "").split("\n\n")[0]


if __name__ == "__main__":
    main()
