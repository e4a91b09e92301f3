"""The DAG, drawn from dvc.yaml: stages in columns, so that every arrow goes to the right.

A stage stands one column behind the last of those that it reads from. An arrow that a chain of
others implies is left out, which keeps the drawing readable. Long arrows get a place of their own
in each column that they cross, and each column is put in the order of its neighbours' places.

References:
    Sugiyama, Tagawa and Toda, IEEE Trans. Systems, Man, and Cybernetics 11(2), 1981.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from palisade.report import svg
from palisade.report.figure import Block, Figure, Section, Table
from palisade.stage import Entry

COLUMN_PX, NODE_PX, HIGH_PX, ROW_PX = 103.0, 80.0, 40.0, 54.0
SWEEPS = 8

Edges = Mapping[str, set[str]]  # the stages that each reads from


def edges(entries: Iterable[Entry]) -> dict[str, set[str]]:
    """By name of a stage, the names of those whose outputs it reads."""
    listed = list(entries)
    makers = {out: entry.name for entry in listed for out in entry.outs}
    found: dict[str, set[str]] = {entry.name: set() for entry in listed}
    for entry in listed:
        for dep in entry.deps:
            found[entry.name] |= {
                maker
                for out, maker in makers.items()
                if maker != entry.name and (dep == out or dep.startswith(f"{out}/"))
            }
    return found


def reduced(found: Edges) -> dict[str, set[str]]:
    """Without the edges that a chain of others implies."""

    def reach(name: str) -> set[str]:
        return found[name].union(*(reach(one) for one in found[name]))

    return {
        name: {one for one in before if not any(one in reach(x) for x in before - {one})}
        for name, before in found.items()
    }


def columns(found: Edges) -> dict[str, int]:
    """The column of each stage."""
    known: dict[str, int] = {}

    def column(name: str) -> int:
        if name not in known:
            known[name] = 1 + max((column(one) for one in found[name]), default=-1)
        return known[name]

    for name in found:
        column(name)
    return known


@dataclass(frozen=True)
class Layout:
    """Where things are.

    Attributes:
        stages: column and row of each stage.
        arrows: the places that each arrow goes through, from stage to stage.
    """

    stages: Mapping[str, tuple[int, float]]
    arrows: Sequence[Sequence[tuple[int, float]]]


def layout(found: Edges) -> Layout:
    """Columns, and rows in which few arrows cross."""
    thin, at = reduced(found), columns(found)
    chains = [
        [before, *(f"{before}>{name}>{n}" for n in range(at[before] + 1, at[name])), name]
        for name in thin
        for before in sorted(thin[name], key=list(found).index)
    ]
    places = dict(at)
    for chain in chains:
        places |= {one: at[chain[0]] + n for n, one in enumerate(chain)}
    levels: list[list[str]] = [[] for _ in range(max(places.values()) + 1)]
    for name, level in places.items():
        levels[level].append(name)
    beside = [(a, b) for chain in chains for a, b in pairwise(chain)]
    rows = _ordered(levels, beside)
    spots = {name: (places[name], rows[name]) for name in places}
    return Layout(
        {name: spots[name] for name in found}, [[spots[one] for one in chain] for chain in chains]
    )


def _ordered(levels: list[list[str]], beside: Sequence[tuple[str, str]]) -> dict[str, float]:
    """The row of each place: its column sorted by its neighbours' mean, swept to and fro."""
    rows = _centred(levels)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for level in levels if forward else levels[::-1]:
            means = {}
            for name in level:
                near = [rows[a] for a, b in beside if b == name] if forward else []
                near = near or [rows[b] for a, b in beside if a == name] if not forward else near
                means[name] = sum(near) / len(near) if near else rows[name]
            level.sort(key=lambda name, means=means: means[name])  # type: ignore[misc]
            rows |= _centred([level])
    return rows


def _centred(levels: Sequence[Sequence[str]]) -> dict[str, float]:
    return {
        name: place - (len(level) - 1) / 2 for level in levels for place, name in enumerate(level)
    }


def section(listed: Mapping[str, Entry], about: Mapping[str, str]) -> Section:
    """The DAG of a project.

    Args:
        listed: its stages by title.
        about: what each does, by its name.
    """
    found = edges(listed.values())
    runs = {  # sorted, as DVC does not track the order of params.yaml
        name: sorted(entry.key for entry in listed.values() if entry.name == name and entry.key)
        for name in found
    }
    place = layout(found)
    high = max(abs(row) for _, row in place.stages.values())
    high = max(high, *(abs(row) for arrow in place.arrows for _, row in arrow))
    height = ROW_PX * 2 * high + HIGH_PX + 16
    width = COLUMN_PX * max(column for column, _ in place.stages.values()) + NODE_PX + 4

    def spot(column: int, row: float) -> svg.Point:
        return 2 + COLUMN_PX * column, height / 2 + ROW_PX * row

    content = [_arrow([spot(*one) for one in arrow]) for arrow in place.arrows]
    content += [_node(name, runs[name], spot(*place.stages[name])) for name in found]
    title = "Stages, and what they read from each other"
    said = "; ".join(
        f"{name} reads from {', '.join(sorted(before)) or 'no other stage'}"
        for name, before in found.items()
    )
    table = Table(
        ("stage", "runs for", "reads from", "what it does"),
        [
            [
                name,
                ", ".join(runs[name]) or "all at once",
                ", ".join(one for one in found if one in found[name]) or "params",
                about.get(name, ""),
            ]
            for name in found
        ],
        title,
    )
    figure = Figure(
        "figure-dag",
        title,
        svg.drawing("dag", title, said, height, content, width),
        table,
        wide=True,
    )
    return Section(
        "pipeline",
        "Pipeline",
        "The DAG of dvc.yaml, from left to right. Some stages run once for each task. "
        "Arrows that a chain of others implies are left out.",
        [Block(figures=[figure])],
    )


def _node(name: str, runs: Sequence[str], middle: svg.Point) -> Markup:
    x, y = middle
    box = svg.rect((x, y - HIGH_PX / 2), NODE_PX, HIGH_PX, "node" if runs else "node single", 8)
    centre = x + NODE_PX / 2
    if not runs:
        return svg.group([box, svg.text((centre, y + 4), name, "label", "middle")])
    times = f"{len(runs)} tasks" if len(runs) > 1 else runs[0]
    words = [
        svg.text((centre, y - 1), name, "label", "middle"),
        svg.text((centre, y + 13), times, "tick", "middle"),
    ]
    return svg.group([box, *words])


def _arrow(spots: Sequence[svg.Point]) -> Markup:
    """A curve through the middle of each place, from a box's right side to the next one's left."""
    x, y = spots[0][0] + NODE_PX, spots[0][1]
    steps = [f"M{svg.number(x)},{svg.number(y)}"]
    for place, (left, row) in enumerate(spots[1:], start=1):
        bend = (x + left) / 2
        end = left - 5 if place == len(spots) - 1 else left
        steps.append(
            f"C{svg.number(bend)},{svg.number(y)} {svg.number(bend)},{svg.number(row)} "
            f"{svg.number(end)},{svg.number(row)}"
        )
        if place < len(spots) - 1:
            x, y = left + NODE_PX, row
            steps.append(f"L{svg.number(x)},{svg.number(y)}")
    tip, row = spots[-1]
    head = " ".join(
        f"{svg.number(a)},{svg.number(b)}"
        for a, b in ((tip - 6, row - 4), (tip, row), (tip - 6, row + 4))
    )
    return svg.group(
        [
            svg.tag("path", d="".join(steps), class_="arrow"),
            svg.tag("polygon", points=head, class_="head"),
        ]
    )
