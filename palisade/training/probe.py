"""What the weights are worth after an epoch, on validation."""

from __future__ import annotations

from typing import Any

import numpy as np

from palisade.attacks.ascent import ascend
from palisade.attacks.losses import cross_entropy
from palisade.backend import tf
from palisade.seeds import derive, generator
from palisade.splits import Split
from palisade.training.outcome import Epoch
from palisade.training.setting import Setting
from palisade.whitebox import WhiteBox

PROBE_STEPS = 5


class Probe:
    """Measures clean accuracy on validation, and attacked accuracy on a fixed part of it."""

    def __init__(self, validation: Split, setting: Setting) -> None:
        self._validation, self._setting = validation, setting
        order = generator(setting.seed, setting.name, "probe").permutation(len(validation))
        self._attacked = validation.take(np.sort(order[: setting.recipe.probe_examples]))
        self._seed = tf.constant([derive(setting.seed, setting.name, "probe") % 2**31, 1])
        self._compiled: dict[tuple[int, int], Any] = {}

    @property
    def attacked(self) -> int:
        """Examples that robust accuracy is measured on; 0 without an attacker."""
        return len(self._attacked) if self._setting.adversary is not None else 0

    def measure(self, model: Any, twin: Any, epoch: int, loss: float) -> Epoch:
        """Clean and robust accuracy of the twin, and the live model's overfitting gap."""
        clean = accuracy(twin, self._setting.box, self._validation)
        robust = gap = 0.0
        if self._setting.adversary is not None:
            robust = self._attack(twin, PROBE_STEPS)
            gap = self._attack(model, 1) - self._attack(model, PROBE_STEPS)
        return Epoch(epoch, loss, clean, robust, gap)

    def _attack(self, model: Any, steps: int) -> float:
        attack = self._compiled.setdefault((id(model), steps), self._compile(model, steps))
        x, y = tf.constant(self._attacked.x), tf.constant(self._attacked.y)
        return float(attack(x, y))

    def _compile(self, model: Any, steps: int) -> Any:
        setting = self._setting
        assert setting.adversary is not None
        budget = setting.adversary.budget

        logits = setting.box.logits(model)

        @tf.function
        def attacked_accuracy(raw: Any, y: Any) -> Any:
            x = setting.box.threat.signal(raw)
            moved = ascend(
                x,
                y,
                logits=logits,
                loss=cross_entropy,
                threat=setting.box.threat,
                radius=setting.box.threat.radius(x, budget),
                steps=steps,
                seed=self._seed,
                random_start=steps > 1,
            )
            right = tf.argmax(logits(moved), axis=1) == y
            return tf.reduce_mean(tf.cast(right, tf.float32))

        return attacked_accuracy


def accuracy(model: Any, box: WhiteBox, split: Split, batch: int = 256) -> float:
    """Share of a split that a Keras model gets right."""
    features = box.features(split.x, batch)
    outputs = [
        model(features[i : i + batch], training=False)[0] for i in range(0, len(split), batch)
    ]
    return float(np.mean(np.argmax(np.concatenate(outputs), axis=1) == split.y))
