"""The training loop: it learns, repeats itself to the byte, and notices a collapse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.workspace import ROOT
from palisade import quantise
from palisade.backend import set_seed, tf
from palisade.errors import PalisadeError
from palisade.int8 import Artefact, arena_bytes
from palisade.splits import Split
from palisade.stage import read_yaml
from palisade.tasks.voice import features, network, threat
from palisade.training import loop
from palisade.training.outcome import Epoch, Outcome, best_of
from palisade.training.probe import Probe, accuracy
from palisade.training.recipe import QuantizationRecipe, Recipe, class_weights
from palisade.training.setting import Setting
from palisade.whitebox import WhiteBox

SMOKE = ROOT / "tests/smoke/params.yaml"
CLASSES = 3
RECIPE = Recipe(
    epochs=3,
    batch=16,
    optimizer="adamw",
    precision="float32",
    peak_rate=0.01,
    warmup_share=0.1,
    weight_decay=0.01,
    averaging=0.5,
    balance=0.0,
    probe_examples=16,
)


@pytest.fixture(scope="module")
def box() -> WhiteBox:
    params = read_yaml(SMOKE)
    front_end = features.FrontEnd(features.Params.model_validate(params["features"]["voice"]))
    shape = network.Params.model_validate(params["network"]["voice"])
    return WhiteBox(
        front_end=front_end,
        threat=threat.Threat(threat.Params.model_validate(params["threat"]["voice"])),
        build=lambda classes: network.build(front_end.shape, classes, shape),
    )


@pytest.fixture(scope="module")
def tones() -> Split:
    """Three pitches in noise: easy to tell apart."""
    random = np.random.default_rng(1)
    y = np.arange(96) % CLASSES
    time_s = np.arange(16000) / 16000
    pitch = 300.0 * 2.0 ** y[:, None] * random.uniform(0.95, 1.05, (96, 1))
    sound = 0.05 * np.sin(2 * np.pi * pitch * time_s) + random.normal(0, 0.005, (96, 16000))
    names = np.array([str(i) for i in range(96)])
    labels = ("low", "middle", "high")
    return Split((sound * 32768).astype(np.int16), y.astype(np.int64), names, names, labels)


def setting(box: WhiteBox, attack: Any = "n_fgsm") -> Setting:
    adversary = threat.InTraining(
        attack=attack,
        fraction=0.5,
        steps=2,
        noise=2.0,
        ramp_epochs=1.0,
        placements=1,
        epsilon_snr_db=30.0,
    )
    return Setting(box=box, adversary=adversary, recipe=RECIPE, seed=7, name="trial")


def train(box: WhiteBox, tones: Split, chosen: Setting) -> tuple[Outcome, Any]:
    set_seed(7, "weights")
    model, twin = box.network(CLASSES), box.network(CLASSES)
    return loop.fit(model, twin, tones, tones, chosen), twin


@pytest.mark.parametrize("attack", ["fgsm", "n_fgsm", "pgd"])
def test_each_inner_attack_trains_a_network_that_resists(
    attack: str, box: WhiteBox, tones: Split
) -> None:
    outcome, twin = train(box, tones, setting(box, attack))
    assert outcome.best.clean_accuracy > 0.9
    assert outcome.best.robust_accuracy > 0.8
    assert accuracy(twin, box, tones) == outcome.best.clean_accuracy
    assert [epoch.epoch for epoch in outcome.epochs] == [1, 2, 3]


def test_sgd_trains_a_network_that_resists(box: WhiteBox, tones: Split) -> None:
    recipe = RECIPE.model_copy(update={"optimizer": "sgd", "peak_rate": 0.1, "epochs": 6})
    outcome, _ = train(box, tones, replace(setting(box), recipe=recipe))
    assert outcome.best.robust_accuracy > 0.8


def test_a_network_that_learns_in_bfloat16_is_kept_in_float32(box: WhiteBox, tones: Split) -> None:
    set_seed(7, "weights")
    model, twin = box.network(CLASSES, "bfloat16"), box.network(CLASSES)
    assert (model.outputs[0].dtype, twin.outputs[0].dtype) == (tf.bfloat16, tf.float32)
    outcome = loop.fit(model, twin, tones, tones, setting(box))
    assert outcome.best.robust_accuracy > 0.8
    assert accuracy(twin, box, tones) == outcome.best.clean_accuracy
    assert all(weight.dtype == np.float32 for weight in twin.get_weights())


def test_quantisation_aware_training_refuses_bfloat16() -> None:
    values = RECIPE.model_dump() | {"precision": "bfloat16"}
    with pytest.raises(ValueError, match="use float32"):
        QuantizationRecipe.model_validate(values)


def test_two_runs_give_the_same_weights(box: WhiteBox, tones: Split) -> None:
    runs = [train(box, tones, setting(box))[1].get_weights() for _ in range(2)]
    assert all(np.array_equal(a, b) for a, b in zip(*runs, strict=True))


def test_the_seed_changes_the_weights(box: WhiteBox, tones: Split) -> None:
    first = train(box, tones, setting(box))[1].get_weights()
    other = train(box, tones, replace(setting(box), seed=8))[1].get_weights()
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_a_collapse_stops_training_and_keeps_the_epoch_before(
    box: WhiteBox, tones: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Epoch 2 looks better than ever, but single-step attacks have stopped to work on it."""
    kept: list[list[np.ndarray]] = []

    def measure(self: Any, model: Any, twin: Any, epoch: int, loss: float) -> Epoch:
        kept.append(twin.get_weights())
        gap = 0.5 if epoch == 2 else 0.0
        return Epoch(epoch, loss, 0.9, 0.5 + epoch / 10, gap)

    monkeypatch.setattr(Probe, "measure", measure)
    outcome, twin = train(box, tones, setting(box))
    assert outcome.collapsed
    assert outcome.metrics()["overfitting_collapsed"] is True
    assert (len(outcome.epochs), outcome.best.epoch) == (2, 1)
    assert all(np.array_equal(a, b) for a, b in zip(twin.get_weights(), kept[0], strict=True))


def test_a_gap_while_the_perturbation_still_grows_is_no_collapse(
    box: WhiteBox, tones: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measure(self: Any, model: Any, twin: Any, epoch: int, loss: float) -> Epoch:
        return Epoch(epoch, loss, 0.9, 0.5 + epoch / 10, 0.5 if epoch <= 2 else 0.0)

    monkeypatch.setattr(Probe, "measure", measure)
    chosen = setting(box)
    assert chosen.adversary is not None
    slow = chosen.adversary.model_copy(update={"ramp_epochs": 2.0})
    outcome, _ = train(box, tones, replace(chosen, adversary=slow))
    assert (outcome.collapsed, len(outcome.epochs)) == (False, 3)


def test_of_epochs_that_an_attack_cannot_tell_apart_the_clean_accuracy_decides() -> None:
    """Of 100 attacked examples, accuracies near 0.7 are known to 0.046."""
    pairs = [(0.90, 0.70), (0.94, 0.66), (0.93, 0.68), (0.94, 0.67), (0.99, 0.60)]
    epochs = [Epoch(n, 1.0, clean, robust, 0.0) for n, (clean, robust) in enumerate(pairs, 1)]
    assert best_of(epochs, attacked=100).epoch == 4
    assert best_of(epochs, attacked=10**6).epoch == 1
    assert best_of(epochs[:2], attacked=100).epoch == 2


def test_without_an_attacker_the_best_clean_epoch_is_kept_the_later_of_equals() -> None:
    epochs = [Epoch(n, 1.0, clean, 0.0, 0.0) for n, clean in enumerate((0.9, 0.95, 0.95, 0.8), 1)]
    assert best_of(epochs, attacked=0).epoch == 3


def test_a_second_model_in_one_process_has_the_range_of_its_inputs(
    box: WhiteBox, tones: Split
) -> None:
    model, inputs = box.network(CLASSES), box.features(tones.x)
    expected = [float(tf.reduce_min(inputs)), float(tf.reduce_max(inputs))]
    for _ in range(2):
        quantised = quantise.prepared(model, inputs)
        (layer,) = (one for one in quantised.layers if one.name.startswith("quantize_layer"))
        ends = {one.name.rsplit("_", 1)[-1].removesuffix(":0"): float(one) for one in layer.weights}
        assert [ends["min"], ends["max"]] == pytest.approx(expected)


def test_sure_logits_are_not_clipped_and_keep_their_gradient(box: WhiteBox, tones: Split) -> None:
    """As they would be by ranges that are a moving average over training."""
    _, twin = train(box, tones, setting(box))
    inputs = box.features(tones.x)
    quantised = quantise.prepared(twin, inputs)
    exact = quantised(inputs, training=False)[0].numpy()
    (layer,) = (one for one in quantised.layers if one.name == "quant_logits")
    for weight in layer.weights:
        if "post_activation" in weight.name:
            weight.assign(weight / 8)
    clipped = quantised(inputs, training=False)[0].numpy()
    quantise.unclip_logits(quantised, inputs)
    widened = quantised(inputs, training=False)[0].numpy()
    assert np.abs(clipped - exact).max() > 0.5 * np.abs(exact).max()
    assert np.abs(widened - exact).max() < 0.05 * np.abs(exact).max()
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        value = tf.reduce_sum(quantised(inputs, training=False)[0][:, 0])
    gradient = tape.gradient(value, inputs).numpy().reshape(len(inputs), -1)
    assert np.all(np.any(gradient != 0, axis=1))


def test_a_set_smaller_than_a_batch_is_refused(box: WhiteBox, tones: Split) -> None:
    with pytest.raises(PalisadeError, match="15 training examples"):
        train(box, tones.take(slice(0, 15)), setting(box))


def test_the_int8_artefact_agrees_with_the_network_it_came_from(
    box: WhiteBox, tones: Split
) -> None:
    _, twin = train(box, tones, setting(box))
    inputs = box.features(tones.x)
    quantised = quantise.prepared(twin, inputs)
    set_seed(7, "tune")
    tuning = replace(setting(box), adversary=None, recipe=RECIPE.model_copy(update={"epochs": 1}))
    loop.fit(quantised, quantise.prepared(twin, inputs), tones, tones, tuning)
    content = quantise.to_int8(quantised)
    artefact = Artefact(content)
    on_micro = artefact.tflm(artefact.quantise(inputs))
    on_phone = artefact.litert(artefact.quantise(inputs))
    expected = np.argmax(quantised(inputs, training=False)[0], axis=1)
    assert on_micro.logits.shape == (96, CLASSES)
    assert np.mean(on_micro.label == expected) > 0.95
    assert np.mean(on_phone.label == on_micro.label) > 0.95
    assert 1000 < arena_bytes(content) < 20000


def test_macs_are_counted_by_hand(box: WhiteBox) -> None:
    """Smoke widths 8 and 12: stem 25x5 positions of 10x4 filters, and so on down."""
    stem = 25 * 5 * 10 * 4 * 1 * 8
    narrow = 25 * 5 * 9 * 8 * 8
    down, wide = 13 * 3 * 9 * 8 * 12, 13 * 3 * 9 * 12 * 12
    assert quantise.macs(box.network(CLASSES)) == stem + narrow + down + wide + 12 * CLASSES


def test_inputs_are_rounded_to_even_and_saturate(box: WhiteBox, tones: Split) -> None:
    model = quantise.prepared(box.network(CLASSES), box.features(tones.x))
    artefact = Artefact(quantise.to_int8(model))
    steps = np.array([0.5, 1.5, -0.5, 1e6, -1e6], np.float32) * np.float32(artefact.scale)
    zero = artefact.zero_point
    assert artefact.quantise(steps).tolist() == [zero, zero + 2, zero, 127, -128]


def test_a_file_that_is_no_model_is_refused_by_name() -> None:
    with pytest.raises(PalisadeError, match="broken.tflite is not a TensorFlow Lite"):
        Artefact(b"not a model", "broken.tflite")


def test_the_front_end_repeats_a_plain_stft_and_its_gradient(box: WhiteBox) -> None:
    front_end = box.front_end
    x = tf.constant(np.random.default_rng(0).normal(0, 0.05, (2, 16000)), tf.float32)
    weights = tf.constant(np.random.default_rng(1).normal(size=(2, *front_end.shape)), tf.float32)

    def plain(x: Any) -> Any:
        window = tf.signal.hann_window(480)
        power = tf.abs(tf.signal.stft(x, 480, 320, 512, window_fn=lambda *_, **__: window)) ** 2
        energy = tf.matmul(power, features.mel_filters(front_end.params).astype(np.float32))
        logs = tf.math.log(energy + front_end.params.energy_offset)
        logs -= np.log(front_end.params.energy_offset)
        matrix = features.cepstral_matrix(front_end.params).astype(np.float32)
        return tf.matmul(logs, matrix)[..., tf.newaxis]

    found = []
    for transform in (front_end, plain):
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = transform(x)
            value = tf.reduce_sum(weights * outputs)
        found.append((outputs.numpy(), tape.gradient(value, x).numpy()))
    for ours, theirs in zip(*found, strict=True):
        assert np.abs(ours).max() > 0.1
        assert np.allclose(ours, theirs, atol=2e-4 * np.abs(theirs).max())


def test_clips_of_another_length_are_refused(box: WhiteBox) -> None:
    with pytest.raises(PalisadeError, match="8000 samples, and features expects 16000"):
        box.front_end(tf.zeros((1, 8000)))


def test_digital_silence_gives_zero_features(box: WhiteBox) -> None:
    assert np.all(box.front_end(tf.zeros((1, 16000))) == 0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"highest_hz": 9000.0}, "highest_hz <= sample_rate_hz / 2"),
        ({"window_ms": 40}, "no longer than fft_length"),
        ({"coefficients": 64}, "at most mel_bands"),
        ({"energy_offset": 0.0}, "greater than 0"),
    ],
)
def test_a_front_end_that_cannot_be_is_refused(change: dict[str, Any], said: str) -> None:
    values = {**read_yaml(SMOKE)["features"]["voice"], **change}
    with pytest.raises(ValueError, match=said):
        features.Params.model_validate(values)


def test_balance_weighs_a_rare_class_up_and_leaves_the_average_alone() -> None:
    y = np.repeat([0, 1, 2], [80, 15, 5])
    none, half, whole = (class_weights(y, 3, balance) for balance in (0.0, 0.5, 1.0))
    assert np.array_equal(none, [1, 1, 1])
    assert whole * [80, 15, 5] == pytest.approx([100 / 3] * 3, rel=1e-6)
    assert half[2] / half[0] == pytest.approx(4.0, rel=1e-6)
    assert half[y].mean() == pytest.approx(1.0, rel=1e-6)


def test_a_rare_class_is_believed_more_when_it_weighs_more(box: WhiteBox, tones: Split) -> None:
    rare = np.flatnonzero(tones.y == 0)[:2]
    few = tones.take(np.sort(np.concatenate([rare, np.flatnonzero(tones.y != 0)])))
    believed = []
    for balance in (0.0, 1.0):
        recipe = RECIPE.model_copy(update={"balance": balance, "epochs": 1})
        _, twin = train(box, few, replace(setting(box), adversary=None, recipe=recipe))
        chances = tf.nn.softmax(twin(box.features(tones.x))[0]).numpy()
        believed.append(chances[tones.y == 0, 0].mean())
    assert believed[1] > believed[0] + 0.03
