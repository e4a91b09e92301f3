"""What each of a guard's signals sees of an attack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.battery import Judged
from palisade.guard.calibration import auroc, strangeness
from palisade.guard.judgement import Judgement, Signal

LEAST_AUROC = 0.55  # a signal below this tells nothing; 0.5 is a coin


def under_attack(
    clean: Judgement,
    attacks: Sequence[Judged],
    y: NDArray[np.int64],
    subset: NDArray[np.bool_],
) -> list[dict[str, Any]]:
    """One row a signal, over the examples of a subset that fooled the network.

    Of all others, an attack is made only where none before it got past the guard, so they would
    flatter the guard.

    ``auroc`` is of telling them from clean examples that it gets right; ``rejected`` the share
    that the signal rejects, and ``alone`` the share that it alone rejects.

    Args:
        clean: of every example.
        attacks: what the device made of crafted ones.
        y: ``[n]`` true labels.
        subset: ``[n]`` mask of the examples that every attack ran on.
    """
    right = clean.label == y
    fooling = [(one.judgement.label != y[one.places]) & subset[one.places] for one in attacks]
    scores = _joined([one.judgement.scores for one in attacks], fooling)
    rejected = _joined([one.judgement.rejected for one in attacks], fooling)
    rows = []
    for signal in Signal:
        known = strangeness(clean.scores, signal)[right]
        value = auroc(known, strangeness(scores, signal)) if len(scores) else 0.5
        mine = (rejected >> np.uint8(signal) & 1) > 0
        rows.append(
            {
                "signal": signal.name.lower(),
                "auroc": value,
                "rejected": _share(mine),
                "alone": _share(rejected == 1 << signal),
                "clean_rejected": _share(clean.rejects(signal)),
                "tells": value >= LEAST_AUROC,
                "fooling": len(scores),
            }
        )
    return rows


def _joined(values: Sequence[NDArray[Any]], chosen: Sequence[NDArray[np.bool_]]) -> NDArray[Any]:
    return np.concatenate([one[mine] for one, mine in zip(values, chosen, strict=True)])


def _share(mask: NDArray[np.bool_]) -> float:
    return float(np.mean(mask)) if len(mask) else 0.0
