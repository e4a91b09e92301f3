"""The artefact itself as a white box: its own integers forwards, straight through backwards.

Forwards a signal is rounded to what the sensor delivers and goes through the device's C code and
the int8 model; backwards the gradient is that of the fake-quantised model. An attack on it keeps
the point that is worst for the artefact, not for its twin.

Who runs the int8 model is up to the ``device`` that is handed in. The battery hands in
``queries.ask_briefly``: LiteRT is asked first, and its logits are taken where the two largest are
further apart than ``NEAR_STEPS``; elsewhere TFLM's arithmetic gives them. So far from a boundary
the logits that are climbed may be a step off what a microcontroller says. What an attack ends with
is judged on TFLM's arithmetic, as every attack's.

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
        device: raw samples to what the artefact says; as exact as this is, so is the path.
        threat: whose rounding of a signal it is.
        scale, zero_point: of the artefact's logits.
    """

    def said(x: NDArray[np.float32]) -> NDArray[np.float32]:
        outputs, _ = device(threat.realise(x))
        return np.asarray((outputs.logits.astype(np.float32) - zero_point) * np.float32(scale))

    def path(x: Any) -> Any:
        smooth = logits(x)
        own = tf.numpy_function(said, [x], tf.float32, stateful=False)
        return _straight_through(smooth, tf.ensure_shape(own, smooth.shape))

    return path


@tf.custom_gradient
def _straight_through(smooth: Any, own: Any) -> Any:
    return tf.identity(own), lambda upstream: (upstream, None)
