"""Intervals of rates over examples that hang together: of one speaker, one street, one home.

Twelve hundred pictures of two dozen streets are not twelve hundred streets. An interval that takes
examples for independent is too narrow then.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from palisade.evaluation.rates import CONFIDENCE, Rate


def rate(hits: NDArray[np.bool_], groups: NDArray[np.str_]) -> Rate:
    """The share of true values, with the Wilson interval of its effective number of examples.

    That number is ``n`` over the design effect, which is how much more the share varies from group
    to group than independent examples would let it, and less again as few groups tell little of
    that. Where all or none are true, nothing tells it, and it is taken as 1.

    Args:
        hits: ``[n]``.
        groups: ``[n]`` whose examples hang together.

    References:
        Kish, Survey Sampling (1965), section 8.2 (design effect); Korn and Graubard, Survey
        Methodology 24 (1998), pages 193 to 201 (effective number; so do the standards of Parker et
        al., Vital and Health Statistics 2(175), 2017); Wilson, JASA 22(158), 1927.
    """
    n, names = len(hits), np.unique(groups)
    if len(names) < 2:
        return Rate(float(np.mean(hits)) if n else 0.0, 0.0, 1.0, n)
    share = float(np.mean(hits))
    low, high = _wilson(share, _effective(hits, groups, share))
    return Rate(share, low, high, n)


def _effective(hits: NDArray[np.bool_], groups: NDArray[np.str_], share: float) -> float:
    """How many independent examples would tell as much."""
    _, owner = np.unique(groups, return_inverse=True)
    count = int(owner.max()) + 1
    above = np.bincount(owner, weights=hits.astype(float) - share)
    variance = count / (count - 1) * float(np.sum(above**2)) / len(hits) ** 2
    alone = share * (1 - share) / len(hits)
    design = variance / alone if alone else 1.0
    spread = stats.norm.ppf(0.5 + CONFIDENCE / 2) / stats.t.ppf(0.5 + CONFIDENCE / 2, count - 1)
    return float(len(hits) / max(1.0, design) * spread**2)


def _wilson(share: float, n: float) -> tuple[float, float]:
    z = float(stats.norm.ppf(0.5 + CONFIDENCE / 2))
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * float(np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)))
    return max(0.0, middle - half), min(1.0, middle + half)
