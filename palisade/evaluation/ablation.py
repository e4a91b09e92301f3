"""What each of a guard's signals gives under attack: the guard with all, without it, with it alone.

References:
    Carlini et al., arXiv:1902.06705, section 5.3 (ablate each part of a defence).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.battery import Judged
from palisade.guard.judgement import Signal

ALL = (1 << len(Signal)) - 1


def rows(
    attacks: Mapping[str, Judged],
    y: NDArray[np.int64],
    subset: NDArray[np.bool_],
) -> list[dict[str, Any]]:
    """One row a signal: the share of the subset that is safe under all attacks.

    An example is safe under an attack if the answer is right or rejected by one of the signals
    that are left. The crafted examples are those made against the whole guard, so what a signal
    gives alone is what it gives against an attacker who minds the others too.

    Args:
        attacks: what the device made of crafted examples, by attack; those that ran on all of the
            subset.
        y: ``[n]`` true labels.
        subset: ``[n]`` mask of the examples that every attack ran on.
    """

    def safe(signals: int) -> float:
        return float(
            np.mean(np.all([_safe(one, y, subset, signals) for one in attacks.values()], axis=0))
        )

    nothing, everything = safe(0), safe(ALL)
    return [
        {
            "signal": signal.name.lower(),
            "attacks": " ".join(attacks),
            "n": int(np.count_nonzero(subset)),
            "safe_unguarded": nothing,
            "safe_with_all": everything,
            "safe_without": (without := safe(ALL & ~(1 << signal))),
            "safe_with_it_alone": (by_itself := safe(1 << signal)),
            "helps": without < everything or by_itself > nothing,
        }
        for signal in Signal
    ]


def _safe(
    judged: Judged, y: NDArray[np.int64], subset: NDArray[np.bool_], signals: int
) -> NDArray[np.bool_]:
    """Of each of the subset, whether it does no harm where only some signals are at work."""
    mine = subset[judged.places]
    judgement = judged.judgement
    right = judgement.label[mine] == y[judged.places[mine]]
    return np.asarray(right | ((judgement.rejected[mine] & signals) > 0))
