"""A model under attack: its fake-quantised twin to craft on, and its edge path to be judged by."""

from __future__ import annotations

from dataclasses import dataclass

from palisade import edge, whitebox
from palisade.attacks import queries, seeing
from palisade.attacks.ascent import Threat
from palisade.attacks.surrogates import Surrogate
from palisade.edge import Edge
from palisade.physical.aims import Aim, again, guard_aware, oblivious
from palisade.stage import Stage

DEFENDED, UNDEFENDED = "int8", "undefended"
# Folder of each model, and its guard.
_MODELS = {DEFENDED: ("", "models/{key}/guard.json"), UNDEFENDED: ("baseline/", None)}


@dataclass(frozen=True)
class Target:
    """A model under attack.

    Attributes:
        name: ``int8`` or ``undefended``.
        aims: what an attacker climbs on the white box, one after the other; of a guarded model, the
            guard as well.
        threat: the sensor: raw samples to signals, and back as it would deliver them.
        device: the exact path on the device.
    """

    name: str
    aims: tuple[Aim, ...]
    threat: Threat
    device: Edge

    @property
    def ask(self) -> queries.Ask:
        """What the device says, for a search: exact where two labels are near each other."""
        return queries.ask_briefly(self.device)


def load(this: Stage, name: str, classes: int) -> Target:
    """The stage's defended or undefended model."""
    folder, guard = _MODELS[name]
    box = whitebox.of(this)
    model = seeing.fake_quantised(this, box, folder, classes)
    device = edge.of(this, f"models/{{key}}/{folder}model.tflite", guard)
    aims = [oblivious(box.logits(model))]
    if device.guard is not None:
        seen = seeing.seen(box, model, device)
        step = float(device.artefact.scales()["outputs"]["logits"]["scale"])
        aims.append(guard_aware(seen, Surrogate(device.guard), step))
    else:
        aims.append(again(*aims))
    return Target(name=name, aims=tuple(aims), threat=box.threat, device=device)
