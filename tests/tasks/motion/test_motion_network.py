"""The network of a trace is a few kilobytes, and comes whole through quantisation."""

from __future__ import annotations

import numpy as np
import pytest

from palisade import quantise
from palisade.backend import set_seed, tf
from palisade.int8 import Artefact, arena_bytes
from palisade.tasks.motion.network import Params, build


@pytest.mark.parametrize(
    ("shape", "channels"), [((50, 1, 4), [24, 32, 32]), ((18, 1, 1), [8, 12]), ((9, 1, 1), [8])]
)
def test_the_int8_network_is_small_and_agrees_with_its_fake_quantised_twin(
    shape: tuple[int, int, int], channels: list[int]
) -> None:
    set_seed(1, str(shape))
    model = build(shape, 6, Params(channels=channels, kernel_frames=9, dropout=0.0))
    x = np.random.default_rng(2).normal(0, 1, (24, *shape)).astype(np.float32)
    quantised = quantise.prepared(model, tf.constant(x))
    content = quantise.to_int8(quantised)
    assert len(content) <= 40_000
    assert arena_bytes(content) <= 16 * 1024
    artefact = Artefact(content)
    outputs = artefact.tflm(artefact.quantise(x))
    assert outputs.logits.shape == (24, 6)
    assert outputs.embedding.shape == (24, channels[-1])
    scale = artefact.scales()["outputs"]["logits"]
    logits = (outputs.logits - float(scale["zero_point"])) * scale["scale"]
    expected = np.asarray(quantised(x, training=False)[0])
    assert np.abs(logits - expected).max() <= 6 * scale["scale"]
