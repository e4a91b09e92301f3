"""Small pictures of four classes, and small models of them, for planted controls.

A picture holds a broad pattern of its class, which a strong perturbation is needed to hide and
which now and then is that of another class, and a faint fine one, which is always right: what is
trained on clean pictures goes by the faint one too, and falls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.adversary import perturb
from palisade.backend import tf
from palisade.splits import Split
from palisade.tasks.vision.threat import InTraining, Params, Threat

PX, CLASSES, HIDDEN = 8, 4, 16
LABELS = ("nobody", "person", "dog", "cat")
BROAD, FAINT, NOISE = (4.0, 60.0), 5.0, 1.0  # of 255; the broad one between bounds
MISLEADING = 0.08  # share of pictures whose broad pattern is another class's
EPSILON = 8 / 255
THREAT = Threat(
    Params.model_validate(
        {"shift_share": 0.0, "rotation_deg": 0.0, "zoom": [1.0, 1.0], "mirror": False}
    )
)
Floats = NDArray[np.float32]


def pictures(name: str, count: int) -> Split:
    """``[count, 8, 8, 1]`` uint8; a scene of its own for each five."""
    dice = np.random.default_rng([ord(letter) for letter in name])
    y = np.arange(count) % CLASSES
    seen = np.where(dice.random(count) < MISLEADING, (y + 1) % CLASSES, y)
    x = 128 + dice.uniform(*BROAD, (count, 1)) * _broad()[seen] + FAINT * _faint()[y]
    x = x + NOISE * dice.normal(size=x.shape)
    ids = np.array([f"{name}/{number}" for number in range(count)])
    scenes = np.array([f"{name} {number // 5}" for number in range(count)])
    raw = np.clip(np.rint(x), 0, 255).astype(np.uint8).reshape(count, PX, PX, 1)
    return Split(raw, y.astype(np.int64), ids, scenes, LABELS)


def _broad() -> Floats:
    """Light above or below, to the left or to the right."""
    ramp = np.repeat(np.linspace(-1, 1, PX)[np.newaxis], PX, axis=0)
    found = [ramp, -ramp, ramp.T, -ramp.T]
    return np.stack(found).reshape(CLASSES, -1).astype(np.float32)


def _faint() -> Floats:
    return np.random.default_rng(5).choice([-1.0, 1.0], (CLASSES, PX * PX)).astype(np.float32)


@dataclass(frozen=True)
class Network:
    """Pictures to logits through a hidden layer; without one, in a straight line.

    Attributes:
        hidden: weights and biases of the layer whose answer is the embedding.
        last: those of the logits.
        linear: whether the hidden layer only passes on.
    """

    hidden: tuple[Any, Any]
    last: tuple[Any, Any]
    linear: bool = False

    def embedding(self, x: Any) -> Any:
        """``[n, 16]`` of pictures in [0, 1]."""
        flat = tf.reshape(4.0 * (x - 128 / 255), [-1, PX * PX])
        found = tf.matmul(flat, self.hidden[0]) + self.hidden[1]
        return found if self.linear else tf.nn.relu(found)

    def logits(self, x: Any) -> Any:
        """``[n, 4]`` of pictures in [0, 1]."""
        return tf.matmul(self.embedding(x), self.last[0]) + self.last[1]


def trained(
    train: Split, *, linear: bool = False, epsilon: float | None = EPSILON, steps: int = 300
) -> Network:
    """A network after so many steps of Adam on all pictures, under PGD unless undefended."""
    dice = np.random.default_rng(0)
    shapes = [(PX * PX, HIDDEN), (HIDDEN,), (HIDDEN, CLASSES), (CLASSES,)]
    drawn = [
        dice.normal(size=one) / np.sqrt(one[0]) if len(one) > 1 else np.zeros(one) for one in shapes
    ]
    weights = [tf.Variable(one.astype(np.float32)) for one in drawn]
    network = Network((weights[0], weights[1]), (weights[2], weights[3]), linear)
    adversary = InTraining(
        attack="pgd",
        fraction=1.0,
        steps=5,
        noise=1.0,
        ramp_epochs=0.0,
        placements=1,
        epsilon_linf=epsilon or EPSILON,
    )
    x, y = THREAT.signal(tf.constant(train.x)), tf.constant(train.y)
    means = [(tf.Variable(tf.zeros_like(one)), tf.Variable(tf.zeros_like(one))) for one in weights]

    @tf.function
    def step(number: Any) -> None:
        seed = tf.stack([number, 0])
        moved = x
        if epsilon:
            moved = perturb(
                x,
                y,
                adversary=adversary,
                logits=network.logits,
                threat=THREAT,
                scale=1.0,
                seed=seed,
            )
        with tf.GradientTape() as tape:
            lost = tf.nn.sparse_softmax_cross_entropy_with_logits(y, network.logits(moved))
            value = tf.reduce_mean(lost)
        for weight, gradient, (first, second) in zip(
            weights, tape.gradient(value, weights), means, strict=True
        ):
            first.assign(0.9 * first + 0.1 * gradient)
            second.assign(0.99 * second + 0.01 * gradient**2)
            weight.assign_sub(0.01 * first / (tf.sqrt(second) + 1e-6))

    for number in range(steps):
        step(tf.constant(number))
    return network
