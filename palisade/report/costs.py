"""What one inference costs on a microcontroller, and how much of its limits it takes."""

from __future__ import annotations

from collections.abc import Sequence

from palisade.report import charts, figure, scales, svg
from palisade.report.charts import Point, Ranges, Series
from palisade.report.figure import Block, Figure, Section
from palisade.report.source import Row
from palisade.report.subject import Subject, named

NUMBERS = ("low", "high")
MEMORY = (("flash_bytes", "flash"), ("ram_bytes", "RAM"))


def costs(subjects: Sequence[Subject]) -> Section:
    """Limits, memory, latency and energy."""
    return Section(
        "cost",
        "Cost on the device",
        "Bytes are measured on code built for a Cortex-M4, instructions counted on an emulated "
        "one; latency and energy are estimates, hence ranges.",
        [
            Block(
                "Against its limits",
                "Shares of what params.yaml allows; beyond 1 a limit is broken.",
                figures=[_limits(one) for one in subjects],
            ),
            Block("Memory", figures=[_memory(one) for one in subjects]),
            Block("Latency", figures=[_ranges(one, "latency_ms", "ms") for one in subjects]),
            Block("Energy", figures=[_ranges(one, "energy_uj", "µJ") for one in subjects]),
        ],
    )


def rows_of(subject: Subject) -> list[Row]:
    """The table of costs."""
    return subject.rows("cost", *NUMBERS)


def _limits(subject: Subject) -> Figure:
    rows = [row for row in rows_of(subject) if row["limit"]]
    shares = [float(row["high"]) / float(row["limit"]) for row in rows]
    series = [Series("share of the limit", 1, [Point(one, n) for n, one in enumerate(shares)])]
    scale = scales.linear(0.0, max(1.2, *shares))
    labels = [named(row["figure"]) for row in rows]
    ranges = Ranges(labels, series, scale, "share of the limit", 1.0, "limit")
    title = f"{subject.key}: cost against its limits"
    said = ", ".join(f"{name} {one:.2f}" for name, one in zip(labels, shares, strict=True))
    return Figure(
        f"figure-limits-{subject.key}",
        title,
        svg.drawing(f"limits-{subject.key}", title, said, ranges.height, ranges.draw()),
        figure.of_rows(rows, f"Costs and limits, {subject.key}"),
    )


def _memory(subject: Subject) -> Figure:
    rows = [row for row in rows_of(subject) if row["figure"] in dict(MEMORY)]
    groups = [
        (name, [(named(row["of"]), float(row["high"])) for row in rows if row["figure"] == kind])
        for kind, name in MEMORY
    ]
    bars = charts.Bars(groups, "bytes")
    title = f"{subject.key}: flash and RAM"
    said = ". ".join(
        f"{group}: " + ", ".join(f"{name} {value:,.0f} bytes" for name, value in parts)
        for group, parts in groups
    )
    return Figure(
        f"figure-memory-{subject.key}",
        title,
        svg.drawing(f"memory-{subject.key}", title, said, bars.height, bars.draw()),
        figure.of_rows(rows, f"Memory, {subject.key}"),
    )


def _ranges(subject: Subject, kind: str, unit: str) -> Figure:
    rows = [row for row in rows_of(subject) if row["figure"] == kind]
    ends = [(float(row["low"]), float(row["high"])) for row in rows]
    middles = [Point((low * high) ** 0.5, n, low, high) for n, (low, high) in enumerate(ends)]
    scale = scales.logarithmic(min(low for low, _ in ends), max(high for _, high in ends))
    labels = [_board(row["of"]) for row in rows]
    ranges = Ranges(labels, [Series("estimate", 1, middles)], scale, unit)
    what = named(kind).split()[0]
    title = f"{subject.key}: {what} of one inference"
    said = ", ".join(
        f"{row['of']}: {low:g} to {high:g} {unit}"
        for row, (low, high) in zip(rows, ends, strict=True)
    )
    return Figure(
        f"figure-{what}-{subject.key}",
        title,
        svg.drawing(f"{what}-{subject.key}", title, said, ranges.height, ranges.draw()),
        figure.of_rows(rows, f"{what.capitalize()}, {subject.key}"),
    )


def _board(name: str) -> str:
    """``Cortex-M4, X-CUBE-AI`` of ``STM32L4R5 (Cortex-M4, 120 MHz), X-CUBE-AI``."""
    board, _, stack = name.rpartition(", ")
    core = board.partition("(")[2].partition(",")[0]
    return f"{core}, {stack}" if core else name
