"""APGD and its losses: they find what is known to be there, and more than a fixed schedule does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from palisade.attacks.ascent import ascend
from palisade.attacks.ball import L2, Linf
from palisade.attacks.losses import cross_entropy, dlr, dlr_targeted, margin
from palisade.attacks.schedules import ADAPTIVE, FALLING, Point
from palisade.backend import tf

SEED = tf.constant([1, 2])
SAMPLES, CLASSES, COUNT = 50, 5, 40


class Plain:
    """A threat without a sensor: any ball, any range."""

    def __init__(self, ball: Any) -> None:
        self.ball = ball

    def clip(self, x: Any) -> Any:
        return x


@pytest.fixture(scope="module")
def weights() -> Any:
    return tf.constant(np.random.default_rng(3).normal(0, 0.1, (SAMPLES, CLASSES)), tf.float32)


@pytest.fixture(scope="module")
def examples(weights: Any) -> tuple[Any, Any]:
    x = tf.constant(np.random.default_rng(4).normal(size=(COUNT, SAMPLES)), tf.float32)
    return x, tf.argmax(x @ weights, axis=1)


def distances(x: Any, y: Any, weights: Any, ball: Any) -> Any:
    """``[n, classes]`` how far each other class of a linear model is; infinite for the own one."""
    order = 2 if isinstance(ball, L2) else 1
    found = np.full((len(x), weights.shape[1]), np.inf)
    for row, own in enumerate(y.numpy()):
        for other in set(range(weights.shape[1])) - {own}:
            normal = (weights[:, other] - weights[:, own]).numpy()
            found[row, other] = -(x[row].numpy() @ normal) / np.linalg.norm(normal, order)
    return found


def attack(x: Any, y: Any, weights: Any, ball: Any, radius: Any, **how: Any) -> Any:
    return ascend(
        x,
        y,
        logits=lambda z: z @ weights,
        threat=Plain(ball),  # type: ignore[arg-type]
        radius=tf.constant(radius, tf.float32),
        seed=SEED,
        **{"loss": dlr, "schedule": ADAPTIVE, "steps": 20, **how},
    )


@pytest.mark.parametrize("ball", [L2(), Linf()], ids=["l2", "linf"])
@pytest.mark.parametrize(
    ("loss", "classes", "least_broken"),
    [(cross_entropy, 2, 1.0), (dlr, 2, 1.0), (dlr, CLASSES, 0.75)],
)
def test_on_a_linear_model_it_finds_the_nearest_boundary(
    ball: Any, loss: Any, classes: int, least_broken: float, weights: Any, examples: Any
) -> None:
    """Of two classes always; of several it may climb towards one that is a little farther."""
    x, some = examples[0], weights[:, :classes]
    y = tf.argmax(x @ some, axis=1)
    exact = distances(x, y, some, ball).min(axis=1)
    within = attack(x, y, some, ball, exact * 0.98, loss=loss)
    assert np.all(tf.argmax(within @ some, axis=1) == y)
    beyond = attack(x, y, some, ball, exact * 1.03, loss=loss)
    assert np.mean(tf.argmax(beyond @ some, axis=1) != y) >= least_broken
    order = 2 if isinstance(ball, L2) else np.inf
    assert np.all(np.linalg.norm(beyond - x, order, axis=1) <= exact * 1.03 * 1.0001)


@pytest.mark.parametrize("ball", [L2(), Linf()], ids=["l2", "linf"])
def test_towards_a_goal_it_reaches_just_that(
    ball: Any, weights: Any, examples: tuple[Any, Any]
) -> None:
    """The second nearest class, with a radius that reaches it and no more."""
    x, y = examples
    apart = distances(x, y, weights, ball)
    goal = tf.constant(np.argsort(apart, axis=1)[:, 1])
    radius = np.sort(apart, axis=1)[:, 1] * 1.05

    def lead(logits: Any, labels: Any) -> Any:
        return dlr_targeted(logits, labels, goal)

    moved = attack(x, y, weights, ball, radius, loss=lead, merit=lead)
    logits = (moved @ weights).numpy()
    own, aimed = (logits[np.arange(COUNT), one] for one in (y, goal))
    assert np.all(aimed > own)


def test_what_is_kept_is_what_merit_says(weights: Any, examples: tuple[Any, Any]) -> None:
    x, y = examples
    kept = attack(x, y, weights, L2(), np.full(COUNT, 1.0), merit=lambda z, y: -margin(z, y))
    best = attack(x, y, weights, L2(), np.full(COUNT, 1.0))
    assert np.all(margin(kept @ weights, y) < margin(best @ weights, y))


def test_on_a_winding_loss_it_climbs_higher_than_a_falling_step() -> None:
    """A narrow curved valley, in which steps of one length for all go astray."""
    x, y = tf.zeros((64, 2)), tf.zeros(64, tf.int64)
    target = tf.constant(np.random.default_rng(5).uniform(-0.8, 0.8, (64, 2)), tf.float32)

    def height(z: Any, _: Any) -> Any:
        across, along = (z - target)[:, 0], (z - target)[:, 1]
        return -(100.0 * tf.square(across - along) + tf.square(along))

    reached = [
        height(
            attack(
                x, y, tf.eye(2), Linf(), np.ones(64), loss=height, merit=height, schedule=schedule
            ),
            y,
        ).numpy()
        for schedule in (FALLING, ADAPTIVE)
    ]
    assert np.mean(reached[1]) > np.mean(reached[0])


def test_the_step_is_halved_where_the_loss_no_longer_rises() -> None:
    """Loss that never rises: the step of 100 is halved at the checkpoints of the paper."""
    radius = tf.ones(1)
    memory = ADAPTIVE.start(tf.zeros((1, 1)), radius)
    halvings, length = [], 2.0
    for step in range(100):
        point = Point(step, 100, tf.zeros((1, 1)), tf.zeros(1), tf.ones((1, 1)), radius)
        _, memory = ADAPTIVE.move(Linf(), point, memory)
        if float(memory[0][0]) < length:
            halvings.append(step)
            length = float(memory[0][0])
    assert halvings[:8] == [22, 41, 57, 70, 80, 87, 93, 99]


def test_a_difference_of_logits_ratio_has_no_scale() -> None:
    logits, y = tf.constant(np.random.default_rng(6).normal(size=(20, 5)), tf.float32), [1] * 20
    labels, goal = tf.constant(y, tf.int64), tf.constant([2] * 20, tf.int64)
    assert np.allclose(dlr(logits, labels), dlr(1000.0 * logits, labels), rtol=1e-4)
    apart = dlr_targeted(logits, labels, goal)
    assert np.allclose(apart, dlr_targeted(1000.0 * logits, labels, goal), rtol=1e-4)
    assert np.all((dlr(logits, labels) > 0) == (tf.argmax(logits, axis=1) != labels))


def test_of_two_classes_it_is_the_margin() -> None:
    logits, y = tf.constant([[1.0, 3.0], [2.0, -1.0]]), tf.constant([0, 0], tf.int64)
    assert np.allclose(dlr(logits, y), [2.0, -3.0])


def test_equal_logits_have_a_finite_loss_and_gradient() -> None:
    logits, y = tf.zeros((2, 5)), tf.constant([0, 1], tf.int64)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = dlr(logits, y) + dlr_targeted(logits, y, tf.constant([1, 2], tf.int64))
    assert np.all(np.isfinite(value)) and np.all(np.isfinite(tape.gradient(value, logits)))
