"""A task's attack as a library wants it: one radius of 1 for all examples, and logits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.ascent import Threat
from palisade.attacks.ball import Linf, spread
from palisade.backend import tf

# By which a radius is multiplied before it rides along: a step of 1 then changes it by a millionth.
CARRY = 1e6


class Space:
    """Signals over their radius, flat where each example has a radius of its own.

    Such a radius rides along as a last value, too large for an attack of radius 1 to change and
    without a gradient.

    Args:
        logits: signal to logits, differentiable.
        threat: the attacker.
        x: ``[n, ...]`` clean signals.
        radius: ``[n]``.

    Attributes:
        norm: ``np.inf`` or 2, as libraries name them.
        bounds: of signals over the radius, where all pixels have the same.
        classes: how many logits.
    """

    def __init__(self, logits: Callable[[Any], Any], threat: Threat, x: Any, radius: Any) -> None:
        self.threat, self._x, self._radius = threat, x, radius.numpy()
        self.norm: float = np.inf if isinstance(threat.ball, Linf) else 2
        self._same = bool(np.ptp(self._radius) == 0)
        self._shape = [-1, *x.shape[1:]]
        ends = threat.clip(_ends(x))
        low, high = ends.numpy()[0], ends.numpy()[1]
        same_ends = np.ptp(low) == 0 and np.ptp(high) == 0 and self._same
        unit = float(self._radius[0])
        self.bounds = (float(low.flat[0]) / unit, float(high.flat[0]) / unit) if same_ends else None
        self._logits = tf.function(lambda z: logits(threat.clip(self._signal(z))))
        self.classes = int(self._logits(self.start()[:1]).shape[1])

    def __call__(self, z: Any, training: bool = False) -> Any:
        """Logits; ``training`` is what libraries pass."""
        return self._logits(tf.cast(z, tf.float32))

    def start(self) -> NDArray[np.float32]:
        """The clean signals."""
        z = self._x.numpy() / spread(self._radius, self._x).numpy()
        if self._same:
            return np.asarray(z, np.float32)
        carried = self._radius[:, np.newaxis] * CARRY
        return np.concatenate([z.reshape(len(z), -1), carried], 1).astype(np.float32)

    def signal(self, z: Any) -> Any:
        """What the attacker would play, within what the sensor can deliver."""
        return self.threat.clip(self._signal(tf.constant(z, tf.float32)))

    def _signal(self, z: Any) -> Any:
        if self._same:
            return z * float(self._radius[0])
        radius = tf.stop_gradient(z[:, -1:]) / CARRY
        return tf.reshape(z[:, :-1] * radius, self._shape)

    def demand_inside(self, z: NDArray[Any]) -> None:
        """That a library kept to the ball.

        Raises:
            ValueError: It did not.
        """
        delta = (z - self.start()).reshape(len(z), -1)
        size = np.abs(delta).max(1) if self.norm == np.inf else np.linalg.norm(delta, axis=1)
        if size.max() > 1.01:
            raise ValueError(f"a perturbation of {size.max():.3f} radii")


def _ends(x: Any) -> Any:
    """Two signals below and above all that a sensor delivers."""
    return tf.stack([tf.fill(x.shape[1:], -1e9), tf.fill(x.shape[1:], 1e9)])
