"""Which model reads which section of params.yaml, as the stages have it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import Field

from palisade import tasks
from palisade.assault import strength
from palisade.device.plans import PictureParams, SoundParams, TraceParams
from palisade.errors import PalisadeError
from palisade.fusion import policy
from palisade.guard import making
from palisade.release.settings import Settings
from palisade.scenes import events
from palisade.stage import Params
from palisade.training.recipe import QuantizationRecipe, Recipe
from stages import cost, evaluate

Model = type[Params]
ALL = ""  # in place of a task, where a section is the same for all


class Seed(Params):
    """The root seed."""

    seed: int = Field(ge=0, description="root of all that is drawn at random, by name")


class Task(Params):
    """The tasks: `dvc.yaml` runs most stages once for each."""

    corpus: str = Field(description="folder that `prepare` reads: drawn, or one of your own")


class Stream(Params):
    """The tasks that listen without end: `dvc.yaml` runs `stream` once for each. None has a key."""


def _part(name: str, model: str = "Params") -> Callable[[str], Model]:
    def load(task: str) -> Model:
        found: Model = getattr(tasks.load(task, name), model)
        return found

    return load


_FILTERS: dict[str, Model] = {"voice": SoundParams, "vision": PictureParams, "motion": TraceParams}

SHARED: dict[str, Model] = {
    "seed": Seed,
    "scenes": events.Params,
    "fuse": policy.Params,
    "fuse_attack": strength.Params,
    "package": Settings,
}
OF_TASKS: dict[str, Callable[[str], Model]] = {
    "tasks": lambda task: Task,
    "streams": lambda task: Stream,
    "synthesize": _part("synthesis.corpus"),
    "prepare": _part("recordings.reader"),
    "augment": _part("distortion.augment"),
    "corrupt": _part("distortion.corrupt"),
    "preprocess": _FILTERS.__getitem__,
    "features": _part("features"),
    "threat": _part("threat"),
    "network": _part("network"),
    "training": lambda task: Recipe,
    "pretrain": _part("threat", "InTraining"),
    "quantization": lambda task: QuantizationRecipe,
    "qat": _part("threat", "InTraining"),
    "calibrate": lambda task: making.Params,
    "cost": lambda task: cost.Params,
    "stream": _part("streaming.params"),
    "attack": _part("budgets", "Budgets"),
    "physical": _part("physical.attacks"),
    "evaluate": lambda task: evaluate.Params,
}


def models(params: Mapping[str, Any], section: str) -> dict[str, Model]:
    """The models of a section by task; ``ALL`` is the only key of one that all tasks share.

    Raises:
        PalisadeError: No model is known for the section.
    """
    if section in SHARED:
        return {ALL: SHARED[section]}
    if section in OF_TASKS:
        return {task: OF_TASKS[section](task) for task in params[section]}
    raise PalisadeError(
        f"params.yaml: {section} has no model",
        "name the one that reads it in scripts/params/models.py",
    )


def values(params: Mapping[str, Any], section: str, task: str) -> Mapping[str, Any]:
    """What params.yaml says for a model; a section that is one value counts as its only key."""
    found = params[section] if task == ALL else params[section][task]
    return found if isinstance(found, Mapping) else {section: found}
