"""Square Attack: that it stays in its ball, counts its queries, and finds what is there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.attacks.ball import L2, Ball, Linf
from palisade.attacks.square import Found, share, square

CASES = [
    (Linf(), (12, 12, 3)),
    (Linf(), (6, 20, 1)),
    (Linf(), (50, 4)),
    (Linf(), (40,)),
    (L2(), (12, 12, 3)),
    (L2(), (3, 20, 2)),
    (L2(), (300,)),
    (L2(), (50, 4)),
]


def attacked(
    ball: Ball, shape: tuple[int, ...], queries: int = 60, reach: float = 1.0, **other: Any
) -> tuple[NDArray[np.float32], NDArray[np.float32], Found]:
    """Of a model that answers by a weighted sum; each example's bar stands a little higher."""
    dice = np.random.default_rng(1)
    x = dice.uniform(0.3, 0.7, (8, *shape)).astype(np.float32)
    weights = np.ones(shape) if isinstance(ball, Linf) else np.cos(np.arange(np.prod(shape)) / 2)
    radius = np.full(8, 0.1, np.float32)
    bar = reach * np.linspace(0, 0.8, 8)
    strongest = 0.1 * (np.abs(weights).sum() if isinstance(ball, Linf) else np.linalg.norm(weights))
    before = (x * weights.reshape(shape)).reshape(8, -1).sum(1)

    def score(raw: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
        gained = (raw * weights.reshape(shape)).reshape(len(raw), -1).sum(1) - before[y]
        return np.asarray(bar[y] * strongest - gained)

    found = square(
        x,
        np.arange(8),
        score=other.get("score", score),
        ball=ball,
        radius=radius,
        queries=queries,
        seed=other.get("seed", 3),
        clip=lambda v: np.clip(v, 0, 1),
        realise=lambda v: v,
    )
    return x, radius, found


@pytest.mark.parametrize(("ball", "shape"), CASES)
def test_a_perturbation_has_the_radius_and_no_more(ball: Ball, shape: tuple[int, ...]) -> None:
    x, radius, found = attacked(ball, shape, reach=9.0)
    delta = (found.best - x).reshape(8, -1)[1:]  # the first is fooled already
    size = np.abs(delta).max(1) if isinstance(ball, Linf) else np.linalg.norm(delta, axis=1)
    np.testing.assert_allclose(size, radius[1:], rtol=1e-4)
    assert (found.queries[1:] == 60).all() and (found.margin[1:] > 0).all()


@pytest.mark.parametrize(("ball", "shape"), CASES)
def test_more_queries_break_more_and_the_broken_are_left_alone(
    ball: Ball, shape: tuple[int, ...]
) -> None:
    _, _, found = attacked(ball, shape, queries=400)
    standing = [int(found.standing(queries).sum()) for queries in (0, 1, 10, 100, 400)]
    assert standing[0] == 7  # the first is fooled already, by a bar of nothing
    assert found.queries[0] == 0
    assert standing == sorted(standing, reverse=True)
    assert standing[-1] <= 5
    assert (found.queries[found.margin > 0] == 400).all()
    assert (found.queries[found.margin <= 0] < 400).all()


def test_one_seed_gives_one_result_and_another_gives_another() -> None:
    found = [attacked(Linf(), (12, 12, 3), seed=seed)[2].best for seed in (3, 3, 4)]
    assert np.array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])


def test_each_example_is_asked_as_often_as_counted_and_only_while_it_stands() -> None:
    asked = np.zeros(8, int)

    def score(raw: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
        asked[y] += 1
        return np.where(asked[y] > y, -1.0, 1.0)

    _, _, found = attacked(Linf(), (12, 12, 3), score=score)
    assert found.queries.tolist() == list(range(8))
    assert (asked == found.queries + 1).all()  # and the clean one


def test_windows_shrink() -> None:
    shares = [share(progress) for progress in np.linspace(0, 1, 101)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == pytest.approx(0.8) and shares[-1] == pytest.approx(0.8 / 512)
