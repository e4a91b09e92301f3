"""The attacker of a voice: any added sound whose energy stays below the clip's by a ratio.

A budget is a signal-to-noise ratio in dB, of which a larger one is weaker. The perturbation's
root mean square over the clip is at most ``10 ** (-budget / 20)`` times the larger of the
clip's own and ``reference_speech_rms``, so silence and quiet clips are attacked like speech.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from palisade import stage
from palisade.attacks.adversary import Adversary
from palisade.attacks.ball import L2
from palisade.backend import tf

FULL_SCALE = 32768.0


class Params(stage.Params):
    """What a budget is relative to."""

    reference_speech_rms: float = Field(
        gt=0, lt=1, description="RMS of ordinary speech at the microphone, full scale 1.0"
    )


class Threat:
    """Budgets in dB of signal-to-noise ratio; sound in [-1, 1)."""

    ball = L2()

    def __init__(self, params: Params) -> None:
        self.params = params

    def signal(self, raw: Any) -> Any:
        """int16 samples as float32 in [-1, 1)."""
        return tf.cast(raw, tf.float32) / FULL_SCALE

    def radius(self, x: Any, budget: Any) -> Any:
        """``[n]`` largest L2 norm of a perturbation of sound ``[n, samples]`` at a budget."""
        samples = tf.cast(tf.shape(x)[1], tf.float32)
        rms = tf.sqrt(tf.reduce_mean(tf.square(x), axis=1))
        loudest = tf.maximum(rms, self.params.reference_speech_rms)
        return loudest * 10.0 ** (-tf.cast(budget, tf.float32) / 20.0) * tf.sqrt(samples)

    def clip(self, x: Any) -> Any:
        """Sound within what the converter can deliver."""
        return tf.clip_by_value(x, -1.0, 1.0 - 1.0 / FULL_SCALE)

    def realise(self, x: Any) -> np.ndarray:
        """Sound rounded to the int16 samples that a converter would deliver."""
        return np.clip(np.rint(np.asarray(x) * FULL_SCALE), -32768, 32767).astype(np.int16)

    def place(self, x: Any, seed: Any) -> Any:
        """The sound itself; ``augment`` has shifted and stretched it."""
        return x


class InTraining(Adversary):
    """The attacker inside the training loop."""

    epsilon_snr_db: float = Field(
        ge=0, le=80, description="SNR of the perturbations trained on; larger is weaker"
    )

    @property
    def budget(self) -> float:
        """``epsilon_snr_db``."""
        return self.epsilon_snr_db
