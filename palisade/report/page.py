"""The page: templates filled in, one style sheet, and a policy that forbids everything else.

References:
    Content Security Policy Level 3, W3C: ``default-src 'none'`` forbids scripts, connections and
    whatever else is not named; a style sheet in the page is allowed by its hash.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from palisade.report import svg
from palisade.report.figure import Section, Table
from palisade.report.samples import Exhibit
from palisade.report.verdict import Card, Verdict

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
STYLE = Path(__file__).parent / "page.css"


@dataclass(frozen=True)
class Page:
    """What stands on the page.

    Attributes:
        title, lead: at its top.
        cards, door, headline: its overview.
    """

    title: str
    lead: str
    verdict: Verdict
    cards: Sequence[Card]
    door: Sequence[tuple[str, str]]
    headline: Table
    sections: Sequence[Section]


def render(page: Page) -> str:
    """The page as HTML, of which every byte follows from what stands on it."""
    style = STYLE.read_text()
    return TEMPLATES.get_template("page.html").render(
        **vars(page), style=Markup(style), policy=policy(style), strip=strip, sign=sign
    )


def policy(style: str) -> str:
    """What the page may load: its one style sheet, and pictures and sounds within it."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; media-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def shown(exhibit: Exhibit) -> Markup:
    """Examples laid out."""
    template = TEMPLATES.get_template("exhibit.html")
    return Markup(template.render(layout=exhibit.layout, classes=exhibit.classes()))


def sign(style: int) -> Markup:
    """The mark of a series, among words."""
    content = svg.group([svg.mark((7, 7), style)], f"s{style}")
    return svg.tag("svg", content, viewBox="0 0 14 14", aria_hidden="true", class_="sign")


def strip(card: Card) -> Markup:
    """The three accuracies of a card on one line; the words beside it say the same."""
    width = 240.0

    def across(share: float) -> float:
        return 6 + share * (width - 12)

    marks = [
        svg.group([svg.mark((across(share), 10), style)], f"s{style}")
        for _, share, style in card.spots
    ]
    ends = [
        svg.text((across(share), 30), f"{share:g}", "tick", anchor)
        for share, anchor in ((0, "start"), (0.5, "middle"), (1, "end"))
    ]
    return svg.tag(
        "svg",
        svg.line((across(0), 10), (across(1), 10), "track"),
        *marks,
        *ends,
        viewBox=f"0 0 {svg.number(width)} 34",
        aria_hidden="true",
        class_="strip",
    )
