"""The gate's outcome in Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from palisade.errors import PalisadeError
from palisade.review import markdown
from palisade.review.gate import APART, NEW, ORDER, REMOVED, SAME, Outcome

COLUMNS = ("figure", "before", "now", "change", "may worsen by", "gained / lost, p", "outcome")
SHOWN = {True: "passed", False: "failed"}


def headline(outcomes: Sequence[Outcome], error: PalisadeError | None, base: str) -> str:
    """The verdict in a line."""
    counts = Counter(one.state for one in outcomes)
    told = ", ".join(f"{counts[state]} {state}" for state in ORDER if counts[state])
    return f"**Gate {SHOWN[error is None]}** against {markdown.code(base)}. {told}."


def lines(outcomes: Sequence[Outcome], error: PalisadeError | None, base: str) -> list[str]:
    """The verdict, a table of what changed, and what did not, folded."""
    changed = [one for one in outcomes if one.state not in (SAME, NEW)]
    rest = [one for one in outcomes if one.state in (SAME, NEW)]
    said = [headline(outcomes, error, base)]
    if any(one.state in (APART, REMOVED) for one in outcomes):
        said += [
            "",
            "What is not comparable says nothing about this change: it was measured on other "
            "examples, or otherwise.",
        ]
    if changed:
        said += ["", *markdown.table(COLUMNS, [row(one) for one in changed])]
    if rest:
        folded = markdown.table(COLUMNS, [row(one) for one in rest])
        said += ["", *markdown.folded(f"{len(rest)} figures the same or new", folded)]
    return said


def row(one: Outcome) -> list[str]:
    """One figure's cells."""
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
