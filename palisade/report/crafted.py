"""The door under inputs that were crafted for it, beside clean ones and full control."""

from __future__ import annotations

from collections.abc import Sequence

from palisade.report import figure, scales, svg
from palisade.report.charts import Point, Ranges, Series
from palisade.report.figure import Block, Figure, Table
from palisade.report.source import Metrics, Row
from palisade.report.subject import listed, rounded, stated

ATTACKED, RATES = "metrics/fusion_attack.json", "metrics/detail/fusion_attack.csv"
NUMBERS = ("clean", "rate", "low", "high", "bound", "n")
# What the attacker wants: what the door then does, and what that is called.
GOALS = {
    "forced": ("opens", "opens under crafted inputs"),
    "denied": ("stays shut", "stays shut under crafted inputs"),
}
# Groups of events that the tables show; the charts' own tables have all.
AMONG = {"all": "all", "bystander": "of bystanders"}
# A column of rates, what it is called, and its style.
SERIES = (("clean", "clean", 2), ("rate", "crafted", 1), ("bound", "full control", 3))
ANY = "any_"  # the best so many sensors of each event


def blocks(metrics: Metrics) -> list[Block]:
    """Rates by the sensors whose inputs were crafted, to open the door and to keep it shut."""
    rows = metrics.rows(RATES, *NUMBERS)
    by_goal = {goal: [row for row in rows if row["goal"] == goal] for goal in GOALS}
    about = (
        "Inputs of some sensors crafted against the door's own thresholds, within the reference "
        "budget of each task, and judged on the device's path with its guard: in events that must "
        "not open the door, and in events that must. Sensors do not see each other, so each is "
        "attacked by itself; the best of several are chosen anew in each event. Full control, "
        "which sets a sensor's score at will, is the upper bound; to keep the door shut it is "
        "always enough. Bystanders' events are those in which all sensors out of reach truly "
        "agree."
    )
    return [
        Block("Crafted inputs", about, [_chart(goal, chosen) for goal, chosen in by_goal.items()]),
        *(Block(tables=[_table(goal, chosen)]) for goal, chosen in by_goal.items()),
    ]


def all_forced(metrics: Metrics) -> str:
    """How often the door opens with every sensor's inputs crafted."""
    rows = [
        row
        for row in metrics.rows(RATES, *NUMBERS)
        if (row["goal"], row["among"]) == ("forced", "all") and not row["reached"].startswith(ANY)
    ]
    return stated(max(rows, key=lambda row: len(row["reached"].split("_"))))[0]


def _chart(goal: str, rows: Sequence[Row]) -> Figure:
    chosen = [row for row in rows if row["among"] == "all" and int(row["n"])]
    labels = [_reach(row["reached"], rows) for row in chosen]
    series = [
        Series(called, style, [_point(row, column, n) for n, row in enumerate(chosen)])
        for column, called, style in SERIES
    ]
    scale = scales.logarithmic(scales.LEAST_RATE, 1.0)
    ranges = Ranges(labels, series, scale, "share of events")
    title = f"The door {GOALS[goal][1]}"
    said = "; ".join(
        f"{label}: {', '.join(f'{one.name} {one.points[n].x:.3g}' for one in series)}"
        for n, label in enumerate(labels)
    )
    return Figure(
        f"figure-door-{goal}",
        title,
        svg.drawing(f"door-{goal}", title, said, ranges.height, ranges.draw()),
        figure.of_rows(rows, title),
        figure.legend(series),
    )


def _point(row: Row, column: str, place: int) -> Point:
    if column != "rate":
        return Point(float(row[column]), place)
    return Point(float(row["rate"]), place, float(row["low"]), float(row["high"]))


def _reach(name: str, rows: Sequence[Row]) -> str:
    """``motion_voice`` in words, and ``any_2`` as ``best 2 of 3``."""
    if name.startswith(ANY):
        count = len({row["reached"] for row in rows if "_" not in row["reached"]})
        return f"best {name.removeprefix(ANY)} of {count}"
    return listed(name.split("_"))


def _table(goal: str, rows: Sequence[Row]) -> Table:
    does, what = GOALS[goal]
    return Table(
        ("crafted", "of events", does, "95 % interval", "clean", "noise", "full control", "events"),
        [
            [
                _reach(row["reached"], rows),
                AMONG[row["among"]],
                *stated(row),
                *(
                    rounded(row[one]) if int(row["n"]) else ""
                    for one in ("clean", "noise", "bound")
                ),
                f"{int(row['n']):,}",
            ]
            for row in rows
            if row["among"] in AMONG
        ],
        f"The door {what}",
    )
