"""Gradient ascent on an expectation: every step meets the world in another draw.

One loop for sounds, prints and vibrations: the value, the set of what can be made and the norm
of a step are handed in.

References:
    Athalye et al., Synthesizing Robust Adversarial Examples, arXiv:1707.07397 (expectation over
    transformation); Dong et al., Boosting Adversarial Attacks with Momentum, arXiv:1710.06081
    (steps along an average of gradients, each of equal weight, here also over draws).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from palisade.attacks.ball import TINY
from palisade.attacks.losses import margin
from palisade.backend import tf
from palisade.progress import track

MOMENTUM = 0.9
COMPILED_FROM = 10  # steps; fewer are taken sooner than they are compiled


class Made(Protocol):
    """What an attacker can make, of variables ``[n, ...]``."""

    def steepest(self, gradient: Any) -> Any:
        """The unit step along which a linear value rises fastest."""


Climb = Callable[..., Any]


def climb(
    *,
    value: Callable[..., Any],
    project: Callable[..., Any],
    norm: Made,
    steps: int,
) -> Climb:
    """An attack ``(start, length, seed, *given)`` that returns what it found.

    Args:
        value: of a variable ``[n, ...]``, a seed ``[2]`` and what is given: ``[m]``, of which
            the sum is climbed. It draws the world anew from each seed.
        project: of a variable and what is given: the nearest that can be made.
        norm: in which a step is measured.
        steps: gradients taken. A step's length falls linearly from ``length`` to nothing.
    """

    def run(start: Any, length: Any, seed: Any, *given: Any) -> Any:
        def step(i: Any, x: Any, velocity: Any) -> tuple[Any, Any, Any]:
            drawn = tf.random.experimental.stateless_fold_in(seed, i)
            with tf.GradientTape() as tape:
                tape.watch(x)
                found = tf.reduce_sum(value(x, drawn, *given))
            gradient = tape.gradient(found, x)
            axes = list(range(1, len(gradient.shape)))
            mean = tf.reduce_mean(tf.abs(gradient), axis=axes, keepdims=True)
            velocity = MOMENTUM * velocity + gradient / tf.maximum(mean, TINY)
            rest = 1.0 - tf.cast(i, tf.float32) / steps
            moved = x + norm.steepest(velocity) * length * rest
            return i + 1, project(moved, *given), velocity

        start = project(start, *given)
        _, found, _ = tf.while_loop(lambda i, *_: i < steps, step, (0, start, tf.zeros_like(start)))
        return found

    found: Climb = run if steps < COMPILED_FROM else tf.function(run)
    return found


def best_start(
    count: int, craft: Callable[[int], Any], worth: Callable[[Any], float], what: str
) -> Any:
    """Of what an ascent finds from several starts, the one that is worth most.

    Args:
        count: how many starts.
        craft: of a start's number, what is found from there.
        worth: of what is found, on examples and draws of crafting.
        what: for the progress shown.
    """
    found = [craft(number) for number in track(range(count), what, count)]
    return max(found, key=worth) if count > 1 else found[0]


def evasion(logits: Any, y: Any) -> Any:
    """``[n]`` what an attacker wins with ``y`` not being said; once it is not, little more.

    Without that end, examples that are fooled already would outweigh the others in a sum.
    """
    return -tf.nn.softplus(-margin(logits, y))


def imitation(logits: Any, goal: Any) -> Any:
    """``[n]`` what an attacker wins with ``goal`` being said; once it is, little more."""
    return -tf.nn.softplus(margin(logits, goal))
