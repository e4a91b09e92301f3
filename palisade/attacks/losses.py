"""What an attack climbs: one value an example, larger where the network is nearer to an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from palisade.backend import tf

Loss = Callable[[Any, Any], Any]
LEAST_SPREAD = 1e-6  # of logits, where a loss is divided by it
DLR_CLASSES, TARGETED_CLASSES = 3, 4  # that a loss needs


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


def dlr(logits: Any, y: Any) -> Any:
    """``[n]`` the margin over the lead of the first logit over the third: of no scale.

    Of two classes, the margin: a step follows the steepest direction, whatever the loss's scale.

    References:
        Croce and Hein, arXiv:2003.01690, equation 6 (difference of logits ratio).
    """
    if logits.shape[1] < DLR_CLASSES:
        return margin(logits, y)
    ordered = tf.math.top_k(logits, DLR_CLASSES).values
    return margin(logits, y) / tf.maximum(ordered[:, 0] - ordered[:, 2], LEAST_SPREAD)


def dlr_targeted(logits: Any, y: Any, goal: Any) -> Any:
    """``[n]`` how far the goal's logit is ahead of the true one's, in units of the logits' spread.

    Args:
        logits: ``[n, classes]``, of at least four classes.
        y: ``[n]`` true labels.
        goal: ``[n]`` the labels aimed at.

    References:
        Croce and Hein, arXiv:2003.01690, equation 7.
    """
    ordered = tf.math.top_k(logits, TARGETED_CLASSES).values
    spread = ordered[:, 0] - (ordered[:, 2] + ordered[:, 3]) / 2.0
    lead = tf.gather(logits, goal, axis=1, batch_dims=1) - tf.gather(
        logits, y, axis=1, batch_dims=1
    )
    return lead / tf.maximum(spread, LEAST_SPREAD)
