"""The black-box part of the battery on a foreign model: noise, and Square Attack by queries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.square import Asked, search
from palisade.backend import tf
from palisade.evaluation.rates import Rate, rate
from palisade.foreign.domains import Domain
from palisade.foreign.examples import Examples
from palisade.foreign.model import ForeignModel, Int8, answers
from palisade.progress import say
from palisade.seeds import derive

NOISE, SQUARE = "noise", "square"
TIE = 0.5  # of an answer that is right by coming first among equals; scores are whole
NEAR = 1e-3  # brings every margin of TFLM below all of LiteRT's

# Of raw examples and their classes, how far each is from being fooled.
Margin = Callable[[NDArray[Any], NDArray[np.int64]], NDArray[np.float64]]


@dataclass(frozen=True)
class AtBudget:
    """What attacks at one budget left right, as the verdict's runtime says.

    Attributes:
        budget: in the domain's unit.
        clean: ``[n]`` before any attack.
        right: ``[n]`` by attack.
        standing: the share that is right and that so many queries of Square Attack do not fool.
        unmoved: of the examples that it did not fool, the share whose scores it never moved.
    """

    budget: float
    clean: NDArray[np.bool_]
    right: dict[str, NDArray[np.bool_]]
    standing: dict[int, float]
    unmoved: float

    @property
    def worst_case(self) -> Rate:
        """The share that is right when clean and that no attack breaks."""
        return rate(np.logical_and.reduce([self.clean, *self.right.values()]))


@dataclass(frozen=True)
class Attacked:
    """What was found of a model.

    Attributes:
        clean: ``[n]`` whether it is right.
        budgets: weakest first.
        runtime: whose verdict it is.
        searched: the share of clean answers that LiteRT gives alike.
    """

    clean: NDArray[np.bool_]
    budgets: tuple[AtBudget, ...]
    runtime: str
    searched: float


def attack(
    model: ForeignModel,
    domain: Domain,
    examples: Examples,
    *,
    budgets: Sequence[float],
    queries: int,
    seed: int,
) -> Attacked:
    """Attack at each budget in turn; budgets do not see each other's results."""
    score = margins(model.scores(), domain.inputs, model.own_scores())
    label, runtime = model.verdict(domain.inputs(examples.raw))
    clean = label == examples.y
    say(f"clean: {clean.mean():.3f} right on {runtime}")
    searched = answers(model.scores()(domain.inputs(examples.raw)))
    alike = float(np.mean(searched == label))
    found = [
        _at(model, domain, examples, clean, score, budget=budget, queries=queries, seed=seed)
        for budget in sorted(budgets, reverse=domain.weakest_last)
    ]
    return Attacked(clean, tuple(found), runtime, alike)


def margins(
    scores: Callable[[Int8], Int8],
    inputs: Callable[[NDArray[Any]], Int8],
    own: Callable[[Int8], Int8] | None,
) -> Margin:
    """1 and the true score minus the best other one; 0 exactly where the model is fooled.

    LiteRT and TFLM differ by a few steps, and a search on LiteRT alone would stop inside that
    gap. So what fools LiteRT is put to TFLM; while TFLM stands, its own margin leads the search on,
    below all that stand on LiteRT.

    Args:
        scores: the search's view.
        inputs: raw examples to the model's input.
        own: what the file itself says on TFLM; None where LiteRT has the last word.
    """

    def score(raw: NDArray[Any], y: NDArray[np.int64]) -> NDArray[np.float64]:
        given = inputs(raw)
        margin = _margin(scores(given), y)
        fooled = np.flatnonzero(margin <= 0)
        if own is not None and len(fooled):
            left = _margin(own(given[fooled]), y[fooled])
            margin[fooled] = left * NEAR
        return np.where(margin > 0, 1 + margin, 0.0)

    return score


def _margin(scores: Int8, y: NDArray[np.int64]) -> NDArray[np.float64]:
    found, rows = scores.astype(np.float64), np.arange(len(y))
    right, true = answers(scores) == y, found[rows, y]
    found[rows, y] = -np.inf
    margin = true - found.max(axis=1)
    return np.where(right, np.maximum(margin, TIE), 0.0)


def _at(
    model: ForeignModel,
    domain: Domain,
    examples: Examples,
    clean: NDArray[np.bool_],
    score: Margin,
    *,
    budget: float,
    queries: int,
    seed: int,
) -> AtBudget:
    raw, y, name = examples.raw, examples.y, domain.name(budget)
    noisy = noise(raw, domain, budget, derive(seed, NOISE, name))
    found = search(
        raw,
        score=lambda tried, places: score(tried, y[places]),
        threat=domain,
        budget=budget,
        queries=queries,
        seed=derive(seed, SQUARE, name),
    )
    right = {
        attack: model.verdict(domain.inputs(tried))[0] == y
        for attack, tried in ((NOISE, noisy), (SQUARE, found.raw))
    }
    standing = found.broken_at > queries
    least = score(found.raw[standing], y[standing]) if standing.any() else np.zeros(0)
    moved = least != score(raw, y)[standing]
    at = AtBudget(
        budget,
        clean,
        right,
        {asked: float(np.mean(clean & (found.broken_at > asked))) for asked in marks(queries)},
        float(np.mean(~moved)) if len(moved) else 0.0,
    )
    say(f"{name}: {at.worst_case.value:.3f} still right, {_asked(found, queries):,} queries")
    return at


def noise(raw: NDArray[Any], domain: Domain, budget: float, seed: int) -> NDArray[Any]:
    """Examples under uniform noise that fills the ball, as the sensor delivers them."""
    x = np.asarray(domain.signal(raw))
    delta = domain.ball.random(tf.constant(x), domain.radius(x, budget), [seed % 2**31, 0])
    return domain.realise(domain.clip(x + delta.numpy()))


def marks(queries: int) -> list[int]:
    """Numbers of queries that a curve is given at: 0, 1, 2, 5, 10 and so on, and the last."""
    steps = [base * 10**power for power in range(7) for base in (1, 2, 5)]
    return [0, *(step for step in steps if step < queries), queries]


def _asked(found: Asked, queries: int) -> int:
    return int(np.minimum(found.broken_at, queries).sum())
