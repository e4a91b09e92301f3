"""Iterated gradient attacks: one loop, into which the norm, the loss and the schedule are put."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from palisade.attacks.ball import Ball, spread
from palisade.attacks.losses import Loss, margin
from palisade.attacks.schedules import FALLING, Point, Schedule
from palisade.backend import tf

# Where no gradient comes back, as through a bare rounding: measured as such, and no error.
NOTHING = tf.UnconnectedGradients.ZERO


class Threat(Protocol):
    """The attacker of a task, in the raw domain of its sensor (``palisade/tasks/*/threat.py``)."""

    ball: Ball

    def signal(self, raw: Any) -> Any:
        """Raw samples as float32 in the units of the ball."""

    def radius(self, x: Any, budget: Any) -> Any:
        """``[n]`` radius of the ball around each example at a budget."""

    def clip(self, x: Any) -> Any:
        """Within what the sensor can deliver."""

    def realise(self, x: Any) -> np.ndarray:
        """Rounded to what the sensor can deliver."""

    def place(self, x: Any, seed: Any) -> Any:
        """Signals as they might as well have met the sensor, at random by a stateless seed ``[2]``.

        What a network must not mind and no budget counts: where a picture's subject stands, say.
        """


def ascend(
    x: Any,
    y: Any,
    *,
    logits: Callable[[Any], Any],
    loss: Loss,
    threat: Threat,
    radius: Any,
    steps: Any,
    seed: Any,
    random_start: Any = True,
    schedule: Schedule = FALLING,
    merit: Loss = margin,
) -> Any:
    """The adversarial examples that ``steps`` of projected gradient ascent find.

    From a random start, each step follows the steepest direction of the norm as the schedule
    has it, and comes back into the ball. Of all points visited the one of the largest merit, by
    default the margin, is kept. One step without a random start is FGSM.

    Args:
        x: ``[n, ...]`` clean signals.
        y: ``[n]`` true labels.
        logits: the network from signal to logits ``[n, classes]``, differentiable; or to whatever
            loss and merit understand.
        loss: what is climbed.
        threat: the ball, and the sensor's range.
        radius: ``[n]`` the ball's radius.
        steps: gradients taken; a number or a tensor.
        seed: ``[2]`` stateless seed of the random start.
        random_start: whether to begin at a random point instead of the clean one; or a tensor.
        schedule: how far each step goes.
        merit: by what the best point is chosen.

    References:
        Goodfellow et al., arXiv:1412.6572 (FGSM); Madry et al., arXiv:1706.06083 (PGD).
    """
    ball = threat.ball
    steps = tf.cast(steps, tf.int32)
    start = ball.random(x, radius, seed) * tf.cast(random_start, tf.float32)

    def visit(delta: Any, best: Any, best_merit: Any, outputs: Any) -> tuple[Any, Any]:
        reached = merit(outputs, y)
        better = reached > best_merit
        return tf.where(spread(better, x), delta, best), tf.where(better, reached, best_merit)

    def step(i: Any, delta: Any, best: Any, best_merit: Any, memory: Any) -> tuple[Any, ...]:
        with tf.GradientTape() as tape:
            tape.watch(delta)
            outputs = logits(threat.clip(x + delta))
            value = loss(outputs, y)
        gradient = tape.gradient(value, delta, unconnected_gradients=NOTHING)
        best, best_merit = visit(delta, best, best_merit, outputs)
        point = Point(i, steps, delta, value, gradient, radius)
        moved, memory = schedule.move(ball, point, memory)
        return i + 1, moved, best, best_merit, memory

    nothing = tf.fill(tf.shape(y), tf.float32.min)
    _, delta, best, best_merit, _ = tf.while_loop(
        lambda i, *_: i < steps, step, (0, start, start, nothing, schedule.start(start, radius))
    )
    best, _ = visit(delta, best, best_merit, logits(threat.clip(x + delta)))
    return threat.clip(x + best)
