"""How hard the door is attacked, and the thresholds that it is attacked at."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from pydantic import Field

from palisade import stage
from palisade.errors import PalisadeError


class Amounts(stage.Params):
    """Test events that are attacked, drawn at random."""

    forced: int = Field(ge=1, description="that do not warrant the action, to be forced open")
    denied: int = Field(ge=1, description="that warrant the action, to be kept shut")


class Params(stage.Params):
    """Strength of the attack; budgets are each task's reference under ``attack``."""

    events: Amounts
    steps: int = Field(ge=1, le=1000, description="gradients taken for each window")
    restarts: int = Field(
        ge=1, le=100, description="random starts; further ones where no earlier one got through"
    )


def thresholds(path: Path, tasks: Collection[str]) -> dict[str, int]:
    """By task, the score from which on it agrees, as ``fuse`` wrote it.

    Raises:
        PalisadeError: The file is no policy, or one of other tasks.
    """
    try:
        said = json.loads(path.read_bytes())["tasks"]
        found = {task: said[task]["threshold_lsb"] for task in said}
    except (ValueError, KeyError, TypeError) as error:
        raise PalisadeError(
            f"{path} is no policy ({error!r})", "remove it and run `dvc repro` again"
        ) from error
    if set(found) != set(tasks):
        raise PalisadeError(
            f"{path} is of {', '.join(sorted(found))}, and fuse.modalities names "
            f"{', '.join(sorted(tasks))}",
            "run `dvc repro`, so that fuse writes it anew",
        )
    return found
