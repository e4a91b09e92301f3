"""Which sensors have to agree on what, for a critical action to pass."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from palisade import stage
from palisade.errors import PalisadeError
from palisade.fusion.plausible import Limits

Pooling = Literal["max", "mean", "median"]
# Which windows give evidence: all of them; those that the guard accepts; those that it accepts
# and that agree over time, as ``pal_step`` decides.
Evidence = Literal["all", "accepted", "settled"]


class Modality(stage.Params):
    """One task's part in the decision."""

    accepts: list[str] = Field(min_length=1, description="labels that warrant the action")
    pooling: Pooling = Field(description="of an event's windows to one score")
    evidence: Evidence = Field(description="windows that count: all, or what its guard lets pass")


class Composed(stage.Params):
    """Events put together by label, where corpora share none."""

    calibration: int = Field(ge=10, description="events that thresholds are set on")
    test: int = Field(ge=10, description="events that figures are taken of")


class Params(stage.Params):
    """The policy, and how its thresholds are set."""

    modalities: dict[str, Modality] = Field(min_length=2, description="by task; all must agree")
    false_reject_target: float = Field(
        gt=0, le=0.5, description="most warranted events that may be missed, all tasks together"
    )
    plausible: Limits
    composed_events: Composed
    least_events: int = Field(ge=1, description="test events below which figures say little")


def check(params: Params, tasks: Collection[str]) -> None:
    """Hold a policy against the tasks that there are.

    Raises:
        PalisadeError: It names another one.
    """
    for task in params.modalities:
        if task not in tasks:
            raise PalisadeError(
                f"params.yaml: fuse.modalities names {task}, which is no task of stage fuse",
                f"it has {', '.join(sorted(tasks))}; a new one needs its lines in dvc.yaml",
            )


def accepted(params: Params, task: str, labels: tuple[str, ...]) -> NDArray[np.bool_]:
    """``[classes]`` which of a task's classes warrant the action.

    Raises:
        PalisadeError: A label is none of the task's, or no other class is left.
    """
    accepts = params.modalities[task].accepts
    where = f"params.yaml: fuse.modalities.{task}.accepts"
    for label in accepts:
        if label not in labels:
            raise PalisadeError(
                f"{where} names {label}, which is no label of {task}", f"use {', '.join(labels)}"
            )
    mask = np.isin(np.array(labels), accepts)
    if mask.all():
        raise PalisadeError(f"{where} names every label of {task}", "leave at least one out")
    return mask


def describe(
    params: Params,
    thresholds_lsb: Mapping[str, int],
    labels: Mapping[str, tuple[str, ...]],
    window_s: float,
) -> dict[str, object]:
    """The policy as firmware needs it, ready for JSON.

    A task's score in an event is the pooled margin, in steps of the logits' int8 scale, of the
    windows that give evidence; it agrees at ``threshold_lsb`` or above, if its samples are
    plausible. Without a window that gives evidence it does not agree.
    """
    return {
        "decision": "all",
        "plausible": params.plausible.model_dump(),
        "tasks": {
            task: {
                "accepts": [labels[task].index(label) for label in modality.accepts],
                "evidence": modality.evidence,
                "labels": list(labels[task]),
                "pooling": modality.pooling,
                "threshold_lsb": thresholds_lsb[task],
            }
            for task, modality in params.modalities.items()
        },
        "window_s": window_s,
    }
