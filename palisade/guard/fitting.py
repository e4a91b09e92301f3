"""The autoencoder in closed form: the principal components of clean embeddings.

They are the optimum of a linear autoencoder. The hidden layer is rectified, so each component is
shifted above zero as far as clean embeddings reach; an embedding beyond that, on the lower side by
the rectifier and on the upper by the hidden layer's int8 range, is not reconstructed.

References:
    Baldi and Hornik, Neural Networks and Principal Component Analysis, Neural Networks 2, 1989.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from palisade.guard.autoencoder import Weights
from palisade.guard.dense import Floats

HEADROOM = 3.0  # standard deviations of a component that stay above the rectifier's corner


def fit(embeddings: NDArray[np.int8], zero_point: int, *, hidden: int) -> Weights:
    """An autoencoder with little error on these embeddings.

    Args:
        embeddings: ``[n, d]`` of clean examples, n at least 2.
        zero_point: the embedding's.
        hidden: width of the hidden layer, at most d.
    """
    x = embeddings.astype(np.float64) - zero_point
    mean = x.mean(axis=0)
    spread, axes = np.linalg.eigh((x - mean).T @ (x - mean) / (len(x) - 1))
    encoder = _signed(axes[:, ::-1][:, :hidden].T)
    shift = HEADROOM * np.sqrt(np.maximum(spread[::-1][:hidden], 0))
    return Weights(encoder, shift - encoder @ mean, encoder.T.copy(), mean - encoder.T @ shift)


def _signed(axes: Floats) -> Floats:
    """An axis has no sign of its own: its largest entry is to be positive."""
    largest = np.argmax(np.abs(axes), axis=1)[:, np.newaxis]
    return np.asarray(axes * np.sign(np.take_along_axis(axes, largest, axis=1)))
