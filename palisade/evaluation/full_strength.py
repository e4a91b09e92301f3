"""How hard an audit has to try for its result to count: the standard library alone.

At least so much, and at least twice what the default battery tries, in gradients an example and in
queries: an audit that does no more than the battery finds no more, and says nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LEAST = {"steps": 100, "restarts": 5, "targets": 9, "queries": 5000}
TIMES = 2


def of(default: Mapping[str, int]) -> dict[str, int]:
    """Full strength beside a default battery.

    Args:
        default: its steps, restarts, targets and queries.
    """
    steps = max(LEAST["steps"], default["steps"])
    restarts = -(-TIMES * default["steps"] * default["restarts"] // steps)
    return {
        "steps": steps,
        "restarts": max(LEAST["restarts"], restarts),
        "targets": max(LEAST["targets"], default["targets"]),
        "queries": max(LEAST["queries"], TIMES * default["queries"]),
    }


def shortfall(tried: Any, default: Any) -> str | None:
    """In what an audit fell short of full strength; None where it did not.

    Args:
        tried: its steps, restarts, targets and queries, as a file has them.
        default: those of a battery.
    """
    for who, strength in (("audit", tried), ("battery", default)):
        for figure in LEAST:
            found = strength.get(figure) if isinstance(strength, Mapping) else None
            if not isinstance(found, int) or isinstance(found, bool):
                return f"{figure} of the {who}: {found!a}"
    least = {
        **LEAST,
        "gradients": TIMES * default["steps"] * default["restarts"],
        "targets": max(LEAST["targets"], default["targets"]),
        "queries": max(LEAST["queries"], TIMES * default["queries"]),
    }
    found = {**tried, "gradients": tried["steps"] * tried["restarts"]}
    short = [figure for figure in least if found[figure] < least[figure]]
    return f"{short[0]} {found[short[0]]}, and {least[short[0]]} is the least" if short else None
