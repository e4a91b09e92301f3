"""SVG as text: elements, marks that differ in shape as well as colour, and whole drawings.

Colours stand in the page's style sheet, by class, so that a drawing follows its reader's dark or
light scheme: ``s1`` to ``s5`` are series, ``h0`` to ``h10`` shades of a heat map.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

WIDTH_PX = 340.0  # of most drawings: a phone shows it at nearly full scale
MARK_PX = 4.0

Point = tuple[float, float]


def number(value: float) -> str:
    """A coordinate, to a hundredth of a pixel."""
    written = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def tag(name: str, *children: str, **attributes: str | float | None) -> Markup:
    """An element; ``class_`` is class, ``text_anchor`` text-anchor; None leaves one out."""
    pairs = Markup("").join(
        Markup(' {}="{}"').format(
            key.rstrip("_").replace("_", "-"),
            value if isinstance(value, str) else number(value),
        )
        for key, value in attributes.items()
        if value is not None
    )
    inner = Markup("").join(escape(child) for child in children)
    if not children:
        return Markup("<{}{}/>").format(Markup(name), pairs)
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), pairs, inner)


def group(children: Iterable[str], class_: str | None = None) -> Markup:
    """Elements of one class."""
    return tag("g", *children, class_=class_)


def line(start: Point, end: Point, class_: str) -> Markup:
    """A straight line."""
    return tag("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], class_=class_)


def text(at: Point, content: str, class_: str, anchor: str = "start") -> Markup:
    """Words, their baseline at a point."""
    return tag("text", content, x=at[0], y=at[1], class_=class_, text_anchor=anchor)


def path(points: Sequence[Point], class_: str) -> Markup:
    """A line through points."""
    steps = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    return tag("polyline", points=steps, class_=class_)


def rect(corner: Point, wide: float, high: float, class_: str, radius: float = 0) -> Markup:
    """A box."""
    x, y = corner
    return tag("rect", x=x, y=y, width=wide, height=high, rx=radius or None, class_=class_)


def mark(at: Point, style: int) -> Markup:
    """The mark of a series: a disc, a square, a triangle, a diamond or a ring."""
    x, y = at
    r = MARK_PX
    corners: dict[int, list[Point]] = {
        2: [(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)],
        3: [(x, y - 1.2 * r), (x + 1.2 * r, y + r), (x - 1.2 * r, y + r)],
        4: [(x, y - 1.3 * r), (x + 1.3 * r, y), (x, y + 1.3 * r), (x - 1.3 * r, y)],
    }
    if style in corners:
        steps = " ".join(f"{number(a)},{number(b)}" for a, b in corners[style])
        return tag("polygon", points=steps, class_="mark")
    return tag("circle", cx=x, cy=y, r=r, class_="mark" if style == 1 else "mark open")


def drawing(
    name: str,
    title: str,
    description: str,
    height: float,
    content: Iterable[str],
    width: float = WIDTH_PX,
) -> Markup:
    """A whole drawing, with a title and a description for those who do not see it.

    Args:
        name: unique in the page.
    """
    return tag(
        "svg",
        tag("title", title, id=f"{name}-title"),
        tag("desc", description, id=f"{name}-desc"),
        *content,
        viewBox=f"0 0 {number(width)} {number(height)}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        class_="drawing",
    )


def key(style: int) -> Markup:
    """A series' line and mark, for a legend."""
    return tag(
        "svg",
        path([(1, 7), (27, 7)], "line"),
        mark((14, 7), style),
        viewBox="0 0 28 14",
        aria_hidden="true",
        class_=f"key s{style}",
    )
