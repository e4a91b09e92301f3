"""A trained network without its batch normalisation: the same function, fewer passes over memory.

At inference a batch normalisation is an affine map of each channel, so the convolution before it
can take it over. Forwards and backwards that saves a pass over every activation, which is most of
what a small network's gradient costs beside its convolutions.

References:
    Jacob et al., arXiv:1712.05877, section 3.2 (batch normalisation folding).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from palisade.backend import keras

_CHANNELS_LAST = ("Conv2D", "DepthwiseConv2D")  # those of a kernel that folding knows


def folded(model: Any) -> Any:
    """A new Keras model that answers as ``model`` does at inference.

    A batch normalisation stays where what feeds it is no linear convolution, or feeds others too.

    Args:
        model: functional, float; it is not changed.
    """
    norms = {source.name: norm for norm in model.layers if (source := _source(norm)) is not None}
    replaced = {norm.name for norm in norms.values()}

    def clone(layer: Any) -> Any:
        config = layer.get_config()
        if layer.name in replaced:
            return keras.layers.Activation("linear", name=layer.name)
        return type(layer).from_config(
            config | {"use_bias": True} if layer.name in norms else config
        )

    new = keras.models.clone_model(model, clone_function=clone)
    for layer in model.layers:
        weights = layer.get_weights()
        if layer.name in norms:
            weights = _taken_over(layer, weights, norms[layer.name])
        if weights and layer.name not in replaced:
            new.get_layer(layer.name).set_weights(weights)
    return new


def _source(layer: Any) -> Any:
    """The convolution whose only work is to feed this batch normalisation; else None."""
    if type(layer).__name__ != "BatchNormalization":
        return None
    source = layer.input._keras_history.layer
    linear = getattr(source, "activation", None) is keras.activations.linear
    alone = len(source.outbound_nodes) == 1
    return source if type(source).__name__ in _CHANNELS_LAST and linear and alone else None


def _taken_over(layer: Any, weights: list[Any], norm: Any) -> list[Any]:
    gamma, beta, mean, variance = norm.get_weights()
    scale = gamma / np.sqrt(variance + norm.epsilon)
    kernel = weights[0]
    bias = weights[1] if layer.use_bias else np.zeros_like(mean)
    if type(layer).__name__ == "DepthwiseConv2D":  # [height, width, channels, multiplier]
        kernel = kernel * scale.reshape(kernel.shape[2:])
    else:
        kernel = kernel * scale
    return [kernel, beta + (bias - mean) * scale]
