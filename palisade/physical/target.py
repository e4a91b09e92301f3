"""A model under attack: its fake-quantised twin to craft on, and its edge path to be judged by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from palisade import edge, quantise, whitebox
from palisade.attacks.ascent import Threat
from palisade.edge import Edge
from palisade.stage import Stage

DEFENDED, UNDEFENDED = "int8", "undefended"
# Folder of each model, and its guard.
_MODELS = {DEFENDED: ("", "models/{key}/guard.json"), UNDEFENDED: ("baseline/", None)}


@dataclass(frozen=True)
class Target:
    """A model under attack.

    Attributes:
        name: ``int8`` or ``undefended``.
        logits: the white box, signal to logits.
        threat: the sensor: raw samples to signals, and back as it would deliver them.
        device: the exact path on the device.
    """

    name: str
    logits: Callable[[Any], Any]
    threat: Threat
    device: Edge


def load(this: Stage, name: str, classes: int) -> Target:
    """The stage's defended or undefended model."""
    folder, guard = _MODELS[name]
    box = whitebox.of(this)
    model = quantise.fake_quantised(box.network(classes))
    model.load_weights(this.dep(f"models/{{key}}/{folder}qat.weights.h5"))
    return Target(
        name=name,
        logits=box.logits(model),
        threat=box.threat,
        device=edge.of(this, f"models/{{key}}/{folder}model.tflite", guard),
    )
