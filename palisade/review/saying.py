"""The gate's outcome in Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from palisade.errors import PalisadeError
from palisade.review import markdown
from palisade.review.gate import APART, NEW, ORDER, REMOVED, SAME, Outcome

COLUMNS = ("figure", "before", "now", "change", "may worsen by", "gained / lost, p", "outcome")
HEAD = markdown.table(COLUMNS, [])
SHOWN = {True: "passed", False: "failed"}


def headline(outcomes: Sequence[Outcome], error: PalisadeError | None, base: str) -> str:
    """The verdict in a line."""
    counts = Counter(one.state for one in outcomes)
    told = ", ".join(f"{counts[state]} {state}" for state in ORDER if counts[state])
    return f"**Gate {SHOWN[error is None]}** against {markdown.code(base)}. {told}."


def lines(outcomes: Sequence[Outcome], error: PalisadeError | None, base: str) -> list[str]:
    """The verdict, a table of what changed, and what did not, folded."""
    changed, rest = rows(outcomes)
    said = opening(outcomes, error, base)
    said += ["", *HEAD, *changed] if changed else []
    said += ["", *markdown.folded(resting(rest), [*HEAD, *rest])] if rest else []
    return said


def opening(outcomes: Sequence[Outcome], error: PalisadeError | None, base: str) -> list[str]:
    """The verdict, and what to make of figures that cannot be compared."""
    said = [headline(outcomes, error, base)]
    if any(one.state in (APART, REMOVED) for one in outcomes):
        said += [
            "",
            "What is not comparable says nothing about this change: it was measured on other "
            "examples, or otherwise.",
        ]
    return said


def rows(outcomes: Sequence[Outcome]) -> tuple[list[str], list[str]]:
    """Rows of the figures that changed, and of those that are the same or new."""
    sides: dict[bool, list[str]] = {True: [], False: []}
    for one in outcomes:
        sides[one.state in (SAME, NEW)].append(markdown.line(_cells(one)))
    return sides[False], sides[True]


def resting(rest: Sequence[str]) -> str:
    """What the folded rows are."""
    return f"{len(rest)} figures the same or new"


def _cells(one: Outcome) -> list[str]:
    change = "" if one.before is None or one.now is None else f"{one.now - one.before:+.4g}"
    pairs = f"{one.pairs.gained} / {one.pairs.lost}, {one.pairs.p:.2g}" if one.pairs else ""
    return [
        markdown.code(one.figure),
        _number(one.before),
        _number(one.now),
        change,
        _number(one.tolerance),
        pairs,
        f"{one.state}: {markdown.code(one.why)}" if one.why else one.state,
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
