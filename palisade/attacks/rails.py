"""A ball around a signal, less what the sensor cannot deliver.

An attack that steps beyond a sensor's rails gets no gradient from there, and spends budget on what
is cut off again: a saturated accelerometer, the white of a picture. Here it comes back to the rails
after each step, and at them its gradient is what it would be a little inside.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Any

from palisade.attacks.ascent import Threat
from palisade.attacks.ball import Ball
from palisade.backend import tf


def within(threat: Threat, x: Any) -> Threat:
    """A threat whose attacks on signals ``x [n, ...]`` keep to what the sensor can deliver.

    Clipping never lengthens a perturbation of a signal within range, in either norm: what comes
    back to the rails is still in the ball.

    References:
        Madry et al., arXiv:1706.06083 (projection after each step); Athalye et al.,
        arXiv:1802.00420 (a clip's gradient passed straight through).
    """
    other = copy(threat)
    other.ball = _Within(threat.ball, threat, x)
    other.clip = tf.grad_pass_through(threat.clip)  # type: ignore[method-assign]
    return other


@dataclass(frozen=True)
class _Within:
    ball: Ball
    threat: Threat
    x: Any

    def random(self, like: Any, radius: Any, seed: Any) -> Any:
        return self._inside(self.ball.random(like, radius, seed))

    def steepest(self, gradient: Any) -> Any:
        return self.ball.steepest(gradient)

    def project(self, delta: Any, radius: Any) -> Any:
        return self._inside(self.ball.project(delta, radius))

    def _inside(self, delta: Any) -> Any:
        return self.threat.clip(self.x + delta) - self.x
