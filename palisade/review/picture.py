"""Drawings of the report as SVG files of their own, with their colours and a legend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from markupsafe import Markup

from palisade.report import svg
from palisade.report.charts import Series

STYLE = Path(__file__).parent.parent / "report/page.css"
LEGEND_PX, MARGIN_PX = 22.0, 12.0


def standalone(
    title: str, content: Iterable[str], series: Sequence[Series], *, height: float
) -> str:
    """A whole SVG file; it follows its reader's dark or light scheme, as the report does.

    Args:
        title: what it shows; it stands above the drawing.
        content: the drawing, as wide as the report's and ``height`` pixels high.
        series: what the legend names.
    """
    wide, high = svg.WIDTH_PX + 2 * MARGIN_PX, height + 2 * LEGEND_PX + 2 * MARGIN_PX
    inside = svg.tag(
        "g", *content, transform=f"translate({MARGIN_PX:g} {MARGIN_PX + 2 * LEGEND_PX:g})"
    )
    return str(
        svg.tag(
            "svg",
            svg.tag("title", title),
            svg.tag("style", Markup(STYLE.read_text())),
            Markup('<rect width="100%" height="100%" style="fill:var(--card)"/>'),
            svg.text((MARGIN_PX, MARGIN_PX + 14), title, "label strong"),
            *_legend(series),
            inside,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {svg.number(wide)} {svg.number(high)}",
            width=wide * 2,
            height=high * 2,
            role="img",
        )
        + "\n"
    )


def _legend(series: Sequence[Series]) -> Iterable[Markup]:
    step = (svg.WIDTH_PX + MARGIN_PX) / max(len(series), 1)
    for order, one in enumerate(series):
        x, y = MARGIN_PX + 14 + order * step, MARGIN_PX + LEGEND_PX + 8
        key = [svg.path([(x - 13, y), (x + 13, y)], "line"), svg.mark((x, y), one.style)]
        yield svg.group(key, f"s{one.style}")
        yield svg.text((x + 19, y + 4), one.name, "label")
