"""What an attack climbs: one value an example, larger where the network is nearer to an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from palisade.backend import tf

Loss = Callable[[Any, Any], Any]


def cross_entropy(logits: Any, y: Any) -> Any:
    """``[n]`` cross-entropy of logits ``[n, classes]`` with the true labels ``[n]``."""
    return tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits)


def margin(logits: Any, y: Any) -> Any:
    """``[n]`` best wrong logit minus the true one: positive where the network errs.

    References:
        Carlini and Wagner, arXiv:1608.04644, equation f6.
    """
    true = tf.one_hot(y, tf.shape(logits)[1], on_value=True, off_value=False)
    wrong = tf.reduce_max(tf.where(true, tf.float32.min, logits), axis=1)
    return wrong - tf.gather(logits, y, axis=1, batch_dims=1)
