"""Accuracy against robustness by the epsilon of training: ``python -m benchmarks.epsilon TASK``.

Trains, converts, guards and attacks the task's model anew at several epsilons of ``pretrain`` and
``qat``, each a multiple of the one in params.yaml, in a workspace of its own. All figures are of
int8 on the *validation* split, which the attack is given in place of test: an epsilon chosen by
them leaves the test split untouched. With several seeds each epsilon is trained once a seed, on the
same data; the scatter is what `seed_sd` in gate.yaml stands for.

Writes a JSON file and, beside it, the plot as SVG.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from benchmarks import workspace
from benchmarks.workspace import ROOT, Workspace
from palisade import splits, stage, tasks
from palisade.evaluation import verdicts
from palisade.files import write_json, write_text
from palisade.report import charts, scales
from palisade.report.charts import Point, Series
from palisade.report.subject import counted
from palisade.review import picture

FACTORS = (0.25, 0.5, 1.0, 1.5, 2.0)
STAGES = ("pretrain", "qat", "convert", "calibrate", "attack")  # what each epsilon runs anew
TRAINED = ("pretrain", "qat")
NONE = "none"
LEAST_SEEDS = 3  # below which a deviation says nothing


def scaled(name: str, value: float, factor: float) -> float:
    """An epsilon so many times as strong; of decibels below the signal, more is weaker."""
    return value - 20 * math.log10(factor) if name.endswith("_db") else value * factor


def epsilon_of(params: Mapping[str, Any], section: str, task: str) -> tuple[str, float]:
    """The dotted name and the value of a section's epsilon, in whatever unit the task has."""
    found = [name for name in params[section][task] if name.startswith("epsilon_")]
    (name,) = found
    return f"{section}.{task}.{name}", float(params[section][task][name])


def prepared(folder: Path, task: str, *, short: bool) -> Workspace:
    """A workspace with data and the undefended model, whose test split is validation's."""
    smoke = ROOT / "tests/smoke/params.yaml" if short else None
    project = workspace.copy(folder / "workspace", folder / "key.pem", smoke)
    if not short:  # what the project's cache holds is not made again
        project.must("dvc", "cache", "dir", "--local", str(ROOT / ".dvc/cache"))
    project.must("dvc", "repro", f"augment@{task}", f"baseline@{task}", echo=True)
    data = project.root / "data/prepared" / task
    (data / "test.npz").unlink()  # a link into DVC's cache
    shutil.copy(data / "validation.npz", data / "test.npz")
    return project


def measure(project: Workspace, task: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Train and attack with changed params; shares of the validation split."""
    project.set(changes)
    for name in STAGES:
        project.must(sys.executable, "-m", f"stages.{name}", task, echo=True)
    metrics = project.root / "metrics" / task
    table = verdicts.Table(verdicts.read(metrics / "detail/verdicts.csv"))
    return {
        "clean_accuracy": _json(metrics / "convert.json")["validation_accuracy"],
        "worst_case_accuracy": _worst(table, "int8"),
        "undefended_worst_case_accuracy": _worst(table, "undefended"),
    }


def _worst(table: verdicts.Table, model: str) -> dict[str, float]:
    return {name: float(table.worst_case(model, name).mean()) for name in table.budgets}


def sweep(
    project: Workspace, task: str, factors: Sequence[float], seeds: Sequence[int]
) -> dict[str, Any]:
    """Every epsilon with every seed, and what they have in common."""
    params = stage.read_yaml(project.root / "params.yaml")
    known = [epsilon_of(params, section, task) for section in TRAINED]
    points = []
    for factor in factors:
        changes = {name: scaled(name, value, factor) for name, value in known}
        for seed in seeds or [params["seed"]]:
            found = measure(project, task, {**changes, "seed": seed})
            points.append({"epsilon": changes, "factor": factor, "seed": seed, **found})
    grid = stage.checked(tasks.load(task, "budgets").Budgets, params["attack"][task], "attack")
    validation = splits.load(project.root / f"data/prepared/{task}/validation.npz")
    baseline = _json(project.root / f"metrics/{task}/baseline.json")
    undefended = {
        "clean_accuracy": baseline["qat_clean_accuracy"],  # of its fake-quantised twin
        "worst_case_accuracy": points[0]["undefended_worst_case_accuracy"],
    }
    return {
        "n": len(validation),
        "points": points,
        "reference": grid.name(grid.reference),
        "seed_sd": deviations(points),
        "split": "validation",
        "task": task,
        "undefended": undefended,
    }


def deviations(points: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """By figure, the standard deviation over seeds, largest over epsilons; none of few seeds."""
    found: dict[str, list[float]] = {}
    for factor in {one["factor"] for one in points}:
        same = [one for one in points if one["factor"] == factor]
        if len(same) < LEAST_SEEDS:
            continue
        for name in ("clean_accuracy", *same[0]["worst_case_accuracy"]):
            found.setdefault(name, []).append(stdev(_figure(one, name) for one in same))
    return {name: max(values) for name, values in found.items()}


def _figure(one: Mapping[str, Any], name: str) -> float:
    value = one.get(name, one["worst_case_accuracy"].get(name))
    return float(value)


def plot(found: Mapping[str, Any]) -> str:
    """Accuracy by epsilon, clean and at each budget up to the reference, as an SVG file."""
    by_factor: dict[float, list[Mapping[str, Any]]] = {}
    for one in found["points"]:
        by_factor.setdefault(one["factor"], []).append(one)
    strengths = [next(iter(some[0]["epsilon"].values())) for some in by_factor.values()]
    labels = [NONE, *(f"{one:.3g}" for one in strengths)]
    budgets = list(found["undefended"]["worst_case_accuracy"])
    shown = ["clean_accuracy", *budgets[: budgets.index(found["reference"]) + 1]]
    groups = [[found["undefended"]], *by_factor.values()]
    series = [
        Series(
            name.removesuffix("_accuracy"),
            style,
            [_point(place, some, name, found["n"]) for place, some in enumerate(groups)],
        )
        for style, name in enumerate(shown, start=1)
    ]
    place = charts.frame(scales.ordinal(labels), scales.shares())
    unit = next(iter(found["points"][0]["epsilon"])).rpartition(".")[2].replace("_", " ")
    content = [
        *place.axes(f"{unit}, stronger to the right", "accuracy"),
        *charts.lines(place, series, shift_px=6),
    ]
    title = f"{found['task']}: int8 on validation by epsilon of training"
    return picture.standalone(title, content, series, height=230)


def _point(place: int, some: Sequence[Mapping[str, Any]], name: str, n: int) -> Point:
    """The mean over seeds with its extremes, or one run with its Wilson interval."""
    values = [_figure(one, name) for one in some]
    if len(values) > 1:
        return Point(place, mean(values), min(values), max(values))
    found = counted(values[0], n)
    return Point(place, values[0], found.low, found.high)


def _json(path: Path) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(path.read_text())
    return tree


def main() -> None:
    """Run the benchmark and write its figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    known = stage.read_yaml(ROOT / "params.yaml")["tasks"]
    parser.add_argument("task", choices=list(known))
    parser.add_argument(
        "--factor", type=float, action="append", help=f"of epsilon (default: {FACTORS})"
    )
    parser.add_argument("--seed", type=int, action="append", help="of training; may be repeated")
    parser.add_argument("--short", action="store_true", help="smoke-sized, to see that it runs")
    parser.add_argument(
        "--output", type=Path, default=ROOT / "benchmarks/results/epsilon.json", help="JSON file"
    )
    chosen = parser.parse_args()
    factors = sorted(chosen.factor or FACTORS)
    if factors[0] <= 0:
        parser.error("--factor: use numbers above 0")
    with tempfile.TemporaryDirectory() as scratch:
        project = prepared(Path(scratch), chosen.task, short=chosen.short)
        found = sweep(project, chosen.task, factors, chosen.seed or [])
    write_json(chosen.output, found)
    write_text(chosen.output.with_suffix(".svg"), plot(found))
    print(f"{chosen.output} and {chosen.output.with_suffix('.svg').name}")


if __name__ == "__main__":
    main()
