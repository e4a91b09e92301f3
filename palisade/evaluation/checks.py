"""A check on the measurement itself: it has a figure, a limit, and can fail.

A failed check means that the figures beside it show less than they seem to, and marks them as
unreliable. One whose evidence is missing has ``MISSING`` for a figure, and fails.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

MISSING = math.nan  # neither at most nor at least any limit
ROUNDING = 1e-9  # of a difference of two shares, which may be the limit and come out beside it


@dataclass(frozen=True)
class Check:
    """One named check; it passes if its figure is at most (or at least) its limit.

    Attributes:
        name: what is claimed.
        figure: what was measured.
        limit: what it is held against.
        at_least: whether the limit is a lower one.
        guards_against: what a failure would mean, in a few words.
    """

    name: str
    figure: float
    limit: float
    at_least: bool = False
    guards_against: str = ""

    @property
    def passed(self) -> bool:
        """Whether the figure keeps the limit."""
        beyond = self.limit - self.figure if self.at_least else self.figure - self.limit
        return beyond <= ROUNDING


def summary(checks: Iterable[Check]) -> dict[str, int | bool]:
    """How many passed; the figures are reliable only if all did."""
    passed = [check.passed for check in checks]
    return {"passed": sum(passed), "total": len(passed)}
