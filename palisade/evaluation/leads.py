"""Of two attacks on the same examples: whether one breaks more by more than chance.

References:
    McNemar, Psychometrika 12 (1947), pages 153 to 157, doi:10.1007/BF02295996.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Of a lead that is no chance, though some twenty pairs are compared.
STANDARD_ERRORS = 3.0


def lead(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """By how many standard errors one attack breaks more examples than another.

    Args:
        one: ``[n]`` which examples it breaks, or breaks more badly than the other.
        other: ``[n]`` the same of the other attack.
    """
    alone = np.count_nonzero(one & ~other), np.count_nonzero(other & ~one)
    return float((alone[0] - alone[1]) / max(1.0, np.sqrt(sum(alone))))
