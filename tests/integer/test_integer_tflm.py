"""Exact integers say what TFLM says, in every byte, on the networks of every task."""

from __future__ import annotations

from typing import Any

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from palisade import int8, quantise
from palisade.backend import keras, set_seed, tf
from palisade.errors import PalisadeError
from palisade.int8 import Artefact, Outputs
from palisade.integer import reading
from palisade.integer.fixed_point import Rescale, UnsupportedError, multiplier
from palisade.tasks.motion import network as motion
from palisade.tasks.vision import network as vision
from palisade.tasks.voice import network as voice

COUNT = 1002
DENSE_CLASSES = 40
PLAIN = {"topology": "plain", "channels": [8], "dropout": 0.0}
RESIDUAL = {"topology": "resnet8", "channels": [8, 12], "dropout": 0.0}
NARROW = {"narrow_channels": 8, "wide_channels": 12, "dropout": 0.0}
# Sums of its second convolution go beyond what float32 holds.
WIDE = {"channels": [40, 8], "kernel_frames": 15, "dropout": 0.0}
CASES: dict[str, tuple[Any, tuple[int, int, int], dict[str, Any]]] = {
    "plain": (vision, (17, 16, 1), PLAIN),
    "resnet8": (vision, (12, 11, 3), RESIDUAL),
    "voice": (voice, (24, 10, 1), NARROW),
    "motion": (motion, (50, 1, 4), {"channels": [8, 12], "kernel_frames": 9, "dropout": 0.0}),
    "wide": (motion, (50, 1, 4), WIDE),
}


def int8_of(model: Any, shape: tuple[int, ...], *, full: bool = False) -> bytes:
    """A model whose ranges are those of its weights and of random inputs.

    Args:
        model: with random weights.
        shape: of an input.
        full: whether all kernels are at their largest, so that sums are.
    """
    rng = np.random.default_rng(3)
    for weight in model.weights:
        if full and "kernel" in weight.name:
            weight.assign(tf.where(weight < 0, -0.5, 0.5))
        elif len(weight.shape) == 1 and "variance" not in weight.name:
            weight.assign(weight + rng.normal(0, 0.3, weight.shape).astype(np.float32))
    features = tf.constant(rng.normal(0.2, 1, (64, *shape)), tf.float32)
    quantised = quantise.prepared(model, features)
    quantised(features, training=True)  # which takes the ranges of the weights
    return quantise.to_int8(quantised)


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[str, Artefact]:
    """One a network."""
    network, shape, params = CASES[request.param]
    keras.backend.clear_session()
    set_seed(1, request.param)
    model = network.build(shape, 5, network.Params.model_validate(params))
    content = int8_of(model, shape, full=request.param == "wide")
    return request.param, Artefact(content, request.param)


@pytest.fixture(scope="module")
def artefact(case: tuple[str, Artefact]) -> Artefact:
    return case[1]


def inputs_for(artefact: Artefact, count: int = COUNT) -> NDArray[np.int8]:
    """Both extremes, noise over all values, noise at different levels, and only extremes."""
    rng = np.random.default_rng(5)
    drawn = rng.integers(-128, 128, (count, *artefact.shape))
    level = rng.integers(-128, 128, (count, 1, 1, 1))
    drawn[1::3] = np.clip(drawn[1::3] // 8 + level[1::3], -128, 127)
    drawn[2::3] = np.where(drawn[2::3] < level[2::3], -128, 127)
    drawn[0], drawn[1] = -128, 127
    return drawn.astype(np.int8)


def test_every_byte_is_tflms(artefact: Artefact) -> None:
    inputs = inputs_for(artefact)
    exact, tflm = artefact.exact(inputs), artefact.tflm(inputs)
    assert exact is not None
    np.testing.assert_array_equal(exact.logits, tflm.logits)
    np.testing.assert_array_equal(exact.embedding, tflm.embedding)
    assert len(np.unique(tflm.embedding)) > 50 and len(np.unique(tflm.logits)) > 50


def test_sums_that_float32_does_not_hold_are_float64(case: tuple[str, Artefact]) -> None:
    name, artefact = case
    operators = [step.operator for step in reading.read(artefact.content).steps]
    products = [getattr(one, "product", one) for one in operators]
    kinds = {one.weights.dtype for one in products if hasattr(one, "weights")}
    assert kinds == {np.dtype(np.float32)} | ({np.dtype(np.float64)} if name == "wide" else set())


def test_the_factor_of_a_dense_layer_is_tflms_to_its_last_bit() -> None:
    """Where factors of single and of double precision give different integers, it is TFLM's."""
    scales = np.float32([0.0217, 3.3e-8, 0.091])  # of input, weights and output
    into, weights, out = map(float, scales)
    single = float(scales[0] * scales[1]) / out
    sums = telling(single, into * weights / out, DENSE_CLASSES)
    artefact = Artefact(dense_of_sums(sums, scales), "dense.tflite")
    inputs = inputs_for(artefact, 3)
    exact, tflm = artefact.exact(inputs), artefact.tflm(inputs)
    assert exact is not None
    np.testing.assert_array_equal(exact.logits, tflm.logits)
    assert not np.any(Rescale.by([multiplier(single)])(sums.copy()) == tflm.logits[0])


def telling(one: float, other: float, count: int) -> NDArray[np.int64]:
    """``[count]`` sums that two factors bring to different int8, near halves where all change."""
    halves = np.arange(-120, 120) + 0.5
    sums = np.concatenate(
        [np.arange(-40, 41) + round(half / factor) for half in halves for factor in (one, other)]
    )
    found = [Rescale.by([multiplier(factor)])(sums.copy()) for factor in (one, other)]
    told = np.unique(sums[found[0] != found[1]])
    return told[np.linspace(0, len(told) - 1, count).astype(int)]


def dense_of_sums(sums: NDArray[np.int64], scales: NDArray[np.float32]) -> bytes:
    """A model whose logits are its biases at these scales: its weights are 0."""
    keras.backend.clear_session()
    inputs = keras.Input((4, 4, 2))
    embedding = keras.layers.GlobalAveragePooling2D(name="embedding")(inputs)
    logits = keras.layers.Dense(len(sums), name="logits")(embedding)
    content = int8_of(keras.Model(inputs, [logits, embedding]), (4, 4, 2))
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))
    graph = model.subgraphs[0]
    dense = next(one for one in graph.operators if len(one.inputs) == 3)
    places = (*dense.inputs[:2], dense.outputs[0], dense.inputs[2])
    for place, scale in zip(places, (*scales, scales[0] * scales[1]), strict=True):
        graph.tensors[place].quantization.scale = np.float32([scale])
    graph.tensors[places[2]].quantization.zeroPoint = np.int64([0])
    written = {places[1]: np.zeros((len(sums), 2), np.int8), places[3]: sums.astype(np.int32)}
    for place, values in written.items():
        data = np.frombuffer(values.tobytes(), np.uint8)
        model.buffers[graph.tensors[place].buffer].data = data
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


@pytest.mark.parametrize("case", ["motion"], indirect=True)
def test_a_verdict_is_checked_on_tflm_from_first_to_last_input(
    artefact: Artefact, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = inputs_for(artefact, 500)
    expected = artefact.tflm(inputs)
    assert artefact.verdict(inputs).equal(expected).all()
    few = artefact.verdict(inputs[:3])
    np.testing.assert_array_equal(few.logits, expected.logits[:3])
    for place in (0, 499):
        logits = expected.logits.copy()
        logits[place, 2] ^= 1
        wrong = Outputs(logits, expected.embedding)
        with monkeypatch.context() as patch:
            patch.setattr(artefact, "exact", lambda inputs, wrong=wrong: wrong)
            with pytest.raises(PalisadeError, match=f"{artefact.name} says something else on TFLM"):
                artefact.verdict(inputs)
            patch.setenv(int8.VERDICTS, "tflm")
            assert artefact.verdict(inputs).equal(expected).all()
            assert artefact.agreement(wrong, expected) == 499 / 500


@pytest.mark.parametrize("case", ["motion"], indirect=True)
def test_an_embedding_that_differs_is_told(artefact: Artefact) -> None:
    expected = artefact.tflm(inputs_for(artefact, 4))
    wrong = Outputs(expected.logits, expected.embedding ^ np.int8(1))
    with pytest.raises(PalisadeError, match="in exact integers"):
        artefact.agreement(wrong, expected)


def test_a_model_with_another_operator_runs_on_tflm(capsys: pytest.CaptureFixture[str]) -> None:
    keras.backend.clear_session()
    inputs = keras.Input((8, 8, 2))
    x = keras.layers.MaxPooling2D(name="pool")(inputs)
    embedding = keras.layers.GlobalAveragePooling2D(name="embedding")(x)
    model = keras.Model(inputs, [keras.layers.Dense(3, name="logits")(embedding), embedding])
    artefact = Artefact(int8_of(model, (8, 8, 2)), "pooled.tflite")
    drawn = inputs_for(artefact, 40)
    assert artefact.exact(drawn) is None
    assert artefact.verdict(drawn).equal(artefact.tflm(drawn)).all()
    said = [line for line in capsys.readouterr().err.splitlines() if "pooled.tflite" in line]
    assert len(said) == 1 and "MAX_POOL_2D" in said[0]
    with pytest.raises(UnsupportedError, match="MAX_POOL_2D"):
        reading.read(artefact.content)


def test_a_way_to_take_verdicts_that_there_is_not_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(int8.VERDICTS, "litert")
    with pytest.raises(PalisadeError, match="PALISADE_VERDICTS is 'litert'"):
        int8.tflm_alone()
