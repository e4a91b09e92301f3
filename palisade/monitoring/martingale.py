"""Evidence against exchangeability that may be looked at after every answer.

A gambler bets on each p-value, before it is seen, that it will not be uniform. Each bet is fair if
it is, so the wealth is then a non-negative martingale that starts at 1, and the probability that
it *ever* reaches 1/level is at most the level (Ville, 1939). The gambler mixes the bets of
``BETS``, one of which is not to bet, and moves a share of the stakes around at each step, so that
old losses do not delay an alarm when drift comes late.

References:
    Vovk, Petej, Nouretdinov, Ahlberg, Carlsson and Gammerman, Retrain or not retrain: conformal
    test martingales for change-point detection, COPA 2021, arXiv:2102.10439 (Simple Jumper);
    Herbster and Warmuth, Tracking the best expert, Machine Learning 32, 1998 (fixed share).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LINEAR = (-0.95, -0.5, 0.5, 0.95)  # bets that p-values are small, or large
CURVED = (-0.9, 0.9)  # that they lie in the middle, or at both ends
BETS = 1 + len(LINEAR) + len(CURVED)
JUMPS = np.array([1e-2, 1e-3, 1e-4])  # share of the stakes that is moved at each step


def bets(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """``[..., BETS]`` what each bet pays for p-values ``[...]``; 1 in the mean over [0, 1]."""
    line, curve = 2 * p - 1, 6 * p * p - 6 * p + 1  # Legendre's polynomials on [0, 1]
    pays = [np.ones_like(p), *(1 + c * line for c in LINEAR), *(1 + c * curve for c in CURVED)]
    return np.stack(pays, axis=-1)


def log_wealth(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """``[streams, n]`` natural logarithm of the wealth after each p-value of each stream."""
    pays = bets(p)
    stakes = np.full((len(p), len(JUMPS), BETS), 1 / BETS)
    logs = np.zeros((len(p), len(JUMPS)))
    found = np.empty(p.shape)
    move = JUMPS[:, None]
    for at in range(p.shape[1]):
        stakes = ((1 - move) * stakes + move / BETS) * pays[:, at, None, :]
        total = stakes.sum(axis=-1)
        stakes /= total[..., None]
        logs += np.log(total)
        found[:, at] = np.logaddexp.reduce(logs, axis=1) - np.log(len(JUMPS))
    return found


def first_alarm(log_wealth: NDArray[np.float64], level: float) -> int | None:
    """How many answers had come when the wealth ``[n]`` first reached ``1 / level``."""
    reached = np.flatnonzero(log_wealth >= -np.log(level))
    return int(reached[0]) + 1 if reached.size else None


def expected_events(p: NDArray[np.float64], level: float) -> float:
    """About how many answers an alarm takes while p-values are spread as ``p`` ``[n]`` is.

    The wealth to reach, and what the choice among the bets costs, over what the best bet gains by
    answer (Wald's equation). Infinite if no bet gains. The p-values must be against a history
    without drift; one of few examples takes drift in, and then it takes longer or never comes.
    """
    gain = float(np.log(bets(p)).mean(axis=0).max())
    return float((np.log(BETS * len(JUMPS)) - np.log(level)) / gain) if gain > 0 else np.inf
