"""How an iterated attack moves: what is put into the one loop of ``palisade/attacks/ascent.py``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from palisade.attacks.ball import Ball, spread
from palisade.backend import tf

MOMENTUM = 0.25  # share of the last move that is made again (alpha = 0.75 in the paper)
FIRST_CHECKPOINT = 0.22  # share of the steps
SHORTER_BY, SHORTEST = 0.03, 0.06  # between checkpoints, shares of the steps
LEAST_RISES = 0.75  # share of the steps since a checkpoint that have to raise the loss


@dataclass(frozen=True)
class Point:
    """Where the loop stands.

    Attributes:
        step: number of this step, from 0.
        steps: how many there are in all.
        delta: ``[n, ...]`` the perturbation.
        value: ``[n]`` its loss.
        gradient: ``[n, ...]`` of the loss.
        radius: ``[n]`` the ball's.
    """

    step: Any
    steps: Any
    delta: Any
    value: Any
    gradient: Any
    radius: Any


class Schedule(Protocol):
    """How far each step goes; what it remembers is a tuple of tensors of fixed shapes."""

    def start(self, delta: Any, radius: Any) -> tuple[Any, ...]:
        """What is remembered before the first step."""

    def move(
        self, ball: Ball, point: Point, memory: tuple[Any, ...]
    ) -> tuple[Any, tuple[Any, ...]]:
        """The next perturbation, and what is then remembered."""


@dataclass(frozen=True)
class Falling:
    """A length that falls linearly from the radius to nothing, along the steepest direction.

    References:
        Madry et al., arXiv:1706.06083 (PGD).
    """

    def start(self, delta: Any, radius: Any) -> tuple[Any, ...]:
        """Nothing."""
        return ()

    def move(
        self, ball: Ball, point: Point, memory: tuple[Any, ...]
    ) -> tuple[Any, tuple[Any, ...]]:
        """One step, back into the ball."""
        share = 1.0 - tf.cast(point.step, tf.float32) / tf.cast(point.steps, tf.float32)
        length = point.radius * share
        moved = point.delta + ball.steepest(point.gradient) * spread(length, point.delta)
        return ball.project(moved, point.radius), memory


@dataclass(frozen=True)
class Adaptive:
    """APGD: a length that each example halves by itself, and momentum.

    It begins at twice the radius. At checkpoints, which come closer to each other, an example
    whose loss rose in too few steps, or whose best loss neither rose nor its length was halved
    since the last one, halves its length and goes on from the best point that it has visited.

    References:
        Croce and Hein, arXiv:2003.01690, algorithm 1.
    """

    def start(self, delta: Any, radius: Any) -> tuple[Any, ...]:
        """Lengths, the last and the best point, and what the next checkpoint asks about."""
        nothing, lowest = tf.zeros_like(radius), tf.fill(tf.shape(radius), tf.float32.min)
        return (
            2.0 * radius,  # length
            delta,  # the point before
            lowest,  # its loss
            lowest,  # the best loss
            delta,  # its point
            tf.zeros_like(delta),  # and gradient
            nothing,  # rises since the last checkpoint
            lowest,  # the best loss at the last checkpoint
            tf.zeros_like(radius, tf.bool),  # whether the length was halved there
            tf.constant(FIRST_CHECKPOINT),  # the next checkpoint, a share of the steps
            tf.constant(FIRST_CHECKPOINT),  # and what lies between it and the last
            tf.constant(0.0),  # number of the last checkpoint's step
        )

    def move(
        self, ball: Ball, point: Point, memory: tuple[Any, ...]
    ) -> tuple[Any, tuple[Any, ...]]:
        """One step with momentum, back into the ball."""
        length, before, value_before, best, best_delta, best_gradient = memory[:6]
        rises, best_then, halved_then, share, between, last = memory[6:]
        step, delta, gradient = tf.cast(point.step, tf.float32), point.delta, point.gradient
        rises += tf.cast(point.value > value_before, tf.float32) * tf.cast(step > 0, tf.float32)
        better = point.value > best
        best = tf.where(better, point.value, best)
        best_delta = tf.where(spread(better, delta), delta, best_delta)
        best_gradient = tf.where(spread(better, delta), gradient, best_gradient)

        due = step >= tf.math.ceil(share * tf.cast(point.steps, tf.float32))
        stuck = (rises < LEAST_RISES * (step - last)) | (~halved_then & (best <= best_then))
        halve = due & stuck
        length = tf.where(halve, length / 2.0, length)
        delta = tf.where(spread(halve, delta), best_delta, delta)
        gradient = tf.where(spread(halve, delta), best_gradient, gradient)
        before = tf.where(spread(halve, delta), delta, before)
        value = tf.where(halve, best, point.value)

        ahead = delta + ball.steepest(gradient) * spread(length, delta)
        ahead = ball.project(ahead, point.radius)
        share_of_last = tf.where(step > 0, MOMENTUM, 0.0)
        moved = delta + (1.0 - share_of_last) * (ahead - delta) + share_of_last * (delta - before)
        moved = ball.project(moved, point.radius)
        shorter = tf.maximum(between - SHORTER_BY, SHORTEST)
        return moved, (
            length,
            delta,
            value,
            best,
            best_delta,
            best_gradient,
            tf.where(due, tf.zeros_like(rises), rises),
            tf.where(due, best, best_then),
            tf.where(due, halve, halved_then),
            tf.where(due, share + shorter, share),
            tf.where(due, shorter, between),
            tf.where(due, step, last),
        )


FALLING, ADAPTIVE = Falling(), Adaptive()
