"""Coarse starts: in the ball, the same over whole stretches, and elsewhere than white noise is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.attacks import starts
from palisade.attacks.ascent import ascend
from palisade.attacks.ball import L2, Linf
from palisade.attacks.losses import margin
from palisade.backend import tf

COUNT, SAMPLES, CHANNELS, RADIUS = 6, 160, 3, 2.0


class Threat:
    """Signals without bounds, in some ball."""

    def __init__(self, ball: Any) -> None:
        self.ball = ball

    def clip(self, x: Any) -> Any:
        return x


def start(ball: Any, shape: tuple[int, ...], coarse: bool, seed: int = 1) -> NDArray[np.float32]:
    """What an attack begins with, on signals of zeros."""
    threat: Any = starts.begun(Threat(ball), tf.constant(coarse))  # type: ignore[arg-type]
    found = threat.ball.random(tf.zeros(shape), tf.fill([shape[0]], RADIUS), [seed, 0])
    return np.asarray(found)


def test_in_a_cube_it_is_the_same_over_stretches_on_each_channel_and_at_full_size() -> None:
    found = start(Linf(), (COUNT, SAMPLES, CHANNELS), coarse=True)
    assert np.all(np.abs(found) == RADIUS)
    changes = np.count_nonzero(np.diff(found, axis=1), axis=1)
    assert changes.max() < max(starts.STRETCHES)
    assert changes.sum() > 0
    assert np.any(found[:, :, 0] != found[:, :, 1])
    assert len({example.tobytes() for example in found}) == COUNT


def test_a_picture_has_squares() -> None:
    found = start(Linf(), (2, 64, 64, 1), coarse=True)[..., 0]
    for axis in (1, 2):
        edges = np.flatnonzero(np.diff(found, axis=axis).any(axis=(0, 3 - axis)))
        assert 0 < len(edges) < max(starts.STRETCHES)


def test_of_a_sphere_it_fills_some_stretches_of_time_and_leaves_others_silent() -> None:
    found = start(L2(), (COUNT, SAMPLES), coarse=True)
    assert np.linalg.norm(found, axis=1) == pytest.approx(RADIUS, rel=1e-5)
    silent = np.mean(found == 0, axis=1)
    assert np.all(silent > 0.05) and silent.max() < 0.95
    assert not np.any(start(L2(), (COUNT, SAMPLES), coarse=False) == 0)


@pytest.mark.parametrize("ball", [Linf(), L2()])
def test_the_other_start_is_the_balls_own(ball: Any) -> None:
    own = ball.random(tf.zeros((COUNT, SAMPLES)), tf.fill([COUNT], RADIUS), [1, 0])
    assert np.array_equal(start(ball, (COUNT, SAMPLES), coarse=False), np.asarray(own))


def test_a_signal_of_few_samples_has_no_more_stretches_than_those() -> None:
    assert start(Linf(), (COUNT, 2), coarse=True).shape == (COUNT, 2)


def test_it_gives_the_same_again_and_other_stretches_by_another_seed() -> None:
    shape = (COUNT, SAMPLES, CHANNELS)
    first = start(Linf(), shape, coarse=True)
    assert np.array_equal(first, start(Linf(), shape, coarse=True))
    assert not np.array_equal(first, start(Linf(), shape, coarse=True, seed=2))


def mean_bowl(x: Any) -> Any:
    """A network that sees the mean alone, and errs far from 0: white noise begins in its pit."""
    mean = tf.reduce_mean(x, axis=1)
    return tf.stack([tf.ones(len(x)), 2.0 * tf.square(tf.nn.relu(tf.abs(mean) - 0.3))], axis=1)


def test_it_leaves_a_flat_place_that_white_noise_begins_in() -> None:
    x, y = tf.zeros((64, SAMPLES)), tf.zeros([64], tf.int64)
    broken = {}
    for coarse in (False, True):
        threat = starts.begun(Threat(Linf()), coarse)  # type: ignore[arg-type]
        found = ascend(
            x, y, logits=mean_bowl, loss=margin, threat=threat,
            radius=tf.fill([64], 1.5), steps=20, seed=[3, 4],
        )  # fmt: skip
        broken[coarse] = float(np.mean(np.argmax(mean_bowl(found), axis=1) == 1))
    assert broken[False] < 0.1 and broken[True] > 0.5


def test_of_each_four_starts_two_are_coarse_and_the_first_is_not() -> None:
    assert [starts.is_coarse(one) for one in range(6)] == [False, True, True, False, False, True]
