"""A small convolutional network for keyword spotting, sized for a microcontroller.

Plain convolutions rather than depthwise-separable ones: at as many operations as DS-CNN-S (2.7
million) they hold twice the weights, their gradients take little more than half the time, and
they stay within 60 kB.

References:
    Zhang et al., Hello Edge: Keyword Spotting on Microcontrollers, arXiv:1711.07128 (the sizes
    and operations of DS-CNN-S, and the 10 x 4 filters of the first layer).
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from palisade import stage
from palisade.backend import keras

BATCH_NORM_MOMENTUM = 0.9  # 0.99 lags behind on runs of a few thousand steps


class Params(stage.Params):
    """Widths of the two halves."""

    narrow_channels: int = Field(ge=4, le=256, description="filters before the second stride")
    wide_channels: int = Field(ge=4, le=256, description="filters after it; the embedding")
    dropout: float = Field(ge=0, lt=1, description="share dropped before the last layer")


def build(shape: tuple[int, ...], classes: int, params: Params) -> Any:
    """A Keras model from features ``[n, *shape]`` to ``(logits [n, classes], embedding)``.

    The embedding ``[n, wide_channels]`` is the global average before the last layer.
    """
    narrow, wide = params.narrow_channels, params.wide_channels
    inputs = keras.Input(shape)
    x = _convolution(inputs, narrow, (10, 4), "stem", strides=2)
    x = _convolution(x, narrow, 3, "narrow")
    x = _convolution(x, wide, 3, "down", strides=2)
    x = _convolution(x, wide, 3, "wide")
    embedding = keras.layers.GlobalAveragePooling2D(name="embedding")(x)
    x = keras.layers.Dropout(params.dropout, name="dropout")(embedding)
    return keras.Model(inputs, [keras.layers.Dense(classes, name="logits")(x), embedding])


def _convolution(x: Any, filters: int, kernel: Any, name: str, strides: int = 1) -> Any:
    x = keras.layers.Conv2D(
        filters, kernel, strides=strides, padding="same", use_bias=False, name=name
    )(x)
    x = keras.layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM, name=f"{name}_norm")(x)
    return keras.layers.ReLU(name=f"{name}_relu")(x)
