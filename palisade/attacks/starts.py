"""Where an attack begins its climb: at white noise, or at something coarse.

White noise fills the ball and hardly moves what a network sees, as a front end and first layers
average it away: many starts of that kind are nearly one. A coarse start is the same over whole
stretches of a signal (in the Linf ball), or has its energy in some of them (L2), as the squares of
Andriushchenko et al., arXiv:1912.00049, are, and leads elsewhere.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Any

from palisade.attacks.ascent import Threat
from palisade.attacks.ball import L2, Ball, spread
from palisade.backend import tf

STRETCHES = (4, 8, 16)  # of which one is drawn, along each axis but that of channels


def is_coarse(start: int) -> bool:
    """Whether a start, counted from 0, is a coarse one: the second and third of each four."""
    return start % 4 in (1, 2)


def begun(threat: Threat, coarse: Any) -> Threat:
    """A threat whose attacks begin at coarse starts where a flag, or a scalar tensor, says so."""
    other = copy(threat)
    other.ball = _Either(threat.ball, coarse)
    return other


@dataclass(frozen=True)
class _Either:
    """A ball with one start or the other."""

    ball: Ball
    coarse: Any

    def random(self, like: Any, radius: Any, seed: Any) -> Any:
        white = self.ball.random(like, radius, seed)
        drawn = _in_stretches(like, seed)
        if isinstance(self.ball, L2):
            among = tf.reduce_mean(drawn, axis=list(range(1, len(like.shape))), keepdims=True)
            rough = self.ball.steepest(white * tf.nn.relu(drawn - among)) * spread(radius, like)
        else:
            rough = tf.sign(drawn) * spread(radius, like)
        return tf.where(self.coarse, rough, white)

    def steepest(self, gradient: Any) -> Any:
        return self.ball.steepest(gradient)

    def project(self, delta: Any, radius: Any) -> Any:
        return self.ball.project(delta, radius)


def _in_stretches(like: Any, seed: Any) -> Any:
    """Uniform between -1 and 1, of the shape of ``like``, the same over each stretch."""
    shape = tf.unstack(tf.shape(like))
    axes = range(1, max(2, len(shape) - 1))
    which = tf.random.stateless_uniform([], seed, 0, len(STRETCHES), tf.int32)
    counts = [tf.minimum(tf.gather(STRETCHES, which), shape[axis]) for axis in axes]
    drawn = tf.random.stateless_uniform(
        [shape[0], *counts, *shape[1 + len(counts) :]], seed, -1.0, 1.0
    )
    for axis, count in zip(axes, counts, strict=True):
        drawn = tf.gather(drawn, tf.range(shape[axis]) * count // shape[axis], axis=axis)
    return drawn
