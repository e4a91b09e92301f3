"""What is delivered, and what only some projects measure: shown where dvc.yaml declares it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from palisade.report import figure, scales, svg
from palisade.report.charts import Point, Ranges, Series
from palisade.report.figure import Block, Figure, Section, Table
from palisade.report.source import Metrics, Row, leaves, written
from palisade.report.subject import Subject, named

CHECKLIST = "models/release/checklist.json"


def physical(subjects: Sequence[Subject]) -> Section:
    """Attacks that could be carried out in front of the sensor."""
    return Section(
        "physical",
        "Physical attacks",
        "Attacks that could be carried out in front of the sensor, on the int8 model as the "
        "device runs it.",
        [
            Block(
                one.key,
                figures=_rated(one),
                tables=[flat(one.json("physical"), f"Physical attacks, {one.key}")],
            )
            for one in subjects
        ],
    )


def _rated(subject: Subject) -> list[Figure]:
    """The table as a chart, where it has a rate with an interval; else nothing."""
    rows = subject.rows("physical")
    columns = list(rows[0]) if rows else []
    rate = next((one for one in ("accuracy", "rate") if one in columns), None)
    if rate is None or not {"low", "high"} <= set(columns):
        return []
    rows = subject.rows("physical", rate, "low", "high")
    names = columns[: columns.index(rate)]
    points = [
        Point(float(row[rate]), n, float(row["low"]), float(row["high"]))
        for n, row in enumerate(rows)
    ]
    labels = [_joined(row, names) for row in rows]
    ranges = Ranges(labels, [Series(rate, 1, points)], scales.shares(0.5), rate)
    title = f"{subject.key}: physical attacks"
    said = ", ".join(f"{label} {point.x:.3g}" for label, point in zip(labels, points, strict=True))
    drawn = svg.drawing(f"physical-{subject.key}", title, said, ranges.height, ranges.draw())
    table = figure.of_rows(rows, f"Physical attacks, {subject.key}")
    return [Figure(f"figure-physical-{subject.key}", title, drawn, table)]


def _joined(row: Row, names: Sequence[str]) -> str:
    return " · ".join(named(row[name]) for name in names if row[name])


def flat(tree: Any, caption: str) -> Table:
    """Any JSON value as names and values."""
    return Table(
        ("name", "value"), [[name, written(value)] for name, value in leaves(tree)], caption
    )


def release(artefacts: Mapping[str, Path], metrics: Metrics, checklist: str | None) -> Section:
    """Digests of the artefacts that the figures are of, and the release's checklist.

    Args:
        artefacts: files by their path from the project's root.
        checklist: its path, where there is one.
    """
    rows = [
        [path, f"{file.stat().st_size:,}", hashlib.sha256(file.read_bytes()).hexdigest()]
        for path, file in artefacts.items()
    ]
    figures_of = Table(
        ("file", "bytes", "SHA-256"), rows, "The artefacts that these figures are of"
    )
    blocks = [Block(tables=[figures_of])]
    if checklist is not None:
        blocks.append(Block("Release checklist", tables=_checklist(metrics.content(checklist))))
    return Section(
        "release",
        "Release",
        "The files that were measured, by digest, and what was checked before delivery.",
        blocks,
    )


def _checklist(tree: Any) -> list[Table]:
    """A list of items as a table; whatever else stands beside it as names and values."""
    items = tree if isinstance(tree, list) else None
    rest = {}
    for key, value in tree.items() if isinstance(tree, dict) else ():
        if items is None and isinstance(value, list) and all(isinstance(x, dict) for x in value):
            items = value
        else:
            rest[key] = value
    tables = []
    if items:
        columns = list(dict.fromkeys(key for item in items for key in item))
        cells = [[written(item.get(column)) for column in columns] for item in items]
        tables.append(Table([named(one) for one in columns], cells, "Items"))
    return tables + ([flat(rest, "Checklist")] if rest else [])
