"""The artefact itself as a white box: its exact integers forwards, straight through backwards.

Forwards a signal is rounded to what the sensor delivers and goes through the device's C code and
the int8 model as TFLM runs it; backwards the gradient is that of the fake-quantised model. An
attack on it keeps the point that is worst for the artefact, not for its twin.

References:
    Bengio et al., Estimating or Propagating Gradients Through Stochastic Neurons,
    arXiv:1308.3432 (straight-through); Athalye et al., arXiv:1802.00420 (as an attack).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.ascent import Threat
from palisade.attacks.queries import Ask
from palisade.backend import tf


def twin(
    logits: Callable[[Any], Any], device: Ask, threat: Threat, *, scale: float, zero_point: int
) -> Callable[[Any], Any]:
    """The path from signal to the artefact's own logits, with the gradient of ``logits``.

    Args:
        logits: the fake-quantised white box.
        device: the path of the device.
        threat: whose rounding of a signal it is.
        scale, zero_point: of the artefact's logits.
    """

    def said(x: NDArray[np.float32]) -> NDArray[np.float32]:
        outputs, _ = device(threat.realise(x))
        return np.asarray((outputs.logits.astype(np.float32) - zero_point) * np.float32(scale))

    def path(x: Any) -> Any:
        smooth = logits(x)
        exact = tf.numpy_function(said, [x], tf.float32, stateful=False)
        return _straight_through(smooth, tf.ensure_shape(exact, smooth.shape))

    return path


@tf.custom_gradient
def _straight_through(smooth: Any, exact: Any) -> Any:
    return tf.identity(exact), lambda upstream: (upstream, None)
