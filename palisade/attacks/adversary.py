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

    @property
    def budget(self) -> float:
        """The budget trained at, in the task's unit."""
        raise NotImplementedError


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
