"""The attacker inside the training loop: single-step by default, so that training stays cheap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from pydantic import Field

from palisade import stage
from palisade.attacks.ascent import Threat, ascend
from palisade.attacks.ball import spread
from palisade.attacks.losses import cross_entropy
from palisade.backend import tf


class Adversary(stage.Params):
    """How training examples are perturbed. A task adds its epsilon, in its own unit."""

    attack: Literal["fgsm", "n_fgsm", "pgd"] = Field(description="the inner attack")
    fraction: float = Field(gt=0, le=1, description="share of each batch that is perturbed")
    steps: int = Field(ge=1, le=50, description="gradients that pgd takes")
    noise: float = Field(ge=0, le=4, description="n_fgsm's start, in radii")
    ramp_epochs: float = Field(ge=0, description="epochs over which the radius grows to epsilon")
    placements: int = Field(
        ge=1, le=20, description="natural placements tried of each example; the worst is perturbed"
    )

    @property
    def budget(self) -> float:
        """The budget trained at, in the task's unit."""
        raise NotImplementedError


def worst_placed(
    x: Any,
    y: Any,
    *,
    count: int,
    logits: Callable[[Any], Any],
    threat: Threat,
    seed: Any,
) -> Any:
    """Examples ``[n, ...]``, each in the worst by its loss of ``count`` random placements.

    References:
        Engstrom et al., Exploring the Landscape of Spatial Robustness, arXiv:1712.02779
        (worst of k), here before a perturbation and not in place of it.
    """
    worst = threat.place(x, seed)
    if count == 1:
        return worst
    largest = cross_entropy(logits(worst), y)
    for number in range(1, count):
        other = threat.place(x, tf.random.experimental.stateless_fold_in(seed, number))
        value = cross_entropy(logits(other), y)
        worst = tf.where(spread(value > largest, x), other, worst)
        largest = tf.maximum(value, largest)
    return worst


def perturb(
    x: Any,
    y: Any,
    *,
    adversary: Adversary,
    logits: Callable[[Any], Any],
    threat: Threat,
    scale: Any,
    seed: Any,
) -> Any:
    """Training examples ``[n, ...]`` moved by the inner attack at ``scale`` times its radius.

    ``n_fgsm`` takes one step of the full radius from a noisy start, and clips only to the
    sensor's range, not to the ball: that keeps single-step training from collapsing.

    References:
        Wong et al., arXiv:2001.03994; de Jorge et al., arXiv:2202.01181 (N-FGSM).
    """
    radius = threat.radius(x, adversary.budget) * scale
    if adversary.attack == "n_fgsm":
        start = x + threat.ball.random(x, radius * adversary.noise, seed)
        with tf.GradientTape() as tape:
            tape.watch(start)
            value = tf.reduce_sum(cross_entropy(logits(start), y))
        step = threat.ball.steepest(tape.gradient(value, start)) * spread(radius, x)
        return threat.clip(start + step)
    single = adversary.attack == "fgsm"
    return ascend(
        x,
        y,
        logits=logits,
        loss=cross_entropy,
        threat=threat,
        radius=radius,
        steps=1 if single else adversary.steps,
        seed=seed,
        random_start=not single,
    )
