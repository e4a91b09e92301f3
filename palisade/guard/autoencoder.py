"""A small int8 autoencoder: what it cannot reconstruct is unlike what it was trained on.

One hidden layer, rectified: d -> h -> d. The error is counted in steps of the embedding's own
int8 scale, so neither that scale nor the zero point enters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from palisade.guard.dense import WIDEST_HIDDEN, Dense, Floats, layer, run
from palisade.guard.table import Table


class Autoencoder(Table):
    """Embedding to hidden layer and back."""

    encoder: Dense
    decoder: Dense

    @model_validator(mode="after")
    def _returns(self) -> Autoencoder:
        forth, back = self.encoder, self.decoder
        if (back.inputs, back.outputs) != (forth.outputs, forth.inputs):
            raise ValueError("the decoder must lead back from where the encoder leads")
        if forth.outputs > WIDEST_HIDDEN:
            raise ValueError(f"the hidden layer must be at most {WIDEST_HIDDEN} wide")
        return self


@dataclass(frozen=True)
class Weights:
    """The network in floats, on embeddings in int8 steps less their zero point.

    Attributes:
        encoder, encoder_bias: ``[h, d]``, ``[h]``; the hidden layer is rectified.
        decoder, decoder_bias: ``[d, h]``, ``[d]``.
    """

    encoder: Floats
    encoder_bias: Floats
    decoder: Floats
    decoder_bias: Floats

    def hidden(self, x: Floats) -> Floats:
        """``[n, h]`` of embeddings ``[n, d]``."""
        return np.asarray(np.maximum(x @ self.encoder.T + self.encoder_bias, 0))

    def __call__(self, x: Floats) -> Floats:
        """Reconstructions ``[n, d]`` of embeddings ``[n, d]``."""
        return np.asarray(self.hidden(x) @ self.decoder.T + self.decoder_bias)


def quantise(weights: Weights, embeddings: NDArray[np.int8], zero_point: int) -> Autoencoder:
    """Integer tables.

    Args:
        weights: in floats.
        embeddings: ``[n, d]`` typical ones, which set the hidden layer's scale.
        zero_point: the embedding's.
    """
    hidden = weights.hidden(embeddings.astype(np.float64) - zero_point)
    hidden_scale = max(float(hidden.max()), 1.0) / 255  # in int8 steps of the embedding
    return Autoencoder(
        encoder=layer(weights.encoder, weights.encoder_bias, (1.0, zero_point), hidden_scale, -128),
        decoder=layer(
            weights.decoder, weights.decoder_bias, (hidden_scale, -128), 1.0, zero_point, False
        ),
    )


def reconstruct(autoencoder: Autoencoder, embeddings: NDArray[np.int8]) -> NDArray[np.int8]:
    """Embeddings ``[n, d]`` as the autoencoder gives them back."""
    return run(autoencoder.decoder, run(autoencoder.encoder, embeddings))


def score(autoencoder: Autoencoder, embeddings: NDArray[np.int8]) -> NDArray[np.int32]:
    """``[n]`` sums of squared errors in squared int8 steps, of embeddings ``[n, d]``."""
    error = embeddings.astype(np.int32) - reconstruct(autoencoder, embeddings)
    return np.asarray((error**2).sum(axis=1), np.int32)
