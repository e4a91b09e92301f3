"""Toy networks as a device runs them, with a real guard, and as an attacker sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.backend import tf
from palisade.edge import unguarded
from palisade.guard import calibration, making, reference
from palisade.guard.judgement import Judgement, Signal
from palisade.guard.making import Answers, Scales
from palisade.guard.tables import Guard, Limits
from palisade.int8 import Outputs
from palisade.splits import Split
from tests.evaluation.toys import THREAT, Network

SEED = 7
MAKING = making.Params.model_validate(
    {
        "false_reject_target": 0.04,
        "hidden": 4,
        "temperature": 1.0,
        "tree": {"rows": 2, "columns": 2, "depth": 3, "leaf_examples": 20, "least_share": 0.05},
        "texture": {"octaves": 2, "stride": 1},
        "consistency": {"window": 3, "needed": 2, "forget_after": 3},
    }
)


@dataclass(frozen=True)
class Device:
    """A network in int8, and its guard.

    Attributes:
        network: what it runs.
        scales: of logits and embeddings; zero points are 0.
        guard: None where answers are taken as they come.
        jitter_steps: standard deviation of random noise on the logits, in int8 steps.
    """

    network: Network
    scales: tuple[float, float]
    guard: Guard | None = None
    jitter_steps: float = 0.0

    def inputs(self, raw: NDArray[Any]) -> NDArray[np.int8]:
        """``[n, 8, 8, 1]`` the network's input."""
        return (raw.astype(np.int16) - 128).astype(np.int8)

    def outputs(self, raw: NDArray[Any]) -> Outputs:
        """Rounded to int8."""
        x = THREAT.signal(tf.constant(raw))
        logits = self.network.logits(x).numpy() / self.scales[0]
        if self.jitter_steps:
            logits += self.jitter_steps * np.random.default_rng().normal(size=logits.shape)
        embedding = self.network.embedding(x).numpy() / self.scales[1]
        whole = [np.clip(np.rint(one), -128, 127).astype(np.int8) for one in (logits, embedding)]
        return Outputs(*whole)

    def ask(self, raw: NDArray[Any]) -> tuple[Outputs, Judgement]:
        """What it says, and what the guard makes of that."""
        outputs = self.outputs(raw)
        if self.guard is None:
            return outputs, unguarded(outputs)
        said = outputs.logits, outputs.embedding
        return outputs, reference.judge(self.guard, *said, self.inputs(raw))

    def judge(self, raw: NDArray[Any]) -> Judgement:
        """As ``Target.judge``."""
        return self.ask(raw)[1]

    def limits(self, held: Split, signals: list[Signal]) -> Limits:
        """Limits that clean examples give, of some signals."""
        scores = self.judge(held.x).scores
        target = MAKING.false_reject_target
        return calibration.calibrate(scores, signals, target=target, seed=SEED).limits


def device(network: Network, train: Split) -> Device:
    """Scales from training examples, and no guard."""
    x = THREAT.signal(tf.constant(train.x))
    largest = [np.abs(one.numpy()).max() for one in (network.logits(x), network.embedding(x))]
    return Device(network, (float(largest[0]) / 100, float(largest[1]) / 100))


def guarded(bare: Device, train: Split, held: Split, signals: list[Signal]) -> Device:
    """With a guard of some signals, whose limits come from ``held``."""
    guard, _ = making.make(
        *(Answers(bare.inputs(one.x), bare.outputs(one.x), one.y) for one in (train, held)),
        Scales(logits=bare.scales[0], embedding_zero_point=0),
        MAKING,
        seed=SEED,
    )
    with_all = Device(bare.network, bare.scales, guard, bare.jitter_steps)
    limits = with_all.limits(held, signals)
    return Device(
        bare.network,
        bare.scales,
        guard.model_copy(update={"limits": limits}),
        bare.jitter_steps,
    )
