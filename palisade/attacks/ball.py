"""The sets of perturbations that an attacker may choose from, around each example.

A ball gives an iterated attack its three norm-specific pieces: where to start, which way is
steepest, and how to come back inside. Radii are one a example, in units of the raw signal.
"""

from __future__ import annotations

from typing import Any, Protocol

from palisade.backend import tf

TINY = 1e-20


class Ball(Protocol):
    """What an attack needs to know of a norm; ``delta`` is ``[n, ...]``, ``radius`` ``[n]``."""

    def random(self, like: Any, radius: Any, seed: Any) -> Any:
        """A random perturbation of the largest size allowed, by a stateless seed ``[2]``."""

    def steepest(self, gradient: Any) -> Any:
        """The unit perturbation along which a linear loss rises fastest."""

    def project(self, delta: Any, radius: Any) -> Any:
        """The nearest perturbation inside the ball."""


class L2:
    """Euclidean norm over all samples of an example."""

    def random(self, like: Any, radius: Any, seed: Any) -> Any:
        """White noise at the full radius; uniform samples, which are drawn faster than normal."""
        noise = tf.random.stateless_uniform(tf.shape(like), seed, -1.0, 1.0)
        return self.steepest(noise) * spread(radius, like)

    def steepest(self, gradient: Any) -> Any:
        """The gradient over its own norm; zero where the gradient is zero."""
        return gradient / tf.maximum(_norm(gradient), TINY)

    def project(self, delta: Any, radius: Any) -> Any:
        """Scaled back to the radius where it is longer."""
        return delta * tf.minimum(1.0, spread(radius, delta) / tf.maximum(_norm(delta), TINY))


class Linf:
    """Largest absolute value over all samples of an example."""

    def random(self, like: Any, radius: Any, seed: Any) -> Any:
        """Uniform in the cube."""
        return tf.random.stateless_uniform(tf.shape(like), seed, -1.0, 1.0) * spread(radius, like)

    def steepest(self, gradient: Any) -> Any:
        """The gradient's sign."""
        return tf.sign(gradient)

    def project(self, delta: Any, radius: Any) -> Any:
        """Clipped to the radius."""
        return tf.clip_by_value(delta, -spread(radius, delta), spread(radius, delta))


def spread(radius: Any, like: Any) -> Any:
    """A radius an example, shaped to multiply ``like``."""
    return tf.reshape(radius, [-1] + [1] * (len(like.shape) - 1))


def _norm(x: Any) -> Any:
    axes = list(range(1, len(x.shape)))
    return tf.sqrt(tf.reduce_sum(tf.square(x), axis=axes, keepdims=True))
