"""The two sides of a comparison: the figures of each, and what they were measured on."""

from __future__ import annotations

import fnmatch
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from palisade import stage
from palisade.errors import PalisadeError
from palisade.report.comparison import Base
from palisade.report.source import Metrics, leaves
from palisade.review.limits import Gate

FUSION = "fusion"
VERDICTS = "metrics/{task}/detail/verdicts.csv"
EVENTS = "metrics/detail/fusion_events.csv"


def here(root: Path) -> Base:
    """The project as it lies in a folder.

    Raises:
        PalisadeError: params.yaml is missing or wrong.
    """

    def text(path: str) -> str:
        try:
            return (root / path).read_text()
        except FileNotFoundError as error:
            raise PalisadeError(f"{path} is not there", "run `dvc repro`") from error
        except UnicodeDecodeError as error:
            raise PalisadeError(f"{path} is no text in UTF-8", "run `dvc repro`") from error

    params = stage.read_yaml(root / "params.yaml")
    return Base("this checkout", Metrics(text, lambda path: (root / path).is_file()), params)


def tasks_of(side: Base) -> list[str]:
    """The tasks that params.yaml names."""
    return list(side.params.get("tasks") or {})


def task_of(figure: str) -> str:
    """The task of ``motion/evaluate: int8.clean_accuracy``; empty for the door's figures."""
    folder, slash, _ = figure.partition(": ")[0].rpartition("/")
    return folder if slash else ""


def figures(side: Base, gate: Gate) -> dict[str, float]:
    """Every number, or yes and no as 1 and 0, that a limit covers, by its name."""
    patterns = {stem for limit in gate.limits.values() for stem in limit.stems}
    stems = {
        stem.replace("*", task) for stem in patterns for task in (tasks_of(side) or [""])
    }  # a pattern without * gives itself
    found = {}
    for stem in sorted(stems):
        path = f"metrics/{stem}.json"
        for key, value in leaves(side.metrics.json(path)) if side.metrics.has(path) else ():
            name = f"{stem}: {key}"
            if isinstance(value, int | float) and gate.limit_of(name):
                found[name] = float(value)
    return found


def changed_params(patterns: Iterable[str], task: str, before: Base, now: Base) -> list[str]:
    """The params, among those that match, whose values differ between the two sides."""
    filled = [pattern.format(task=task) for pattern in patterns]
    sides = [dict(leaves(side.params)) for side in (before, now)]
    return sorted(
        name
        for name in sides[0].keys() | sides[1].keys()
        if sides[0].get(name) != sides[1].get(name)
        and any(fnmatch.fnmatchcase(name, pattern) for pattern in filled)
    )


def measured_on(side: Base, what: str, task: str) -> str | None:
    """What identifies the test ``examples`` of a task, or the door's ``events``; None of else."""
    if what == "examples":
        return examples(side, task)
    return events(side) if what == "events" else None


def examples(side: Base, task: str) -> str | None:
    """What identifies a task's test examples; None where nothing says it."""
    path = VERDICTS.format(task=task)
    rows = side.metrics.rows(path) if side.metrics.has(path) else []
    return rows[0].get("examples") if rows else None


def events(side: Base) -> str | None:
    """What identifies the test events of the door; None where nothing says it."""
    rows = test_events(side)
    told = "\n".join(f"{row['scene']},{row['warranted']}" for row in rows)
    return hashlib.sha256(told.encode()).hexdigest() if rows else None


def test_events(side: Base) -> list[dict[str, Any]]:
    """The door's test events, a row each, in order; none where there is no such table."""
    rows = side.metrics.rows(EVENTS) if side.metrics.has(EVENTS) else []
    return [row for row in rows if row["split"] == "test"]
