"""Attacks through the device's preprocessing: rounding, companding and medians hide no gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from palisade.attacks.ascent import ascend
from palisade.attacks.losses import margin
from palisade.backend import tf
from palisade.device.plans import PictureParams, SoundParams
from palisade.preprocessing import FullScale, Twin
from palisade.tasks.vision import threat as vision
from palisade.tasks.voice import threat as voice

COUNT, SAMPLES, PX = 20, 320, 12
UNMOVED = {"shift_share": 0.0, "rotation_deg": 0.0, "zoom": [1.0, 1.0], "mirror": False}
SOUND = voice.Threat(voice.Params(reference_speech_rms=0.05))
PICTURES = vision.Threat(vision.Params.model_validate(UNMOVED))


def of_pictures(**filters: Any) -> tuple[Any, float, Twin]:
    return PICTURES, 16 / 255, Twin(PictureParams(**filters).plan(PX, PX, 1), FullScale(255.0))


def of_sound(**filters: Any) -> tuple[Any, float, Twin]:
    return SOUND, 10.0, Twin(SoundParams(**filters).plan(SAMPLES, 16000.0), FullScale(32768.0))


CASES = {
    "squeezed pictures": of_pictures(squeeze_bits=4),
    "medians": of_pictures(median=True),
    "mu-law": of_sound(mu_law_bits=6),
    "squeezed sound": of_sound(squeeze_bits=8),
}


def raw(threat: Any) -> Any:
    dice = np.random.default_rng(1)
    if threat is SOUND:
        return dice.integers(-4000, 4000, (COUNT, SAMPLES)).astype(np.int16)
    return dice.integers(80, 170, (COUNT, PX, PX, 1)).astype(np.uint8)


@pytest.mark.parametrize("case", CASES)
def test_an_attack_sees_through_it_and_noise_does_not(case: str) -> None:
    """A linear network behind it, each example at half of what the budget could move it by."""
    threat, budget, twin = CASES[case]
    x = threat.signal(tf.constant(raw(threat)))
    radius = threat.radius(x, budget)
    weights = tf.constant(_smooth(x.shape[1:]), tf.float32)
    dual = tf.norm(weights) if threat is SOUND else tf.reduce_sum(tf.abs(weights))
    clean = tf.linalg.matvec(tf.reshape(twin(x), [COUNT, -1]), weights)

    def logits(z: Any) -> Any:
        value = tf.linalg.matvec(tf.reshape(twin(z), [COUNT, -1]), weights) - clean
        return tf.stack([0.5 * radius * dual - value, tf.zeros(COUNT)], axis=1)

    def broken(moved: Any) -> Any:
        delivered = threat.signal(threat.realise(moved))
        return np.argmax(logits(delivered), axis=1) == 1

    y = tf.zeros(COUNT, tf.int64)
    found = ascend(
        x,
        y,
        logits=logits,
        loss=margin,
        threat=threat,
        radius=radius,
        steps=10,
        seed=tf.constant([1, 2]),
    )
    assert broken(found).mean() > 0.9
    noise = threat.ball.random(x, radius, tf.constant([3, 4]))
    assert broken(threat.clip(x + noise)).mean() < 0.1


def _smooth(shape: Any) -> Any:
    """Weights of one sign over a neighbourhood, which a median does not average away."""
    drawn = np.random.default_rng(2).normal(size=tuple(shape))
    kernel = np.ones(9) / 9
    for axis in range(min(2, drawn.ndim)):
        drawn = np.apply_along_axis(lambda one: np.convolve(one, kernel, "same"), axis, drawn)
    return drawn.ravel()
