"""A task's artefact as the fusion uses it: exact path, guard and rails of a stage's task."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from palisade import edge, sequence, tasks
from palisade.fusion import faults, policy
from palisade.fusion.sensing import Sensor
from palisade.scenes.windows import Windows
from palisade.stage import Stage


def sensor(this: Stage, held: Windows, params: policy.Params) -> Sensor:
    """How the stage's task comes from raw windows to verdicts.

    Args:
        this: the stage as the task sees it.
        held: some of the task's windows, for their shape and labels.
        params: the policy.
    """
    device = edge.of(this, "models/{key}/model.tflite", "models/{key}/guard.json")
    low, high = faults.rails(attacker(this).realise, held.x.shape[1:])
    accepted = policy.accepted(params, this.key, held.labels)
    places = tuple(np.flatnonzero(accepted).tolist())
    modality = params.modalities[this.key]
    return Sensor(
        answers=partial(sequence.answers, device),
        step=partial(sequence.verdicts, device, accepted=places),
        accepted=accepted,
        pooling=modality.pooling,
        evidence=modality.evidence,
        low=low,
        high=high,
        limits=params.plausible,
    )


def attacker(this: Stage) -> Any:
    """The task's attacker, who knows what its converter delivers."""
    threat = tasks.load(this.key, "threat")
    return threat.Threat(this.params("threat", threat.Params))
