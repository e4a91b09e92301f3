"""A network of a few kilobytes: convolutions over time, then the average over it.

As in Wang et al., Time Series Classification from Scratch with Deep Neural Networks,
arXiv:1611.06455 (FCN), at a fraction of its widths. One-dimensional convolutions are written as
two-dimensional ones of width 1, which is what quantisation-aware training takes.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from palisade import stage
from palisade.backend import keras

BATCH_NORM_MOMENTUM = 0.9  # 0.99 lags behind on runs of a few thousand steps


class Params(stage.Params):
    """Widths and reach."""

    channels: list[int] = Field(
        min_length=1, max_length=6, description="filters of each convolution; last: the embedding"
    )
    kernel_frames: int = Field(ge=1, le=15, description="frames that a filter sees")
    dropout: float = Field(ge=0, lt=1, description="share dropped before the last layer")


def build(shape: tuple[int, ...], classes: int, params: Params) -> Any:
    """A Keras model from features ``[n, *shape]`` to ``(logits [n, classes], embedding)``.

    The second convolution, if there is one, halves the time axis. The embedding is the global
    average before the last layer.
    """
    inputs = x = keras.Input(shape)
    for place, filters in enumerate(params.channels):
        strides = (2, 1) if place == 1 else (1, 1)
        x = _convolution(x, filters, params.kernel_frames, f"conv{place}", strides)
    embedding = keras.layers.GlobalAveragePooling2D(name="embedding")(x)
    x = keras.layers.Dropout(params.dropout, name="dropout")(embedding)
    return keras.Model(inputs, [keras.layers.Dense(classes, name="logits")(x), embedding])


def _convolution(x: Any, filters: int, frames: int, name: str, strides: tuple[int, int]) -> Any:
    x = keras.layers.Conv2D(
        filters, (frames, 1), strides=strides, padding="same", use_bias=False, name=name
    )(x)
    x = keras.layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM, name=f"{name}_norm")(x)
    return keras.layers.ReLU(name=f"{name}_relu")(x)
