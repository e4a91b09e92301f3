"""The camera's networks fit a microcontroller, and come whole through quantisation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from palisade import quantise
from palisade.backend import set_seed, tf
from palisade.int8 import Artefact, arena_bytes
from palisade.tasks.vision.network import Params, build

FORMS: dict[str, tuple[tuple[int, int, int], int, dict[str, Any]]] = {
    "door": ((64, 64, 1), 2, {"topology": "plain", "channels": [16, 32, 64]}),
    "mlperf": ((32, 32, 3), 10, {"topology": "resnet8", "channels": [16, 32, 64]}),
}


@pytest.mark.parametrize("name", FORMS)
def test_the_int8_network_is_small_and_agrees_with_its_fake_quantised_twin(name: str) -> None:
    shape, classes, params = FORMS[name]
    set_seed(1, name)
    model = build(shape, classes, Params.model_validate({**params, "dropout": 0.0}))
    x = np.random.default_rng(2).integers(0, 256, (24, *shape)).astype(np.float32) / 255 - 128 / 255
    quantised = quantise.prepared(model, tf.constant(x))
    content = quantise.to_int8(quantised)
    assert len(content) <= 100_000
    assert arena_bytes(content) <= 64 * 1024
    artefact = Artefact(content)
    outputs = artefact.tflm(artefact.quantise(x))
    assert outputs.embedding.shape == (24, params["channels"][-1])
    scale = artefact.scales()["outputs"]["logits"]
    logits = (outputs.logits - float(scale["zero_point"])) * scale["scale"]
    expected = np.asarray(quantised(x, training=False)[0])
    assert np.abs(logits - expected).max() <= 6 * scale["scale"]
