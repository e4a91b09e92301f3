"""A depthwise-separable CNN for keyword spotting, small enough for a microcontroller.

References:
    Zhang et al., Hello Edge: Keyword Spotting on Microcontrollers, arXiv:1711.07128 (DS-CNN).
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from palisade import stage
from palisade.backend import keras

BATCH_NORM_MOMENTUM = 0.9  # 0.99 lags behind on runs of a few thousand steps


class Params(stage.Params):
    """Width and depth."""

    channels: int = Field(ge=8, le=256, description="filters of each convolution")
    blocks: int = Field(ge=1, le=8, description="depthwise-separable blocks")
    dropout: float = Field(ge=0, lt=1, description="share dropped before the last layer")


def build(shape: tuple[int, ...], classes: int, params: Params) -> Any:
    """A Keras model from features ``[n, *shape]`` to ``(logits [n, classes], embedding)``.

    The embedding ``[n, channels]`` is what the global average leaves before the last layer.
    """
    inputs = keras.Input(shape)
    x = keras.layers.Conv2D(
        params.channels, (10, 4), strides=2, padding="same", use_bias=False, name="stem"
    )(inputs)
    x = _normalised(x, "stem")
    for block in range(1, params.blocks + 1):
        x = keras.layers.DepthwiseConv2D(
            3, padding="same", use_bias=False, name=f"depthwise_{block}"
        )(x)
        x = _normalised(x, f"depthwise_{block}")
        x = keras.layers.Conv2D(params.channels, 1, use_bias=False, name=f"pointwise_{block}")(x)
        x = _normalised(x, f"pointwise_{block}")
    embedding = keras.layers.GlobalAveragePooling2D(name="embedding")(x)
    x = keras.layers.Dropout(params.dropout, name="dropout")(embedding)
    logits = keras.layers.Dense(classes, name="logits")(x)
    return keras.Model(inputs, [logits, embedding])


def _normalised(x: Any, name: str) -> Any:
    x = keras.layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM, name=f"{name}_norm")(x)
    return keras.layers.ReLU(name=f"{name}_relu")(x)
