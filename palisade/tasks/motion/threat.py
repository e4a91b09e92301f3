"""The attacker of a door's sensors: any change of every sample up to a bound, all at once.

A budget is in mg on each axis of the accelerometer, and goes together with a share of the
PIR's full scale: at ``pir_share_per_mg: 0.001``, 50 mg goes with 5 %. Signals are in mg on all
channels: counts of the PIR are scaled to the mg that they go with, so that one Linf ball of one
radius holds both.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from pydantic import Field, model_validator

from palisade import stage
from palisade.attacks.adversary import Adversary
from palisade.attacks.ball import Linf
from palisade.attacks.grid import Grid
from palisade.backend import tf
from palisade.ranges import Range


class Params(stage.Params):
    """What the channels are, where they saturate, and what a budget means to each."""

    units: list[Literal["mg", "pir"]] = Field(
        min_length=1, description="of each channel: mg of an accelerometer, or counts of a PIR"
    )
    acc_range_mg: float = Field(gt=0, le=200000, description="an accelerometer saturates there")
    pir_full_scale_counts: float = Field(gt=0, le=2**31 - 1, description="largest count of a PIR")
    pir_share_per_mg: float = Field(
        gt=0, le=1, description="of the PIR's full scale, that goes with 1 mg of a budget"
    )
    sample_rate_hz: float = Field(gt=0, le=10000, description="samples a second")
    shift_ms: Range = Field(description="how much later a training trace may be placed")


class Threat:
    """Budgets in mg; signals ``[n, samples, channels]`` in mg, PIR counts scaled to match."""

    ball = Linf()

    def __init__(self, params: Params) -> None:
        self.params = params
        mg = np.array([unit == "mg" for unit in params.units])
        pir_mg = 1.0 / params.pir_share_per_mg  # full scale
        self._mg_per_unit = np.where(mg, 1.0, pir_mg / params.pir_full_scale_counts)
        self._low = np.where(mg, -params.acc_range_mg, 0.0)
        self._high = np.where(mg, params.acc_range_mg, pir_mg)

    @property
    def mg_per_count(self) -> tuple[float, ...]:
        """mg that go with one count of each channel."""
        return tuple(float(one) for one in self._mg_per_unit)

    @property
    def rails(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Least and largest of what each channel's converter delivers."""
        low, high = self._low / self._mg_per_unit, self._high / self._mg_per_unit
        return tuple(round(one) for one in low), tuple(round(one) for one in high)

    def signal(self, raw: Any) -> Any:
        """int32 samples as float32 in mg."""
        return tf.cast(raw, tf.float32) * tf.constant(self._mg_per_unit, tf.float32)

    def radius(self, x: Any, budget: Any) -> Any:
        """``[n]`` the budget itself, the same for every trace."""
        return tf.fill(tf.shape(x)[:1], tf.cast(budget, tf.float32))

    def clip(self, x: Any) -> Any:
        """Within what the sensors can deliver."""
        low, high = tf.constant(self._low, tf.float32), tf.constant(self._high, tf.float32)
        return tf.clip_by_value(x, low, high)

    def realise(self, x: Any) -> np.ndarray:
        """Rounded to the int32 samples that the converters would deliver."""
        counts = np.rint(np.asarray(x, np.float64) / self._mg_per_unit)
        low, high = self._low / self._mg_per_unit, self._high / self._mg_per_unit
        return np.clip(counts, np.rint(low), np.rint(high)).astype(np.int32)

    def place(self, x: Any, seed: Any) -> Any:
        """Each trace later by a random time in ``shift_ms``; what leaves is mirrored at the edge.

        Args:
            x: ``[n, samples, channels]`` signals.
            seed: ``[2]`` stateless seed.
        """
        count, samples = tf.shape(x)[0], tf.shape(x)[1]
        low, high = (ms * self.params.sample_rate_hz / 1000 for ms in self.params.shift_ms)
        later = tf.random.stateless_uniform([count, 1], seed, low, high)
        at = tf.range(samples)[tf.newaxis] - tf.cast(tf.round(later), tf.int32)
        last = samples - 1
        at = tf.math.floormod(at, 2 * last)  # a mirrored trace repeats after twice its length
        return tf.gather(x, tf.minimum(at, 2 * last - at), axis=1, batch_dims=1)


class InTraining(Adversary):
    """The attacker inside the training loop."""

    epsilon_mg: float = Field(gt=0, le=10000, description="budget of the perturbations trained on")

    @property
    def budget(self) -> float:
        """``epsilon_mg``."""
        return self.epsilon_mg


class Budgets(Grid):
    """The battery's budgets."""

    budgets_mg: list[float] = Field(min_length=2, description="budgets attacked at")
    reference_mg: float = Field(description="the budget of the headline figure, one of the list")

    @model_validator(mode="after")
    def _has_reference(self) -> Budgets:
        if self.reference_mg not in self.budgets_mg:
            raise ValueError("reference_mg must be one of budgets_mg")
        if len(set(self.budgets_mg)) < len(self.budgets_mg):
            raise ValueError("budgets_mg must not repeat a value")
        if min(self.budgets_mg) <= 0:
            raise ValueError("budgets_mg must be above 0")
        return self

    @property
    def budgets(self) -> list[float]:
        """``budgets_mg``, weakest (smallest) first."""
        return sorted(self.budgets_mg)

    @property
    def reference(self) -> float:
        """``reference_mg``."""
        return self.reference_mg

    def name(self, budget: float) -> str:
        """``acc_50mg``; a dot would split the name in DVC's tables."""
        return f"acc_{budget:g}mg".replace(".", "_")
