"""Quantisation-aware training's model, and its conversion to a full int8 artefact.

References:
    Jacob et al., Quantization and Training of Neural Networks for Efficient
    Integer-Arithmetic-Only Inference, arXiv:1712.05877.
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from palisade.backend import keras, tf, tfmot
from palisade.files import replacing
from palisade.quiet import native_stderr

RANGE_EXAMPLES = 512  # training examples whose activations set the first ranges
LOGITS = "quant_logits"
HEADROOM = 1.25  # of training examples' logits: those of other examples go further
LOGIT_EXAMPLES = 2000
BATCH = 256
# Keras numbers the layers of a second model in one process.
_INPUT_MINIMUM, _INPUT_MAXIMUM = (
    re.compile(rf"quantize_layer(_\d+)?_{end}") for end in ("min", "max")
)
_MINIMUM, _MAXIMUM = ("output_min", "post_activation_min"), ("output_max", "post_activation_max")


def fake_quantised(model: Any) -> Any:
    """The float model with fake quantisation of weights (a channel) and activations (a tensor)."""
    return tfmot.quantization.keras.quantize_model(model)


def set_ranges(quantised: Any, model: Any, features: Any) -> None:
    """Start each activation's range at what the float model shows on ``features``.

    The library starts at [-6, 6] and follows with a decay of 0.999, so that on a short run
    most of a wrong start would remain.
    """
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    outputs = keras.Model(model.input, [layer.output for layer in layers])(features, training=False)
    seen = {layer.name: output for layer, output in zip(layers, outputs, strict=True)}
    for wrapper in quantised.layers:
        values = seen.get(wrapper.name.removeprefix("quant_"))
        for variable in wrapper.weights:
            name = variable.name.split("/")[-1].removesuffix(":0")
            if values is not None and name in _MINIMUM:
                variable.assign(tf.minimum(0.0, tf.reduce_min(values)))
            elif values is not None and name in _MAXIMUM:
                variable.assign(tf.reduce_max(values))
            elif _INPUT_MINIMUM.fullmatch(name):
                variable.assign(tf.reduce_min(features))
            elif _INPUT_MAXIMUM.fullmatch(name):
                variable.assign(tf.reduce_max(features))


def some(x: Any) -> Any:
    """A few thousand of many examples, evenly over all."""
    return x[:: max(1, len(x) // LOGIT_EXAMPLES)]


def unclip_logits(quantised: Any, features: Any) -> None:
    """Widen the logits' range to what ``features`` reach and a little more.

    Training leaves a moving average, beyond which sure examples are clipped: their logits have
    no gradient, which hides them from an attack, and a margin that says no more how sure.
    """
    (layer,) = (one for one in quantised.layers if one.name == LOGITS)
    low, high = (
        next(one for one in layer.weights if one.name.endswith(f"post_activation_{end}:0"))
        for end in ("min", "max")
    )
    while not _between(logits := _logits(quantised, features), float(low), float(high)):
        half = float(high - low) / 2
        low.assign(low - half)
        high.assign(high + half)
    low.assign(HEADROOM * min(0.0, logits.min()))
    high.assign(HEADROOM * max(0.0, logits.max()))


def _between(logits: Any, low: float, high: float) -> bool:
    """Whether none may be clipped.

    Fake quantisation moves a range by up to half a step, so as to have zero among its values.
    """
    step = (high - low) / 255
    return bool(logits.min() > low + step and logits.max() < high - step)


def _logits(quantised: Any, features: Any) -> Any:
    starts = range(0, len(features), BATCH)
    return np.concatenate(
        [quantised(features[at : at + BATCH], training=False)[0] for at in starts]
    )


def to_int8(quantised: Any) -> bytes:
    """A TensorFlow Lite model with int8 input and outputs, from a fake-quantised Keras model."""
    converter = tf.lite.TFLiteConverter.from_keras_model(quantised)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    with warnings.catch_warnings(), native_stderr():
        # It asks for a representative data set; the ranges are in the fake quantisation.
        warnings.filterwarnings("ignore", message="Statistics for quantized inputs")
        return bytes(converter.convert())


def prepared(model: Any, features: Any) -> Any:
    """A fake-quantised copy of a float model, its ranges set on ``features``."""
    quantised = fake_quantised(model)
    set_ranges(quantised, model, features)
    return quantised


def save_weights(model: Any, path: Path) -> None:
    """Write ``.weights.h5``, whole or not at all; the same weights give the same bytes."""
    with replacing(path) as draft:
        model.save_weights(draft)


def macs(model: Any) -> int:
    """Multiply-accumulate operations of one inference of a float Keras model."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, keras.layers.DepthwiseConv2D):
            total += int(np.prod(layer.output_shape[1:3]) * np.prod(layer.depthwise_kernel.shape))
        elif isinstance(layer, keras.layers.Conv2D):
            total += int(np.prod(layer.output_shape[1:3]) * np.prod(layer.kernel.shape))
        elif isinstance(layer, keras.layers.Dense):
            total += int(np.prod(layer.kernel.shape))
    return total
