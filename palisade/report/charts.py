"""Charts: lines with intervals, ranges in rows, bars, heat maps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from palisade.report import svg
from palisade.report.scales import Scale
from palisade.report.svg import WIDTH_PX

ROW_PX = 24.0  # of a heat map
MARK_ROW_PX = 10.0  # from one mark of a row to the next
BAR_ROW_PX = 18.0
SHADES = 10
CHARACTER_PX = 6.1  # of the drawings' type, on average


@dataclass(frozen=True)
class Point:
    """A value with its interval, where it has one."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Series:
    """Points of one kind.

    Attributes:
        name: in the legend.
        style: 1 to 5, colour, dash and mark.
        marked: whether each point has its mark; a curve of many points has none.
    """

    name: str
    style: int
    points: Sequence[Point]
    marked: bool = True


@dataclass(frozen=True)
class Frame:
    """The area that an x and a y axis span, in pixels."""

    x: Scale
    y: Scale
    left: float
    top: float
    right: float
    bottom: float

    def at(self, x: float, y: float) -> svg.Point:
        """Where a pair of values is."""
        across = self.left + self.x.place(x) * (self.right - self.left)
        return across, self.bottom - self.y.place(y) * (self.bottom - self.top)

    def axes(self, x_label: str, y_label: str, *, numbered: bool = True) -> Iterator[Markup]:
        """Grid lines, ticks and names of both axes; the x axis perhaps without its numbers."""
        for value, label in self.y.ticks:
            _, y = self.at(self.x.low, value)
            yield svg.line((self.left, y), (self.right, y), "grid")
            yield svg.text((self.left - 6, y + 4), label, "tick", "end")
        for value, label in self.x.ticks:
            x, _ = self.at(value, self.y.low)
            yield svg.line((x, self.bottom), (x, self.bottom + 4), "axis")
            if numbered:
                yield svg.text((x, self.bottom + 17), label, "tick", "middle")
        yield svg.line((self.left, self.bottom), (self.right, self.bottom), "axis")
        yield svg.text((0, self.top - 10), y_label, "name")
        middle = (self.left + self.right) / 2
        yield svg.text((middle, self.bottom + 34), x_label, "name", "middle")


def frame(x: Scale, y: Scale, height: float = 230) -> Frame:
    """A frame as wide as a drawing, with room for ticks and names."""
    longest = max(len(label) for _, label in y.ticks)
    return Frame(x, y, 10 + CHARACTER_PX * longest, 26, WIDTH_PX - 12, height - 40)


def lines(place: Frame, series: Iterable[Series], shift_px: float = 0.0) -> Iterator[Markup]:
    """Lines through points, with their intervals.

    Args:
        shift_px: how far apart series stand at one x, so that intervals do not cover each other.
    """
    listed = list(series)
    for order, one in enumerate(listed):
        aside = (order - (len(listed) - 1) / 2) * shift_px
        spots = [(x + aside, y) for x, y in (place.at(p.x, p.y) for p in one.points)]
        parts = [svg.path(spots, "line")] if len(spots) > 1 else []
        for spot, point in zip(spots, one.points, strict=True):
            if point.low is not None and point.high is not None:
                ends = (place.at(point.x, point.low)[1], place.at(point.x, point.high)[1])
                parts.append(svg.line((spot[0], ends[0]), (spot[0], ends[1]), "whisker"))
        if one.marked or len(spots) == 1:
            parts += [svg.mark(spot, one.style) for spot in spots]
        yield svg.group(parts, f"s{one.style}")


@dataclass(frozen=True)
class Ranges:
    """Rows, each with a value or more and their intervals."""

    labels: Sequence[str]
    series: Sequence[Series]  # x is the value, y the row
    scale: Scale
    name: str  # of the values' axis
    guide: float | None = None  # a line across all rows
    guide_name: str = ""

    @property
    def height(self) -> float:
        """In pixels."""
        return self._top + self._row * len(self.labels) + 42

    @property
    def _top(self) -> float:
        return 20 if self.guide is not None else 4

    @property
    def _row(self) -> float:
        """Pixels from row to row, so that marks of one row do not cover each other."""
        return 14 + MARK_ROW_PX * max(len(self.series), 1)

    def draw(self) -> Iterator[Markup]:
        """The rows from the top, the axis below."""
        longest = max(len(label) for label in self.labels)
        left = min(14 + CHARACTER_PX * longest, WIDTH_PX * 0.55)
        bottom = self._top + self._row * len(self.labels)
        right = WIDTH_PX - 16

        def across(value: float) -> float:
            return left + self.scale.place(value) * (right - left)

        for row in range(len(self.labels)):
            y = self._top + self._row * row
            if row % 2 == 0:
                yield svg.rect((0, y), WIDTH_PX, self._row, "stripe", 3)
        for value, label in self.scale.ticks:
            yield svg.line((across(value), self._top), (across(value), bottom), "grid")
            yield svg.text((across(value), bottom + 16), label, "tick", "middle")
        yield svg.text(((left + right) / 2, bottom + 34), self.name, "name", "middle")
        if self.guide is not None:
            x = across(self.guide)
            yield svg.line((x, self._top - 4), (x, bottom), "guide")
            yield svg.text((x, 11), self.guide_name, "tick", "middle")
        for row, label in enumerate(self.labels):
            yield svg.text((6, self._top + self._row * (row + 0.5) + 4), label, "label")
        for order, one in enumerate(self.series):
            yield svg.group(self._marks(one, order, across), f"s{one.style}")

    def _marks(self, one: Series, order: int, across: Callable[[float], float]) -> Iterator[Markup]:
        aside = (order - (len(self.series) - 1) / 2) * MARK_ROW_PX
        for point in one.points:
            y = self._top + self._row * (point.y + 0.5) + aside
            if point.low is not None and point.high is not None:
                yield svg.line((across(point.low), y), (across(point.high), y), "whisker")
            yield svg.mark((across(point.x), y), one.style)


@dataclass(frozen=True)
class Bars:
    """Amounts in rows, in groups with their sums, all to one scale."""

    groups: Sequence[tuple[str, Sequence[tuple[str, float]]]]
    unit: str

    @property
    def height(self) -> float:
        """In pixels."""
        return sum(26 + BAR_ROW_PX * len(rows) + 8 for _, rows in self.groups)

    def draw(self) -> Iterator[Markup]:
        """Each group under its name and sum."""
        longest = max(len(name) for _, rows in self.groups for name, _ in rows)
        left = 10 + CHARACTER_PX * longest
        right = WIDTH_PX - 10 - CHARACTER_PX * 8
        most = max(value for _, rows in self.groups for _, value in rows) or 1.0
        y = 0.0
        for group, rows in self.groups:
            total = sum(value for _, value in rows)
            yield svg.text((0, y + 14), group, "label strong")
            yield svg.text((WIDTH_PX, y + 14), f"{total:,.0f} {self.unit}", "value strong", "end")
            y += 26
            for name, value in rows:
                wide = max((right - left) * value / most, 1)
                yield svg.text((0, y + 9), name, "label")
                yield svg.group([svg.rect((left, y), wide, 10, "block", 2)], "s1")
                yield svg.text((left + wide + 6, y + 9), f"{value:,.0f}", "value")
                y += BAR_ROW_PX
            y += 8


@dataclass(frozen=True)
class Heat:
    """A table of shares in shades, the share or count written in each cell."""

    rows: Sequence[str]
    columns: Sequence[str]
    cells: Sequence[Sequence[tuple[float, str]]]  # share, and what is written
    row_name: str
    column_name: str
    tilted: bool = False  # names of columns, where there are many

    @property
    def top(self) -> float:
        """Pixels above the first row."""
        return 30 + (CHARACTER_PX * 0.75 * max(map(len, self.columns)) if self.tilted else 10)

    @property
    def height(self) -> float:
        """In pixels."""
        return self.top + ROW_PX * len(self.rows) + 6

    def draw(self) -> Iterator[Markup]:
        """Names above and at the left, then the cells."""
        left = 10 + CHARACTER_PX * max(len(one) for one in self.rows)
        wide = (WIDTH_PX - left) / len(self.columns)
        yield svg.text((0, 11), f"{self.row_name}, by row", "name")
        yield svg.text((WIDTH_PX, 11), f"{self.column_name}, by column", "name", "end")
        for place, name in enumerate(self.columns):
            x = left + wide * (place + 0.5)
            yield self._column(name, x)
        for place, (name, cells) in enumerate(zip(self.rows, self.cells, strict=True)):
            y = self.top + ROW_PX * place
            yield svg.text((left - 6, y + ROW_PX / 2 + 4), name, "label", "end")
            for order, (share, written) in enumerate(cells):
                corner = (left + wide * order + 1, y + 1)
                shade = f"h{round(min(max(share, 0), 1) * SHADES)}"
                yield svg.rect(corner, wide - 2, ROW_PX - 2, f"cell {shade}", 3)
                if written:
                    middle = (corner[0] + wide / 2 - 1, y + ROW_PX / 2 + 4)
                    yield svg.text(middle, written, "value", "middle")

    def _column(self, name: str, x: float) -> Markup:
        if not self.tilted:
            return svg.text((x, self.top - 6), name, "label", "middle")
        spot = f"rotate(-42 {svg.number(x)} {svg.number(self.top - 6)})"
        return svg.tag("text", name, x=x - 2, y=self.top - 5, class_="label", transform=spot)
