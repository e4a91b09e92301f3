"""A task's whole path from raw samples to logits, differentiable, as a stage's params set it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from palisade import tasks
from palisade.attacks.ascent import Threat
from palisade.backend import keras, set_seed, tf
from palisade.stage import Stage

_POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}


@dataclass(frozen=True)
class WhiteBox:
    """The differentiable pieces of a task.

    Attributes:
        front_end: signal, preprocessed, to features; has a ``shape``.
        threat: the attacker, in the sensor's raw domain.
        build: makes the Keras model for a number of classes.
        preprocess: signal to signal, the differentiable twin of what the device does first.
    """

    front_end: Any
    threat: Threat
    build: Callable[[int], Any]
    preprocess: Callable[[Any], Any] = lambda x: x

    def inputs(self, x: Any) -> Any:
        """Signals ``[n, ...]`` to the network's input."""
        return self.front_end(self.preprocess(x))

    def network(self, classes: int, precision: str = "float32") -> Any:
        """A Keras model with new weights, which computes in ``float32`` or ``bfloat16``."""
        policy = keras.mixed_precision.global_policy()
        keras.mixed_precision.set_global_policy(_POLICIES[precision])
        try:
            return self.build(classes)
        finally:
            keras.mixed_precision.set_global_policy(policy)

    def logits(self, model: Any) -> Callable[[Any], Any]:
        """The path from signal to float32 logits through a Keras model, at inference."""
        return lambda x: tf.cast(model(self.inputs(x), training=False)[0], tf.float32)

    def features(self, raw: Any, batch: int = 256) -> Any:
        """Features ``[n, ...]`` of raw samples ``[n, ...]``, in batches."""
        parts = [
            self.inputs(self.threat.signal(tf.constant(raw[start : start + batch])))
            for start in range(0, len(raw), batch)
        ]
        return tf.concat(parts, axis=0)


def of(this: Stage) -> WhiteBox:
    """The white box of the stage's task; initial weights are seeded by the stage's name."""
    features, threat, network, twin = (
        tasks.load(this.key, "features"),
        tasks.load(this.key, "threat"),
        tasks.load(this.key, "network"),
        tasks.load(this.key, "twin"),
    )
    front_end = features.FrontEnd(this.params("features", features.Params))
    params = this.params("network", network.Params)
    set_seed(this.seed, this.entry.title)
    return WhiteBox(
        front_end=front_end,
        threat=threat.Threat(this.params("threat", threat.Params)),
        build=lambda classes: network.build(front_end.shape, classes, params),
        preprocess=twin.twin(this),
    )
