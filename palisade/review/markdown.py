"""Markdown for a pull request: names and values that cannot break out of their place.

In a code span GitHub reads no mention, link, HTML or emphasis; only a backtick ends it, and in a
table a bar.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def code(text: str) -> str:
    """Any text as a code span, in one line; nothing where there is no text."""
    told = " ".join(text.replace("`", "'").replace("|", "\\|").split())
    return f"`{told}`" if told else ""


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table; cells are Markdown."""
    return [line(columns), line(["---"] * len(columns)), *(line(row) for row in rows)]


def line(cells: Sequence[str]) -> str:
    """One row."""
    return "| " + " | ".join(cells) + " |"


def folded(title: str, lines: Sequence[str]) -> list[str]:
    """Lines that show when their title is clicked."""
    return ["<details>", f"<summary>{title}</summary>", "", *lines, "", "</details>"]
