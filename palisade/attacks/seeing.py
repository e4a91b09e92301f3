"""What an attack differentiates: a model's fake-quantised twin, and what its guard sees of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from palisade import quantise
from palisade.attacks.surrogates import Seen
from palisade.backend import tf
from palisade.edge import Edge
from palisade.stage import Stage
from palisade.whitebox import WhiteBox


def fake_quantised(this: Stage, box: WhiteBox, folder: str, classes: int) -> Any:
    """The Keras model of the weights after quantisation-aware training.

    Args:
        this: a stage that declares them.
        box: the task's white box.
        folder: of the model under ``models/<task>/``: empty, or ``baseline/``.
        classes: how many there are.
    """
    model = quantise.fake_quantised(box.network(classes))
    model.load_weights(this.dep(f"models/{{key}}/{folder}qat.weights.h5"))
    return model


def seen(box: WhiteBox, model: Any, device: Edge) -> Callable[[Any], Seen]:
    """The path from signal to what the guard sees, in int8 steps, through a Keras model."""
    scales = device.artefact.scales()
    units = [scales["outputs"]["logits"], scales["outputs"]["embedding"], scales["input"]]

    def path(x: Any) -> Seen:
        inputs = box.inputs(x)
        values = [*model(inputs, training=False), inputs]
        steps = [
            tf.cast(value, tf.float32) / unit["scale"] + unit["zero_point"]
            for value, unit in zip(values, units, strict=True)
        ]
        return Seen(*(tf.clip_by_value(one, -128.0, 127.0) for one in steps))

    return path
