"""What as many tries as a black box has break by chance, of the model that is defended."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from palisade.attacks import nes, queries
from palisade.attacks.ascent import Threat
from palisade.attacks.grid import Grid
from palisade.attacks.queries import Ask
from palisade.splits import Split


def broken(ask: Ask, some: Split, threat: Threat, grid: Grid, seed: int) -> NDArray[np.bool_]:
    """``[n]`` examples on which the network errs in a search that looks away from its answers.

    Args:
        ask: what the device says.
        some: the examples of the fixed subset.
        threat: the attacker.
        grid: the reference budget, and how many queries NES has.
        seed: root seed.
    """
    found = nes.search(
        some.x,
        score=queries.score(ask, None, some.y),
        threat=threat,
        budget=grid.reference,
        queries=grid.nes_queries,
        seed=seed,
        blind=True,
    )
    return np.asarray(found.wrong_at < nes.NEVER)
