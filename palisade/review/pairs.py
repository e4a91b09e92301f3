"""Two models on the same examples, compared example by example.

References:
    McNemar, Psychometrika 12(2), 1947: only those examples count that one has right and the other
    wrong; here with the exact binomial test, two-sided.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

Right = NDArray[np.bool_]


@dataclass(frozen=True)
class Pairs:
    """How many examples changed.

    Attributes:
        gained: wrong before, right now.
        lost: right before, wrong now.
    """

    gained: int
    lost: int

    @property
    def p(self) -> float:
        """How likely chance alone makes them as unequal as they are."""
        changed = self.gained + self.lost
        return 1.0 if changed == 0 else float(binomtest(self.gained, changed).pvalue)

    def sure(self, level: float) -> bool:
        """Whether chance does not explain the difference."""
        return self.p <= level


def paired(before: Right, now: Right) -> Pairs:
    """Of ``[n]`` verdicts on the same examples in the same order."""
    return Pairs(int((now & ~before).sum()), int((before & ~now).sum()))
