"""The attacker of a door's sensors: any change of every sample up to a bound, all at once.

A budget is in mg on each axis of the accelerometer, and goes together with a share of the
PIR's full scale: at ``pir_share_per_mg: 0.001``, 50 mg goes with 5 %. Signals are in mg on all
channels: counts of the PIR are scaled to the mg that they go with, so that one Linf ball of one
radius holds both.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from palisade.attacks.adversary import Adversary
from palisade.attacks.ball import Linf
from palisade.backend import tf
from palisade.tasks.motion.geometry import Sensors as Params


class Threat:
    """Budgets in mg; signals ``[n, samples, channels]`` in mg, PIR counts scaled to match."""

    ball = Linf()

    def __init__(self, params: Params) -> None:
        self.params = params
        self._mg_per_unit = np.array(params.mg_per_count)
        self._low, self._high = (np.array(ends) for ends in params.rails_mg)

    def signal(self, raw: Any) -> Any:
        """int32 samples as float32 in mg."""
        return tf.cast(raw, tf.float32) * tf.constant(self._mg_per_unit, tf.float32)

    def radius(self, x: Any, budget: Any) -> Any:
        """``[n]`` the budget itself, the same for every trace."""
        return tf.fill(tf.shape(x)[:1], tf.cast(budget, tf.float32))

    def clip(self, x: Any) -> Any:
        """Within what the sensors can deliver."""
        low, high = tf.constant(self._low, tf.float32), tf.constant(self._high, tf.float32)
        return tf.clip_by_value(x, low, high)

    def realise(self, x: Any) -> np.ndarray:
        """Rounded to the int32 samples that the converters would deliver."""
        counts = np.rint(np.asarray(x, np.float64) / self._mg_per_unit)
        low, high = self.params.rails
        return np.asarray(np.clip(counts, low, high), np.int32)

    def place(self, x: Any, seed: Any) -> Any:
        """Each trace later by a random time in ``shift_ms``; what leaves is mirrored at the edge.

        Args:
            x: ``[n, samples, channels]`` signals.
            seed: ``[2]`` stateless seed.
        """
        count, samples = tf.shape(x)[0], tf.shape(x)[1]
        low, high = (ms * self.params.sample_rate_hz / 1000 for ms in self.params.shift_ms)
        later = tf.random.stateless_uniform([count, 1], seed, low, high)
        at = tf.range(samples)[tf.newaxis] - tf.cast(tf.round(later), tf.int32)
        last = samples - 1
        at = tf.math.floormod(at, 2 * last)  # a mirrored trace repeats after twice its length
        return tf.gather(x, tf.minimum(at, 2 * last - at), axis=1, batch_dims=1)


class InTraining(Adversary):
    """The attacker inside the training loop."""

    epsilon_mg: float = Field(gt=0, le=10000, description="budget of the perturbations trained on")

    @property
    def budget(self) -> float:
        """``epsilon_mg``."""
        return self.epsilon_mg
