"""What a device needs to decide as the pipeline does: ``models/<task>/stream.json``."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import Field, model_validator

from palisade import files
from palisade.errors import PalisadeError
from palisade.guard.table import Table
from palisade.stage import checked
from palisade.stream.confirmer import LONGEST, WIDEST, Confirmer

MOST_ACTIONS = 16
MOST_CLASSES = 32


def check(actions: int, classes: int, context_windows: int | None) -> None:
    """Whether a device has room, before hours are heard.

    Args:
        actions: commands.
        classes: of the network.
        context_windows: that a confirmer sees; None without one.

    Raises:
        PalisadeError: It has not.
    """
    if actions > MOST_ACTIONS:
        raise PalisadeError(
            f"a device listens for at most {MOST_ACTIONS} commands, and these are {actions}",
            "leave some out, or take the task from `streams`",
        )
    if context_windows and context_windows * classes > WIDEST:
        raise PalisadeError(
            f"a confirmer of {context_windows} windows of {classes} classes is too wide",
            f"lower stream's confirm.context_windows to {WIDEST // classes}",
        )


class Listening(Table):
    """A ``pal_listener`` of ``device/include/palisade/listen.h``, and the time between windows."""

    actions: list[int] = Field(min_length=1, max_length=MOST_ACTIONS)
    thresholds_lsb: list[int]
    confirmed_lsb: list[int] | None
    confirmer: Confirmer | None
    classes: int = Field(ge=2, le=MOST_CLASSES)
    hop_ms: int = Field(ge=1)
    smoothed_windows: int = Field(ge=1, le=LONGEST)
    context_windows: int = Field(ge=1, le=LONGEST)
    refractory_windows: int = Field(ge=0, le=65535)

    @model_validator(mode="after")
    def _fits(self) -> Listening:
        lists = [self.thresholds_lsb, *([self.confirmed_lsb] if self.confirmed_lsb else [])]
        if any(len(one) != len(self.actions) for one in lists):
            raise ValueError("thresholds must be one an action")
        if (self.confirmer is None) != (self.confirmed_lsb is None):
            raise ValueError("a confirmer goes with thresholds of its own")
        if not all(0 <= one < self.classes for one in self.actions):
            raise ValueError("actions must be classes")
        if self.smoothed_windows > self.context_windows:
            raise ValueError("context_windows must be at least smoothed_windows")
        if self.confirmer and (self.confirmer.context, self.confirmer.classes) != (
            self.context_windows,
            self.classes,
        ):
            raise ValueError("the confirmer must see context_windows of classes")
        if self.confirmer and self.confirmer.output.outputs != len(self.actions) + 1:
            raise ValueError("the confirmer must have an output an action, and one for none")
        return self

    @classmethod
    def read(cls, path: Path) -> Listening:
        """From a file.

        Raises:
            PalisadeError: It is not there, or holds something else.
        """
        advice = "run `dvc repro`, which makes it"
        try:
            content = json.loads(path.read_bytes())
        except OSError as error:
            raise PalisadeError(f"{path} cannot be read ({error.strerror})", advice) from error
        except (ValueError, RecursionError) as error:
            raise PalisadeError(f"{path} is no JSON ({error})", advice) from error
        return checked(cls, content, str(path))

    @property
    def table_bytes(self) -> int:
        """Of its arrays in flash, without structs."""
        numbers = len(self.actions) * (1 + 2)
        if self.confirmer:
            numbers += 2 * len(self.actions)
            layers = (self.confirmer.hidden, self.confirmer.output)
            numbers += sum(one.weights.nbytes + one.biases.nbytes for one in layers)
        return numbers

    def write(self, path: Path) -> None:
        """To a file, whole or not at all."""
        files.write_json(path, self.model_dump())
