"""How far an example that fools a network fools its companion tree as well, and back.

Beside each rate stands a control: what plain random noise of the same budget does to the other
model on the very same examples. A rate near its control says that what transfers is noise.

References:
    Papernot et al., Transferability in Machine Learning, arXiv:1605.07277.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks import companion
from palisade.attacks.ascent import Threat
from palisade.attacks.battery import Judged
from palisade.attacks.grid import Grid
from palisade.attacks.names import ITERATED, NOISE
from palisade.attacks.search import search
from palisade.edge import Edge
from palisade.evaluation.rates import rate
from palisade.splits import Split

NETWORK_TO_TREE, TREE_TO_NETWORK = "network_to_tree", "tree_to_network"


@dataclass(frozen=True)
class Attacked:
    """What the battery made of its subset at the reference budget.

    Attributes:
        clean: the subset.
        places: ``[m]`` where each of its examples stands among all.
        crafted: raw, by attack, in the subset's order.
        judged: what the device made of them, by attack, the subset's among others.
    """

    clean: Split
    places: NDArray[np.intp]
    crafted: Mapping[str, NDArray[Any]]
    judged: Mapping[str, Judged]


def both_ways(
    device: Edge, attacked: Attacked, *, threat: Threat, grid: Grid, seed: int
) -> list[dict[str, Any]]:
    """A row a direction, at the reference budget, on the path of the device.

    Attacked are the subset's examples that network and tree both have right when clean.

    Args:
        device: the network with its guard.
        attacked: the battery's examples for the network.
        threat: the attacker.
        grid: the reference budget, and the most that is asked of the tree for an example.
        seed: root seed of the search.
    """
    tree, clean = companion.of(device), attacked.clean
    right = (_labels(device, clean.x) == clean.y) & (tree.label(clean.x) == clean.y)
    x, y = clean.x[right], clean.y[right]
    crafted, fools = _first_fooling(attacked, right)
    noise = attacked.crafted[NOISE][right]
    found = search(
        x,
        score=tree.score(x, y),
        threat=threat,
        budget=grid.reference,
        queries=grid.tree_queries,
        seed=seed,
    )
    fallen = found.fooled
    return [
        _row(
            NETWORK_TO_TREE,
            fools,
            transferred=tree.label(crafted[fools]) != y[fools],
            control=tree.label(noise[fools]) != y[fools],
        ),
        _row(
            TREE_TO_NETWORK,
            fallen,
            transferred=_labels(device, found.raw[fallen]) != y[fallen],
            control=_labels(device, noise[fallen]) != y[fallen],
        ),
    ]


def _first_fooling(
    attacked: Attacked, right: NDArray[np.bool_]
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Of each of some of the subset, what the first iterated attack that fools the network made.

    One an example, as of the control. Where none fools it, what the last one made.
    """
    crafted, fools = attacked.crafted[NOISE][right], np.zeros(np.count_nonzero(right), np.bool_)
    for attack in ITERATED:
        kept = attacked.judged[attack]
        label = kept.judgement.label[np.isin(kept.places, attacked.places)][right]
        crafted = np.where(_like(fools, crafted), crafted, attacked.crafted[attack][right])
        fools = fools | (label != attacked.clean.y[right])
    return crafted, fools


def _like(mask: NDArray[np.bool_], x: NDArray[Any]) -> NDArray[np.bool_]:
    return mask.reshape(-1, *[1] * (x.ndim - 1))


def _labels(device: Edge, raw: NDArray[Any]) -> NDArray[np.int64]:
    """``[n]`` what the network says; of no example, nothing."""
    return device.run(raw).label if len(raw) else np.zeros(0, np.int64)


def _row(
    direction: str,
    fooled: NDArray[np.bool_],
    *,
    transferred: NDArray[np.bool_],
    control: NDArray[np.bool_],
) -> dict[str, Any]:
    found = rate(transferred)
    return {
        "direction": direction,
        "attacked": len(fooled),
        "fooled": found.n,
        "transferred": int(np.count_nonzero(transferred)),
        "rate": found.value,
        "low": found.low,
        "high": found.high,
        "control": rate(control).value,
    }
