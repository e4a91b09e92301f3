"""Whether the examples that were judged are what an attacker could have sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.ascent import Threat
from palisade.attacks.grid import Grid

# Beyond half a step of the sensor, which rounding adds: float32's error in a projection, in steps.
SLACK_STEPS = 0.05


def noted(
    crafted: Mapping[str, NDArray[Any]], clean: NDArray[Any], threat: Threat, grid: Grid
) -> dict[str, Any]:
    """What ``attack.json`` holds of the examples crafted at the reference budget."""
    return {
        "undeliverable_share": undeliverable(crafted, clean, threat),
        "over_budget_share": over_budget(crafted, clean, threat, grid.reference),
        "radii": radii(clean, threat, grid),
    }


def undeliverable(
    crafted: Mapping[str, NDArray[Any]], clean: NDArray[Any], threat: Threat
) -> float:
    """Share of crafted examples, over attacks, that the sensor could not have delivered.

    A sensor delivers values of the clean examples' own type within its range: a crafted example is
    held against what it becomes when it is read and delivered again.

    Args:
        crafted: raw, by attack, each ``[n, ...]``.
        clean: ``[n, ...]`` the raw examples that they were made from.
        threat: the attacker.
    """
    found = []
    for raw in crafted.values():
        again = np.asarray(threat.realise(threat.clip(threat.signal(raw)))).astype(clean.dtype)
        found.append(_any(again != raw) | (raw.dtype != clean.dtype))
    return _share(found)


def over_budget(
    crafted: Mapping[str, NDArray[Any]], clean: NDArray[Any], threat: Threat, budget: float
) -> float:
    """Share of crafted examples outside the ball around their clean ones, but for rounding.

    Args:
        crafted: raw, by attack, each ``[n, ...]``.
        clean: ``[n, ...]`` the raw examples that they were made from.
        threat: the attacker.
        budget: in the threat's unit.
    """
    x = np.asarray(threat.signal(clean))
    one, zero = (np.full_like(clean[:1], value) for value in (1, 0))
    step = np.abs(np.asarray(threat.signal(one)) - np.asarray(threat.signal(zero)))
    radius = threat.radius(x, budget)
    found = []
    for raw in crafted.values():
        delta = np.asarray(threat.signal(raw)) - x
        inside = np.asarray(threat.ball.project(delta, radius))
        found.append(_any(np.abs(delta - inside) > (0.5 + SLACK_STEPS) * step))
    return _share(found)


def radii(clean: NDArray[Any], threat: Threat, grid: Grid) -> dict[str, float]:
    """By budget's name, the radius of its ball over that of the reference budget."""
    x = threat.signal(clean[:1])
    unit = float(np.asarray(threat.radius(x, grid.reference))[0])
    return {
        grid.name(budget): float(np.asarray(threat.radius(x, budget))[0]) / unit
        for budget in grid.budgets
    }


def _any(differs: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(differs.reshape(len(differs), -1).any(axis=1))


def _share(found: Sequence[NDArray[np.bool_]]) -> float:
    return float(np.mean(np.concatenate(found))) if found else float("nan")
