"""How far an example that fools a network fools its companion tree as well, and back.

Beside each rate stands a control: what plain random noise of the same budget does to the other
model on the very same examples. A rate near its control says that what transfers is noise.

References:
    Papernot et al., Transferability in Machine Learning, arXiv:1605.07277.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks import companion
from palisade.attacks.battery import ITERATED, NOISE, Battery
from palisade.attacks.search import search
from palisade.edge import Edge
from palisade.evaluation.rates import rate

NETWORK_TO_TREE, TREE_TO_NETWORK = "network_to_tree", "tree_to_network"


def both_ways(device: Edge, battery: Battery, *, queries: int) -> list[dict[str, Any]]:
    """A row a direction, at the reference budget, on the path of the device.

    Attacked are the subset's examples that network and tree both have right when clean.

    Args:
        device: the network with its guard.
        battery: has attacked the network.
        queries: most that are asked of the tree for an example.
    """
    tree = companion.of(device)
    clean = battery.split.take(battery.subset)
    right = (_labels(device, clean.x) == clean.y) & (tree.label(clean.x) == clean.y)
    x, y = clean.x[right], clean.y[right]
    crafted, fools = _first_fooling(battery, right)
    noise = battery.crafted[NOISE][right]
    found = search(
        x,
        score=tree.score(x, y),
        threat=battery.threat,
        budget=battery.grid.reference,
        queries=queries,
        seed=battery.seed,
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
    battery: Battery, right: NDArray[np.bool_]
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Of each of some of the subset, what the first iterated attack that fools the network made.

    One an example, as of the control. Where none fools it, what the last one made.
    """
    reference, y = battery.grid.name(battery.grid.reference), battery.split.y
    crafted, fools = battery.crafted[NOISE][right], np.zeros(np.count_nonzero(right), np.bool_)
    for attack in ITERATED:
        kept = battery.judged[attack, reference]
        wrong = (kept.judgement.label != y[kept.places])[battery.subset[kept.places]][right]
        crafted = np.where(_like(fools, crafted), crafted, battery.crafted[attack][right])
        fools = fools | wrong
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
