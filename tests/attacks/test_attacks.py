"""Attacks stay in their ball, find what is there to find, and come out as the sensor would."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from palisade.attacks.adversary import perturb, worst_placed
from palisade.attacks.ascent import ascend
from palisade.attacks.ball import L2, Linf
from palisade.attacks.losses import cross_entropy, margin
from palisade.backend import tf
from palisade.tasks.voice.threat import InTraining, Params, Threat

SEED = tf.constant([1, 2])
SAMPLES = 50


class Plain:
    """A threat without a sensor: any ball, any range."""

    def __init__(self, ball: Any) -> None:
        self.ball = ball

    def clip(self, x: Any) -> Any:
        return x


@pytest.fixture(scope="module")
def weights() -> Any:
    return tf.constant(np.random.default_rng(3).normal(0, 0.1, (SAMPLES, 2)), tf.float32)


@pytest.fixture(scope="module")
def examples(weights: Any) -> tuple[Any, Any]:
    x = tf.constant(np.random.default_rng(4).normal(size=(40, SAMPLES)), tf.float32)
    return x, tf.argmax(x @ weights, axis=1)


def attack(x: Any, y: Any, weights: Any, ball: Any, radius: Any, steps: int, loss: Any) -> Any:
    return ascend(
        x,
        y,
        logits=lambda z: z @ weights,
        loss=loss,
        threat=Plain(ball),  # type: ignore[arg-type]
        radius=radius,
        steps=steps,
        seed=SEED,
        random_start=steps > 1,
    )


def distance(ball: Any, delta: Any) -> Any:
    order = 2 if isinstance(ball, L2) else np.inf
    return np.linalg.norm(delta, ord=order, axis=1)


@pytest.mark.parametrize("ball", [L2(), Linf()], ids=["l2", "linf"])
@pytest.mark.parametrize("loss", [cross_entropy, margin])
@pytest.mark.parametrize("steps", [1, 20])
def test_on_a_linear_model_the_attack_finds_the_exact_boundary(
    ball: Any, loss: Any, steps: int, weights: Any, examples: tuple[Any, Any]
) -> None:
    """That distance is known: a little less never breaks an example, a little more does."""
    x, y = examples
    normal = weights[:, 1] - weights[:, 0]
    dual = tf.norm(normal) if isinstance(ball, L2) else tf.reduce_sum(tf.abs(normal))
    exact = tf.abs(x @ normal[:, None])[:, 0] / dual
    for factor, broken in ((0.98, False), (1.02, True)):
        moved = attack(x, y, weights, ball, exact * factor, steps, loss)
        assert np.all((tf.argmax(moved @ weights, axis=1) != y) == broken)
        assert np.all(distance(ball, moved - x) <= exact * factor * 1.0001)


@pytest.mark.parametrize("ball", [L2(), Linf()], ids=["l2", "linf"])
def test_noise_fills_its_ball_and_no_more(ball: Any) -> None:
    x, radius = tf.zeros((8, 1000)), tf.constant(np.linspace(0.1, 0.8, 8), tf.float32)
    reached = distance(ball, ball.random(x, radius, SEED))
    assert np.all(reached <= radius * 1.0001)
    assert np.all(reached >= radius * 0.98)


def test_a_gradient_of_zero_moves_nothing() -> None:
    assert np.all(L2().steepest(tf.zeros((2, 9))) == 0)


def test_the_margin_is_positive_exactly_where_the_network_errs() -> None:
    logits = tf.constant([[2.0, 1.0, 0.0], [2.0, 1.0, 0.0], [2.0, 1.0, 0.0]])
    assert np.allclose(margin(logits, tf.constant([0, 1, 2])), [-1.0, 1.0, 2.0])


@pytest.mark.parametrize("kind", ["fgsm", "n_fgsm", "pgd"])
def test_the_attack_in_training_raises_the_loss(
    kind: Any, weights: Any, examples: tuple[Any, Any]
) -> None:
    class Fixed(Plain):
        def radius(self, x: Any, budget: float) -> Any:
            return tf.fill([len(x)], budget)

    x, y = examples
    adversary = InTraining(
        placements=1,
        attack=kind,
        fraction=1.0,
        steps=3,
        noise=0.5,
        ramp_epochs=0.0,
        epsilon_snr_db=2.0,
    )
    moved = perturb(
        x,
        y,
        adversary=adversary,
        logits=lambda z: z @ weights,
        threat=Fixed(L2()),  # type: ignore[arg-type]
        scale=tf.constant(1.0),
        seed=SEED,
    )
    assert np.all(cross_entropy(moved @ weights, y) > cross_entropy(x @ weights, y))


@pytest.fixture
def voice() -> Threat:
    return Threat(Params(reference_speech_rms=0.05))


def test_a_budget_is_the_ratio_of_signal_to_perturbation(voice: Threat) -> None:
    x = tf.constant(np.random.default_rng(5).normal(0, 0.1, (3, 16000)), tf.float32)
    delta = voice.ball.random(x, voice.radius(x, 30.0), SEED).numpy()
    ratio = 20 * np.log10(np.std(x, axis=1) / np.std(delta, axis=1))
    assert np.allclose(ratio, 30.0, atol=0.05)


def test_silence_is_attacked_like_speech(voice: Threat) -> None:
    silence = tf.zeros((1, 16000))
    rms = float(voice.radius(silence, 20.0)[0]) / np.sqrt(16000)
    assert rms == pytest.approx(0.05 * 10 ** (-20 / 20))


def test_what_is_scored_are_samples_that_a_converter_delivers(voice: Threat) -> None:
    raw = voice.realise(np.array([[-2.0, -1.0, 0.4 / 32768, 0.6 / 32768, 0.99999, 3.0]]))
    assert raw.dtype == np.int16
    assert raw.tolist() == [[-32768, -32768, 0, 1, 32767, 32767]]


class Turning(Plain):
    """A threat whose placements multiply each example by a number drawn between -1 and 1."""

    def place(self, x: Any, seed: Any) -> Any:
        return x * tf.random.stateless_uniform([tf.shape(x)[0], 1], seed, -1.0, 1.0)


def test_of_several_placements_the_worst_of_each_example_is_taken(
    weights: Any, examples: tuple[Any, Any]
) -> None:
    x, y = examples

    def placed(count: int) -> Any:
        threat: Any = Turning(L2())
        return worst_placed(
            x, y, count=count, logits=lambda z: z @ weights, threat=threat, seed=SEED
        )

    losses = [cross_entropy(placed(count) @ weights, y).numpy() for count in (1, 2, 8)]
    assert np.all(losses[1] >= losses[0]) and np.all(losses[2] >= losses[1])
    assert losses[2].mean() > losses[0].mean() + 0.1
