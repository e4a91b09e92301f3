"""The door: what happens when several sensors have to agree, and when some are controlled."""

from __future__ import annotations

from collections.abc import Sequence

from palisade.report import crafted, figure, scales, svg
from palisade.report.charts import Point, Ranges, Series
from palisade.report.figure import Block, Figure, Section, Table
from palisade.report.source import Metrics, Row
from palisade.report.subject import listed, named, stated

FUSED = "metrics/fusion.json"
RATES, EVIDENCE = "metrics/detail/fusion.csv", "metrics/detail/fusion_evidence.csv"
NUMBERS = ("rate", "low", "high", "n")


def door(metrics: Metrics) -> Section:
    """False accepts and rejects together, alone, controlled and crafted; other evidence."""
    rows = metrics.rows(RATES, *NUMBERS)
    return Section(
        "door",
        "The door",
        "The critical action passes only where all sensors agree. A controlled sensor says what "
        "its attacker wants; a bystander's event is one where the others truly have a reason to "
        "agree. Logarithmic axes; a rate of zero is drawn at their left end.",
        [
            Block(
                figures=[
                    _rates(rows, "accept", "opens though it should not"),
                    _rates(rows, "reject", "stays shut though it should open"),
                    _evidence(metrics),
                ],
            ),
            Block(
                "Sensors in the attacker's hands",
                "Of events in which another sensor has no reason to agree; and of bystanders, in "
                "which all others have.",
                tables=[_controlled(rows)],
            ),
            *(crafted.blocks(metrics) if metrics.has(crafted.ATTACKED) else []),
        ],
    )


def _rates(rows: Sequence[Row], kind: str, what: str) -> Figure:
    ending = f"false_{kind}_rate"
    chosen = [
        row
        for row in rows
        if row["figure"].startswith(("action.", "single.", "controlled.", "two_controlled."))
        and (row["figure"].endswith(f".{ending}") or (kind == "accept" and _pair(row)))
        and int(row["n"])
    ]
    labels = [_label(row["figure"]) for row in chosen]
    points = [
        Point(float(row["rate"]), n, float(row["low"]), float(row["high"]))
        for n, row in enumerate(chosen)
    ]
    ranges = Ranges(
        labels,
        [Series("rate", 1, points)],
        scales.logarithmic(scales.LEAST_RATE, 1.0),
        "share of events",
    )
    title = f"The door {what}"
    said = ", ".join(f"{label} {point.x:.3g}" for label, point in zip(labels, points, strict=True))
    return Figure(
        f"figure-door-{kind}",
        title,
        svg.drawing(f"door-{kind}", title, said, ranges.height, ranges.draw()),
        figure.of_rows(chosen, title),
    )


def _pair(row: Row) -> bool:
    return row["figure"].startswith("two_controlled.")


def _label(name: str) -> str:
    """``single.voice.false_accept_rate`` as ``voice alone``."""
    kind, task, *_ = name.split(".")
    if kind == "action":
        return "all agree"
    if kind == "single":
        return f"{task} alone"
    return f"{listed(task.split('_'))} controlled"


def _controlled(rows: Sequence[Row]) -> Table:
    chosen = [row for row in rows if row["figure"].startswith(("controlled.", "two_controlled."))]
    return Table(
        ("controlled", "of events", "opens", "95 % interval", "events"),
        [
            [
                listed(row["figure"].split(".")[1].split("_")),
                "of bystanders" if "bystander" in row["figure"] else "without a reason",
                *stated(row),
                f"{int(row['n']):,}",
            ]
            for row in chosen
        ],
        "False accepts with sensors in the attacker's hands",
    )


def _evidence(metrics: Metrics) -> Figure:
    rows = metrics.rows(EVIDENCE, *NUMBERS)
    tasks = [column for column in rows[0] if column not in ("figure", *NUMBERS)]
    kinds = list(dict.fromkeys(tuple(row[task] for task in tasks) for row in rows))
    wanted = (
        ("action.false_accept_rate", "false accepts", 3),
        ("action.false_reject_rate", "false rejects", 1),
    )
    series = []
    for name, called, style in wanted:
        points = [
            Point(
                float(row["rate"]),
                kinds.index(tuple(row[task] for task in tasks)),
                float(row["low"]),
                float(row["high"]),
            )
            for row in rows
            if row["figure"] == name
        ]
        series.append(Series(called, style, points))
    labels = [" · ".join(kind) for kind in kinds]
    ranges = Ranges(labels, series, scales.logarithmic(scales.LEAST_RATE, 1.0), "share of events")
    title = f"By the evidence of {listed([named(task) for task in tasks])}"
    said = "; ".join(
        f"{label}: {', '.join(f'{one.name} {one.points[n].x:.3g}' for one in series)}"
        for n, label in enumerate(labels)
    )
    return Figure(
        "figure-evidence",
        title,
        svg.drawing("evidence", title, said, ranges.height, ranges.draw()),
        figure.of_rows(rows, title),
        figure.legend(series),
        "Which windows of each sensor count; the thresholds are calibrated anew for each row.",
    )
