"""The moving average of weights, which is what is kept of a training."""

from __future__ import annotations

from typing import Any

import numpy as np

from palisade.backend import tf


class Average:
    """Exponential moving average of every weight, batch statistics among them.

    The decay starts low and rises to its value, so that early steps are soon forgotten.
    """

    def __init__(self, model: Any, decay: float) -> None:
        self._live, self._decay = model.weights, decay
        self._shadow = [tf.Variable(tf.cast(w, w.dtype)) for w in model.weights]

        @tf.function
        def follow(decay: Any) -> None:
            for shadow, live in zip(self._shadow, self._live, strict=True):
                if shadow.dtype.is_floating:
                    shadow.assign(decay * shadow + (1.0 - decay) * live)
                else:
                    shadow.assign(live)

        self._follow = follow

    def follow(self, step: int) -> None:
        """Take in the live weights after a step."""
        self._follow(tf.constant(min(self._decay, (1 + step) / (10 + step)), tf.float32))

    def weights(self) -> list[np.ndarray]:
        """The average, in the order of ``model.weights``."""
        return [shadow.numpy() for shadow in self._shadow]
