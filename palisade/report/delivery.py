"""What is delivered, and what only some projects measure: shown where dvc.yaml declares it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from palisade.report import checklist, figure, scales, svg
from palisade.report.charts import Point, Ranges, Series
from palisade.report.figure import Block, Figure, Section, Table
from palisade.report.source import Metrics, Row
from palisade.report.subject import Subject, between, named, rounded

# Columns of ``physical.csv`` as a table for people calls them, where not by their own names.
TITLES = {
    "low": "95 % interval",
    "oblivious_accepted_and_wrong": "oblivious",
    "guard_aware_accepted_and_wrong": "guard-aware",
    "n": "examples",
}


def physical(subjects: Sequence[Subject]) -> Section:
    """Attacks that could be carried out in front of the sensor."""
    return Section(
        "physical",
        "Physical attacks",
        "Attacks that could be carried out in front of the sensor, on the int8 model as the "
        "device runs it. Read each beside its control, which has the channel or the cover without "
        "the intent.",
        [
            Block(figures=[drawn for one in subjects for drawn in _rated(one)]),
            Block(
                "At the severity of reference",
                "Accuracy is under an attack that is oblivious of the guard. Accepted and wrong is "
                "the share of inputs whose wrong answer the guard accepts, under that attack or, "
                "where it is crafted by gradients, a guard-aware one. Other severities stand in "
                "the charts and their tables.",
                tables=[_referred(subjects)],
            ),
        ],
    )


def _rated(subject: Subject) -> list[Figure]:
    """The table as a chart, where it has a rate with an interval; else nothing."""
    rows = subject.rows("physical")
    rate = _rate(rows)
    if rate is None:
        return []
    rows = subject.rows("physical", rate, "low", "high")
    points = [
        Point(float(row[rate]), n, float(row["low"]), float(row["high"]))
        for n, row in enumerate(rows)
    ]
    labels = [" · ".join(_names(row, rate).values()) for row in rows]
    ranges = Ranges(labels, [Series(rate, 1, points)], scales.shares(0.5), rate)
    title = f"{subject.key}: physical attacks"
    said = ", ".join(f"{label} {point.x:.3g}" for label, point in zip(labels, points, strict=True))
    drawn = svg.drawing(f"physical-{subject.key}", title, said, ranges.height, ranges.draw())
    table = figure.of_rows(rows, f"Physical attacks, {subject.key}")
    return [Figure(f"figure-physical-{subject.key}", title, drawn, table)]


def _rate(rows: Sequence[Row]) -> str | None:
    """The column of the rate, if it has an interval."""
    columns = set(rows[0]) if rows else set()
    found = next((one for one in ("accuracy", "rate") if one in columns), None)
    return found if {"low", "high"} <= columns else None


def _names(row: Row, rate: str | None) -> Row:
    """The cells before the rate, which name a row, by column; not how many examples it is of."""
    columns = list(row)
    before = columns[: columns.index(rate)] if rate else columns[:1]
    return {one: named(row[one]) for one in before if one != "n" and row[one].strip("-")}


def _referred(subjects: Sequence[Subject]) -> Table:
    """The rows of reference of each task, or all of them where its table marks none."""
    found = []
    for one in subjects:
        rows = one.rows("physical")
        chosen = [row for row in rows if row.get("reference") == "1"] or rows
        found += [{"task": one.key, **_readable(row, _rate(rows))} for row in chosen]
    columns = list(dict.fromkeys(column for row in found for column in row))
    cells = [[row.get(column, "") for column in columns] for row in found]
    return Table(columns, cells, "Physical attacks")


def _readable(row: Row, rate: str | None) -> Row:
    """A row by the names that people use, rates to three places, how many examples last."""
    told = {one: rounded(cell) for one, cell in row.items()} | _names(row, rate)
    told.pop("reference", None)
    if rate:
        told["low"] = between(float(told["low"]), float(told.pop("high")))
    if "n" in told:
        told |= {"n": f"{int(row['n']):,}"}
    return {TITLES.get(one, named(one)): told[one] for one in sorted(told, key="n".__eq__)}


def release(artefacts: Mapping[str, Path], metrics: Metrics) -> Section:
    """Digests of the artefacts that the figures are of, and the release's checklist if it has one.

    Args:
        artefacts: files by their path from the project's root.
        metrics: where the checklist is, too.
    """
    listed = (
        checklist.blocks(metrics.content(checklist.PATH)) if metrics.has(checklist.PATH) else []
    )
    rows = [
        [path, f"{file.stat().st_size:,}", hashlib.sha256(file.read_bytes()).hexdigest()]
        for path, file in artefacts.items()
    ]
    figures_of = Table(
        ("file", "bytes", "SHA-256"), rows, "The artefacts that these figures are of"
    )
    return Section(
        "release",
        "Release",
        "The files that were measured, by digest, and what was checked before delivery.",
        [Block(tables=[figures_of]), *listed],
    )
