"""What a page is made of: sections, blocks, figures and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from palisade.report import svg
from palisade.report.charts import Series
from palisade.report.source import Row


@dataclass(frozen=True)
class Table:
    """Rows of cells as text.

    Attributes:
        columns: their names.
        rows: a cell a column each; the first names its row.
        caption: what it is of.
        states: of each row, ``good``, ``bad`` or nothing, beside what the row itself says.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str
    states: Sequence[str] = ()

    def state(self, row: int) -> str:
        """Of one row."""
        return self.states[row] if self.states else ""


@dataclass(frozen=True)
class Figure:
    """A drawing with its legend and the numbers that it was drawn from.

    Attributes:
        name: unique in the page.
        title: what it shows.
        drawing: SVG.
        table: its numbers.
        legend: a style and a name for each series; empty where the drawing names them.
        note: what one has to know to read it.
    """

    name: str
    title: str
    drawing: Markup
    table: Table
    legend: Sequence[tuple[int, str]] = ()
    note: str = ""
    wide: bool = False

    def keys(self) -> list[tuple[Markup, str]]:
        """The legend, each entry with its mark."""
        return [(svg.key(style), name) for style, name in self.legend]


@dataclass(frozen=True)
class Block:
    """Figures, tables and samples that belong together, under a title of their own or none."""

    title: str = ""
    about: str = ""
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    content: Markup = field(default_factory=Markup)


@dataclass(frozen=True)
class Section:
    """A part of the page that its list of contents names."""

    name: str
    title: str
    about: str
    blocks: Sequence[Block]


def legend(series: Sequence[Series]) -> list[tuple[int, str]]:
    """The legend of some series."""
    return [(one.style, one.name) for one in series]


def of_rows(rows: Sequence[Row], caption: str) -> Table:
    """A CSV table as it is."""
    columns = list(rows[0]) if rows else []
    return Table(columns, [[row[column] for column in columns] for row in rows], caption)


def spoken(series: Sequence[Series], at: Sequence[str] | None = None) -> str:
    """What a chart shows, in words: each series' points, or of a long one its ends.

    Args:
        at: names of the x values 0, 1, 2 and so on.
    """
    said = []
    for one in series:
        points = one.points if len(one.points) <= 6 else (one.points[0], one.points[-1])
        join = ", " if len(one.points) <= 6 else " to "
        spots = [
            f"{point.y:.3g} at {at[int(point.x)] if at else f'{point.x:.3g}'}" for point in points
        ]
        said.append(f"{one.name}: {join.join(spots)}")
    return ". ".join(said) + "."
