"""From what the stage ``report`` declares to the page: its sections, in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import ConfigDict

from palisade import splits, tasks
from palisade.errors import PalisadeError
from palisade.report import (
    costs,
    data,
    decisions,
    delivery,
    door,
    guards,
    page,
    pipeline,
    robustness,
    verdict,
)
from palisade.report.figure import Section
from palisade.report.page import Page
from palisade.report.source import Metrics
from palisade.report.subject import Subject
from palisade.stage import Params, Stage, entries, read_yaml

TITLE = "Robustness report"
LINK = "reports/pipeline.yaml"
LEAD = (
    "What one run of the pipeline gave: int8 models for microcontrollers, attacked as the device "
    "runs them."
)


class Names(Params):
    """A section of params.yaml of which only the keys matter here."""

    model_config = ConfigDict(extra="allow")


def metrics_of(this: Stage) -> Metrics:
    """The metrics that the stage declares, as they are now."""
    return Metrics(
        text=lambda path: this.dep(path).read_text(),
        has=lambda path: path in this.entry.deps,
    )


def subjects_of(this: Stage, metrics: Metrics) -> list[Subject]:
    """The tasks whose model the stage declares.

    Raises:
        PalisadeError: There is none.
    """
    if not this.tasks:
        raise PalisadeError(
            "report has no models/<task>/model.tflite under deps", "list one a task in dvc.yaml"
        )
    return [
        Subject(
            key,
            metrics,
            tasks.load(key, "display"),
            this.for_task(key).params("attack", tasks.load(key, "budgets").Budgets),
        )
        for key in sorted(this.tasks, key=_place(this))
    ]


def _place(this: Stage) -> Callable[[str], int]:
    """Where dvc.yaml names a task, which is the order of the page."""
    return lambda key: this.entry.deps.index(f"models/{key}/model.tflite")


def build(this: Stage, compared: Sequence[Section] = ()) -> str:
    """The whole page as HTML.

    Args:
        compared: sections on what changed since another revision, which then come first.
    """
    metrics = metrics_of(this)
    subjects = subjects_of(this, metrics)
    return page.render(
        Page(
            title=TITLE,
            lead=LEAD,
            verdict=verdict.verdict(subjects, metrics),
            cards=[verdict.card(one) for one in subjects],
            door=verdict.door_facts(metrics),
            headline=verdict.headline(subjects),
            sections=[*compared, *_sections(this, metrics, subjects)],
        )
    )


def _sections(this: Stage, metrics: Metrics, subjects: Sequence[Subject]) -> list[Section]:
    streams = [one for one in subjects if metrics.has(one.path("stream"))]
    touched = [one for one in subjects if metrics.has(one.table("physical"))]
    return [
        _pipeline(this),
        data.section(subjects, _exhibits(this, subjects), page.shown),
        robustness.learning(subjects),
        robustness.budgets(subjects),
        *([delivery.physical(touched)] if touched else []),
        robustness.field(subjects),
        decisions.decisions(subjects),
        guards.guards(subjects),
        guards.over_time(subjects),
        *([guards.stream(streams)] if streams else []),
        door.door(metrics),
        costs.costs(subjects),
        verdict.section(subjects, metrics),
        delivery.release(_artefacts(this, subjects), metrics),
    ]


def _pipeline(this: Stage) -> Section:
    """The DAG. DVC takes no dvc.yaml for a dependency, but it takes a link to it.

    dvc.yaml repeats stages over two sections of params.yaml, so both are declared.

    Raises:
        PalisadeError: The link is none.
    """
    link = this.dep(LINK)
    if link.read_bytes() != (this.root / "dvc.yaml").read_bytes():
        raise PalisadeError(f"{LINK} differs from dvc.yaml", "make it a link to ../dvc.yaml again")
    this.shared("tasks", Names)
    this.shared("streams", Names)
    bodies = read_yaml(link)["stages"]
    about = {name: body.get("do", body).get("desc", "") for name, body in bodies.items()}
    return pipeline.section(entries(this.root), about)


def _exhibits(this: Stage, subjects: Sequence[Subject]) -> list[data.Exhibit]:
    found = []
    for one in subjects:
        mine = this.for_task(one.key)
        split = splits.load(mine.dep("data/prepared/{key}/test.npz"))
        found.append(one.display.exhibit(split, mine))
    return found


def _artefacts(this: Stage, subjects: Sequence[Subject]) -> dict[str, Path]:
    paths = [
        f"models/{one.key}/{name}" for one in subjects for name in ("model.tflite", "guard.json")
    ]
    return {path: this.dep(path) for path in paths}
