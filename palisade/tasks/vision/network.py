"""Small convolutional networks for a camera, sized for a microcontroller.

References:
    Banbury et al., MLPerf Tiny Benchmark, arXiv:2106.07597 (``resnet8``: three stacks of one
    residual block, 16, 32 and 64 filters on pictures of 32 pixels);
    He et al., Deep Residual Learning for Image Recognition, arXiv:1512.03385.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from palisade import stage
from palisade.backend import keras

BATCH_NORM_MOMENTUM = 0.9  # 0.99 lags behind on runs of a few thousand steps


class Params(stage.Params):
    """Topology and widths."""

    topology: Literal["plain", "resnet8"] = Field(description="resnet8 has residual blocks")
    channels: list[int] = Field(min_length=1, max_length=6, description="filters of each stage")
    dropout: float = Field(ge=0, lt=1, description="share dropped before the last layer")


def build(shape: tuple[int, ...], classes: int, params: Params) -> Any:
    """A Keras model from features ``[n, *shape]`` to ``(logits [n, classes], embedding)``.

    ``plain`` has two convolutions a stage, the first of stride 2. The embedding is the global
    average before the last layer, as wide as the last stage.
    """
    inputs = keras.Input(shape)
    x = {"plain": _plain, "resnet8": _residual}[params.topology](inputs, params.channels)
    embedding = keras.layers.GlobalAveragePooling2D(name="embedding")(x)
    x = keras.layers.Dropout(params.dropout, name="dropout")(embedding)
    return keras.Model(inputs, [keras.layers.Dense(classes, name="logits")(x), embedding])


def _plain(x: Any, channels: list[int]) -> Any:
    for number, filters in enumerate(channels):
        x = _rectified(_convolution(x, filters, f"down{number}", strides=2), f"down{number}")
        x = _rectified(_convolution(x, filters, f"same{number}"), f"same{number}")
    return x


def _residual(x: Any, channels: list[int]) -> Any:
    x = _rectified(_convolution(x, channels[0], "stem"), "stem")
    for number, filters in enumerate(channels):
        x = _block(x, filters, f"stack{number}", strides=1 if number == 0 else 2)
    return x


def _block(x: Any, filters: int, name: str, strides: int) -> Any:
    """Two convolutions and a way around them, which is a 1x1 convolution where shapes change."""
    inner = _rectified(_convolution(x, filters, f"{name}_first", strides), f"{name}_first")
    inner = _convolution(inner, filters, f"{name}_second")
    if strides > 1:
        x = keras.layers.Conv2D(filters, 1, strides=strides, padding="same", name=f"{name}_around")(
            x
        )
    return _rectified(keras.layers.Add(name=f"{name}_sum")([x, inner]), name)


def _convolution(x: Any, filters: int, name: str, strides: int = 1) -> Any:
    x = keras.layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False, name=name)(
        x
    )
    return keras.layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM, name=f"{name}_norm")(x)


def _rectified(x: Any, name: str) -> Any:
    return keras.layers.ReLU(name=f"{name}_relu")(x)
