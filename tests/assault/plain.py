"""A camera whose network says a person as firmly as a picture is bright: a step a grey level."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade import sequence
from palisade.assault.aims import Aim
from palisade.assault.crafting import Crafter
from palisade.assault.siege import Siege
from palisade.attacks.surrogates import Seen, Surrogate
from palisade.backend import tf
from palisade.edge import Edge
from palisade.fusion.plausible import Limits
from palisade.fusion.policy import Evidence, Pooling
from palisade.fusion.sensing import Sensor
from palisade.guard.tables import Guard
from palisade.int8 import Outputs
from palisade.tasks.vision.threat import FULL_SCALE, Params, Threat
from tests.guard import drawn

PX, MIDDLE, BUDGET_LEVELS = 8, 100, 4
UNMOVED = {"shift_share": 0.0, "rotation_deg": 0.0, "zoom": [1.0, 1.0], "mirror": False}
THREAT = Threat(Params.model_validate(UNMOVED))
ACCEPTED = np.array([False, True])


class Front:
    """How bright a picture is."""

    def int8(self, raw: NDArray[Any], scale: float, zero_point: int) -> NDArray[np.int8]:
        mean = raw.reshape(len(raw), -1).astype(np.float64).mean(axis=1, keepdims=True) - MIDDLE
        return np.clip(np.rint(mean), -128, 127).astype(np.int8)


class Model:
    """Says class 1 as firmly as the input is large, against a class 0 that is always 0."""

    content, scale, zero_point = b"a model", 1.0, 0

    def verdict(self, inputs: NDArray[np.int8]) -> Outputs:
        logits = np.zeros((len(inputs), 2), np.int8)
        logits[:, 1] = inputs[:, 0]
        return Outputs(logits, logits)


def guard(least_lead: int) -> Guard:
    """Rejects what leads by less, for either class."""
    off = {"kind": "off", "threshold": 0}
    table = drawn.guard(np.random.default_rng(1)).model_dump()
    table |= {"classes": 2, "embedding": 2, "energy": None, "autoencoder": None, "texture": None}
    table |= {"tree": None, "consistency": None}
    table["limits"] = dict.fromkeys(("energy", "autoencoder", "tree", "texture"), off)
    table["limits"]["margin"] = {"kind": "at_least", "threshold": least_lead}
    table["engineered"] = {"height": 1, "width": 1, "channels": 1, "rows": 1, "columns": 1}
    return Guard.model_validate(table)


def seen(x: Any) -> Seen:
    """What is seen of pictures ``x``, as gradients see it."""
    ahead = tf.reduce_mean(tf.reshape(x, [tf.shape(x)[0], -1]), axis=1) * FULL_SCALE - MIDDLE
    logits = tf.stack([tf.zeros_like(ahead), ahead], axis=1)
    return Seen(logits, logits, tf.reshape(ahead, [-1, 1, 1, 1]))


def sensor(least_lead: int, evidence: Evidence, pooling: Pooling) -> Sensor:
    """The camera as the fusion has it."""
    device = Edge(Front(), Model(), guard(least_lead))  # type: ignore[arg-type]
    return Sensor(
        answers=partial(sequence.answers, device),
        step=partial(sequence.verdicts, device, accepted=(1,)),
        accepted=ACCEPTED,
        pooling=pooling,
        evidence=evidence,
        low=np.zeros((PX, PX, 1), np.uint8),
        high=np.full((PX, PX, 1), 255, np.uint8),
        limits=Limits(unchanged_share=0.95, saturated_share=0.9),
    )


class Greedy(Threat):
    """Goes twice as far as it may."""

    def radius(self, x: Any, budget: Any) -> Any:
        return 2.0 * super().radius(x, budget)


def siege(
    threshold_lsb: int = 0,
    *,
    least_lead: int = 0,
    evidence: Evidence = "all",
    pooling: Pooling = "mean",
    crafts_as: Threat = THREAT,
    restarts: int = 1,
    sees: Callable[[Any], Seen] = seen,
) -> Siege:
    """An attacker of it, who may change each pixel by ``BUDGET_LEVELS``."""
    surrogate = None if evidence == "all" else Surrogate(guard(least_lead))
    crafter = Crafter(
        Aim(ACCEPTED, threshold_lsb, surrogate),
        sees,
        crafts_as,
        budget=BUDGET_LEVELS / FULL_SCALE,
        steps=10,
        seed=1,
        like=pictures([MIDDLE]),
    )
    return Siege(sensor(least_lead, evidence, pooling), threshold_lsb, crafter, THREAT, restarts)


def pictures(levels: list[int]) -> NDArray[np.uint8]:
    """Pictures ``[n, px, px, 1]`` of a grain of two levels, whose means are the given ones."""
    grain = np.where(np.indices((PX, PX)).sum(axis=0) % 2, 10, -10)[..., np.newaxis]
    return (np.array(levels)[:, None, None, None] + grain).astype(np.uint8)
