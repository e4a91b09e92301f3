"""What the benchmarks on real data share: how they are called, run and read."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import workspace
from benchmarks.workspace import Workspace
from palisade.tables import read_csv

# Settings that belong to the data, whatever it is that was trained on.
KEPT = ("prepare", "threat", "attack", "physical")


def briefly(task: str) -> dict[str, Any]:
    """Params of physical attacks that take no time, to see that they run."""
    small = {"examples": 12, "steps": 2, "universal_steps": 2, "universal_batch": 4}
    some = {**small, "universal_starts": 1, **({"light.tries": 2} if task == "vision" else {})}
    return {f"physical.{task}.{name}": value for name, value in some.items()}


@dataclass(frozen=True)
class Benchmark:
    """One public data set, and how the pipeline is set to read it.

    Attributes:
        task: whose stages run.
        needed: folders and files that ``--data`` must hold.
        gather: lays the data out as a corpus: from the data's folder, into the given one.
        settings: changes of params.yaml, by dotted names.
        short: further changes that make it quick, to see that it runs.
        synthetic: changes for training on synthetic data instead; None where that makes no sense.
        measure: takes the figures of the converted model itself, where the whole evaluation,
            with an undefended model trained beside it, would take too long.
    """

    task: str
    needed: tuple[str, ...]
    gather: Callable[[Path, Path], None]
    settings: Mapping[str, Any]
    short: Mapping[str, Any]
    synthetic: Mapping[str, Any] | None = None
    measure: Callable[[Workspace], dict[str, Any]] | None = None

    @property
    def corpus(self) -> str:
        """Where the data is laid out."""
        return f"data/raw/{self.task}"


def main(benchmark: Benchmark, doc: str | None) -> None:
    """Run a benchmark as a command, and print its figures."""
    parser = argparse.ArgumentParser(description=(doc or "").split("\n\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the data sets")
    parser.add_argument("--short", action="store_true", help="small, to see that it runs")
    parser.add_argument("--seed", type=int, action="append", help="one or more; one run each")
    parser.add_argument("--keep", type=Path, help="leave the workspaces here")
    parser.add_argument("--output", type=Path, help="write the figures to this JSON file")
    if benchmark.synthetic is not None:
        parser.add_argument("--sim-to-real", action="store_true", help="train on synthetic data")
    chosen = parser.parse_args()
    for name in benchmark.needed:
        if not (chosen.data / name).exists():
            sys.exit(f"error: {chosen.data / name} is not there: give --data the folder it is in")
    across = benchmark.synthetic is not None and chosen.sim_to_real
    figures = {}
    for seed in chosen.seed or [None]:
        with _project(benchmark, chosen, seed) as project:
            run = sim_to_real if across else real
            figures[str(seed)] = run(
                project, benchmark, dict(benchmark.short if chosen.short else {})
            )
    text = json.dumps(figures if chosen.seed else figures["None"], indent=2, sort_keys=True)
    if chosen.output:
        chosen.output.write_text(text + "\n")
    print(text)


@contextmanager
def _project(
    benchmark: Benchmark, chosen: argparse.Namespace, seed: int | None
) -> Iterator[Workspace]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = (chosen.keep or Path(scratch)) / (f"seed{seed}" if seed else "workspace")
        project = workspace.copy(folder, Path(scratch) / "key.pem")
        benchmark.gather(chosen.data, folder / benchmark.corpus)
        if seed is not None:
            project.set({"seed": seed})
        yield project


def real(project: Workspace, benchmark: Benchmark, changes: dict[str, Any]) -> dict[str, Any]:
    """Train and test on the real data."""
    corpus = {f"tasks.{benchmark.task}.corpus": benchmark.corpus}
    project.set({**corpus, **benchmark.settings, **changes})
    project.must("dvc", "add", benchmark.corpus)
    if benchmark.measure is not None:
        project.must("dvc", "repro", f"convert@{benchmark.task}", echo=True)
        return benchmark.measure(project)
    project.must("dvc", "repro", f"evaluate@{benchmark.task}", echo=True)
    return read(project, benchmark.task)


def sim_to_real(
    project: Workspace, benchmark: Benchmark, changes: dict[str, Any]
) -> dict[str, Any]:
    """Train on synthetic data, test on the real data's test split, clean and attacked."""
    task = benchmark.task
    assert benchmark.synthetic is not None
    project.set({**benchmark.synthetic, **changes})
    project.must("dvc", "repro", f"baseline@{task}", f"calibrate@{task}", echo=True)
    trained = {name: (project.root / name).read_bytes() for name in _artefacts(project.root)}
    notes = ("pretrain.json", "qat.json")
    noted = {name: (project.root / f"metrics/{task}/{name}").read_bytes() for name in notes}
    reading = {k: v for k, v in benchmark.settings.items() if k.startswith(KEPT)}
    project.set({f"tasks.{task}.corpus": benchmark.corpus, **reading})
    project.must("dvc", "add", benchmark.corpus)
    project.must("dvc", "repro", f"prepare@{task}", f"corrupt@{task}", echo=True)
    for name, content in trained.items():  # the models stay those trained on synthetic data
        (project.root / name).unlink(missing_ok=True)
        (project.root / name).write_bytes(content)
    for name, content in noted.items():
        (project.root / f"metrics/{task}/{name}").write_bytes(content)
    for stage in ("attack", "physical", "evaluate"):
        project.must(sys.executable, "-m", f"stages.{stage}", task, echo=True)
    return read(project, task)


def read(project: Workspace, task: str) -> dict[str, Any]:
    """What was found, how training went on validation, and the checks that failed, by name."""
    metrics = project.root / "metrics" / task
    figures: dict[str, Any] = json.loads((metrics / "evaluate.json").read_text())
    tuned = json.loads((metrics / "qat.json").read_text())
    failed = {
        row["check"]: f"{row['figure']}, not {row['relation']} {row['limit']}"
        for row in read_csv(metrics / "detail/checks.csv")
        if row["passed"] != "True"
    }
    validation = {name: tuned[name] for name in ("clean_accuracy", "robust_accuracy")}
    flash = (project.root / f"models/{task}/model.tflite").stat().st_size
    return {**figures, "failed_checks": failed, "flash_bytes": flash, "validation": validation}


def _artefacts(root: Path) -> list[str]:
    """The files of the trained models and their guards."""
    made = ("*.h5", "*.tflite", "guard.json", "known_scores.npz")
    found = [path for pattern in made for path in (root / "models").rglob(pattern)]
    return [str(path.relative_to(root)) for path in found]
