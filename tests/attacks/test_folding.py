"""A folded network answers as the one it was folded from, and has fewer layers to pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from palisade import tasks
from palisade.attacks.folding import folded
from palisade.backend import keras, set_seed, tf

NETWORKS: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
    "plain": ((32, 32, 1), {"topology": "plain", "channels": [4, 6], "dropout": 0.1}),
    "resnet8": ((32, 32, 3), {"topology": "resnet8", "channels": [4, 6, 8], "dropout": 0.0}),
}


def trained(model: Any) -> Any:
    """As after training: no statistic of a batch normalisation is at its start."""
    dice = np.random.default_rng(1)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            shape = layer.gamma.shape
            layer.set_weights(
                [
                    dice.uniform(0.5, 2, shape),
                    dice.normal(0, 1, shape),
                    dice.normal(0, 1, shape),
                    dice.uniform(0.2, 3, shape),
                ]
            )
    return model


def normalisations(model: Any) -> int:
    return sum(isinstance(one, keras.layers.BatchNormalization) for one in model.layers)


@tf.function
def outputs_and_gradient(model: Any, x: Any) -> list[Any]:
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        outputs = tf.nest.flatten(model(x, training=False))
        total = tf.add_n([tf.reduce_sum(one) for one in outputs])
    return [*outputs, tape.gradient(total, x)]


def same(model: Any, other: Any, shape: tuple[int, ...]) -> None:
    x = tf.constant(np.random.default_rng(2).normal(size=(5, *shape)), tf.float32)
    pairs = zip(outputs_and_gradient(model, x), outputs_and_gradient(other, x), strict=True)
    for mine, theirs in pairs:
        size = float(tf.reduce_max(tf.abs(mine)))
        assert np.asarray(theirs) == pytest.approx(np.asarray(mine), abs=1e-5 * size)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_tasks_network_loses_all_its_normalisations_and_nothing_else(name: str) -> None:
    shape, params = NETWORKS[name]
    set_seed(1, name)
    network = tasks.load("vision", "network")
    model = trained(network.build(shape, 3, network.Params.model_validate(params)))
    before = [one.copy() for one in model.get_weights()]
    other = folded(model)
    assert normalisations(model) > 0
    assert normalisations(other) == 0
    same(model, other, shape)
    assert all(map(np.array_equal, before, model.get_weights()))


def test_a_depthwise_convolution_with_a_bias_is_folded_channel_by_channel() -> None:
    set_seed(1, "depthwise")
    inputs = keras.Input((6, 6, 3))
    x = keras.layers.DepthwiseConv2D(3, depth_multiplier=2, bias_initializer="ones")(inputs)
    model = trained(keras.Model(inputs, keras.layers.BatchNormalization()(x)))
    assert normalisations(folded(model)) == 0
    same(model, folded(model), (6, 6, 3))


@pytest.mark.parametrize("between", ["nothing", "a rectifier", "a second reader"])
def test_a_normalisation_that_no_convolution_can_take_over_stays(between: str) -> None:
    set_seed(1, between)
    inputs = keras.Input((6, 6, 3))
    x = inputs if between == "nothing" else keras.layers.Conv2D(4, 3, padding="same")(inputs)
    x = keras.layers.ReLU()(x) if between == "a rectifier" else x
    normed = keras.layers.BatchNormalization()(x)
    output = normed + x if between == "a second reader" else normed
    model = trained(keras.Model(inputs, output))
    assert normalisations(folded(model)) == 1
    same(model, folded(model), (6, 6, 3))
