"""The robustness curve of a task, now and before: a drawing, a chart for a comment, a table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from palisade.report import charts, scales
from palisade.report.charts import Point, Series
from palisade.report.comparison import Base
from palisade.report.source import figure
from palisade.review import markdown, picture

NOW, BEFORE = ("now", 1), ("before", 3)  # name, style
COLOURS = {"now": "#0b5cad", "before": "#b84a00"}  # as the report's styles 1 and 3
NUMBERS = ("worst_case_accuracy", "low", "high")
CLEAN = "clean"


@dataclass(frozen=True)
class Curve:
    """Worst case of one task by budget.

    Attributes:
        task: its name.
        budgets: by name, the clean figure first.
        series: now, and before if it was attacked at the same budgets.
    """

    task: str
    budgets: Sequence[str]
    series: Sequence[Series]

    def drawing(self) -> str:
        """An SVG file."""
        place = charts.frame(scales.ordinal(self.budgets), scales.shares())
        content = [
            *place.axes("budget of the attacker, stronger to the right", "accuracy"),
            *charts.lines(place, self.series, shift_px=7),
        ]
        title = f"{self.task}: worst case of int8 under attack"
        return picture.standalone(title, content, self.series, height=230)

    def chart(self) -> list[str]:
        """A Mermaid chart, which GitHub draws where it stands."""
        palette = ", ".join(COLOURS[one.name] for one in self.series)
        settings = json.dumps({"themeVariables": {"xyChart": {"plotColorPalette": palette}}})
        names = ", ".join(f'"{name}"' for name in self.budgets)
        return [
            "```mermaid",
            f"%%{{init: {settings}}}%%",
            "xychart-beta",
            f'    title "{self.task}: worst case of int8 under attack"',
            f"    x-axis [{names}]",
            '    y-axis "accuracy" 0 --> 1',
            *(
                f"    line [{', '.join(f'{point.y:.4f}' for point in one.points)}]"
                for one in self.series
            ),
            "```",
        ]

    def rows(self) -> list[str]:
        """The same as a table."""
        cells = [
            [markdown.code(name), *(_cell(one.points[place]) for one in reversed(self.series))]
            for place, name in enumerate(self.budgets)
        ]
        columns = ["budget", *(one.name for one in reversed(self.series))]
        return markdown.table(columns, cells)


def curve(task: str, before: Base, now: Base) -> Curve | None:
    """Read a task's curve; None where it has none now."""
    mine = _points(task, now)
    if mine is None:
        return None
    theirs = _points(task, before) or {}
    sides = [(NOW, mine), (BEFORE, theirs)] if list(theirs) == list(mine) else [(NOW, mine)]
    series = [Series(name, style, list(points.values())) for (name, style), points in sides]
    return Curve(task, list(mine), series)


def _points(task: str, side: Base) -> dict[str, Point] | None:
    """By budget, the clean figure first; x is the place among them."""
    table = f"metrics/{task}/detail/robustness.csv"
    figures = f"metrics/{task}/evaluate.json"
    if not (side.metrics.has(table) and side.metrics.has(figures)):
        return None
    clean = figure(side.metrics.json(figures), "int8.clean_accuracy", figures)
    found = {CLEAN: Point(0, clean)}
    for row in side.metrics.rows(table, *NUMBERS):
        if (row["model"], row["among"]) == ("int8", "all"):
            value, low, high = (float(row[name]) for name in NUMBERS)
            found[row["budget"]] = Point(len(found), value, low, high)
    return found


def _cell(point: Point) -> str:
    interval = "" if point.low is None else f" ({point.low:.3f} to {point.high:.3f})"
    return f"{point.y:.3f}{interval}"
