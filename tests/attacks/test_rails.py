"""Attacks on what lies at a sensor's rails: they keep within them, and still find their way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from palisade.attacks.ascent import ascend
from palisade.attacks.ball import L2, Linf
from palisade.attacks.losses import margin
from palisade.attacks.rails import within
from palisade.attacks.schedules import ADAPTIVE
from palisade.attacks.starts import begun
from palisade.backend import tf

COUNT, SAMPLES, HIGH = 16, 200, 1.0


class Threat:
    """A sensor that saturates at -1 and 1."""

    def __init__(self, ball: Any) -> None:
        self.ball = ball

    def clip(self, x: Any) -> Any:
        return tf.clip_by_value(x, -HIGH, HIGH)


def below(level: float) -> Any:
    """A network that errs where the mean falls below a level."""

    def logits(x: Any) -> Any:
        mean = tf.reduce_mean(x, axis=1)
        return 10.0 * tf.stack([mean - level, level - mean], axis=1)

    return logits


def broken(threat: Any, level: float, radius: float, steps: int = 10) -> float:
    """Share of saturated signals that an attack takes below a level."""
    x, y = tf.fill([COUNT, SAMPLES], HIGH), tf.zeros([COUNT], tf.int64)
    found = ascend(
        x, y, logits=below(level), loss=margin, threat=threat(x), radius=tf.fill([COUNT], radius),
        steps=steps, seed=[1, 2], schedule=ADAPTIVE,
    )  # fmt: skip
    return float(np.mean(np.argmax(below(level)(found), axis=1) == 1))


@pytest.mark.parametrize(("ball", "radius"), [(Linf(), 0.3), (L2(), 0.3 * SAMPLES**0.5)])
def test_a_saturated_signal_is_led_off_the_rail(ball: Any, radius: float) -> None:
    """Half of a white start lies beyond the rail, from where no gradient comes."""
    bare: Any = Threat(ball)
    assert broken(lambda x: within(bare, x), 0.705, radius) == 1.0
    if isinstance(ball, Linf):
        assert broken(lambda x: bare, 0.705, radius) == 0.0


@pytest.mark.parametrize("ball", [Linf(), L2()])
@pytest.mark.parametrize("coarse", [False, True])
def test_starts_and_steps_keep_to_the_sensors_range_and_to_the_ball(
    ball: Any, coarse: bool
) -> None:
    x = tf.constant(np.random.default_rng(1).uniform(-1, 1, (COUNT, SAMPLES)), tf.float32)
    radius = tf.fill([COUNT], 0.5)
    kept = within(begun(Threat(ball), coarse), x)  # type: ignore[arg-type]
    far = tf.constant(np.random.default_rng(2).normal(0, 3, x.shape), tf.float32)
    for delta in (kept.ball.random(x, radius, [3, 4]), kept.ball.project(far, radius)):
        assert np.abs(x + delta).max() <= HIGH + 1e-6
        order = 2 if isinstance(ball, L2) else np.inf
        assert np.linalg.norm(delta, order, axis=1).max() <= 0.5 + 1e-5
    inside = kept.ball.project(tf.fill(x.shape, 1e-3) * (1 - tf.abs(x)), radius)
    assert np.allclose(inside, 1e-3 * (1 - np.abs(x)), atol=1e-6)


def test_a_gradient_comes_back_from_the_rail() -> None:
    x = tf.fill([1, SAMPLES], HIGH + 1e-6)
    kept = within(Threat(Linf()), x)  # type: ignore[arg-type]
    with tf.GradientTape() as tape:
        tape.watch(x)
        clipped = kept.clip(x)
        value = tf.reduce_sum(clipped)
    assert np.all(tape.gradient(value, x) == 1.0)
    assert np.all(clipped == HIGH)
