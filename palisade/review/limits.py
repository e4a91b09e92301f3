"""gate.yaml: how much worse each figure may get."""

from __future__ import annotations

import fnmatch
from pathlib import Path
from statistics import NormalDist
from typing import Literal

from pydantic import Field, field_validator, model_validator

from palisade import stage

FILE = Path("gate.yaml")


class Limit(stage.Params):
    """What some figures may lose."""

    figures: list[str] = Field(
        min_length=1, description="patterns of `<file below metrics/>: <key>`; * is any text"
    )
    better: Literal["higher", "lower"] = Field(description="which way a figure gets better")
    allowed: float | None = Field(default=None, ge=0, description="how much worse it may get")
    allowed_percent: float | None = Field(
        default=None, ge=0, description="the same, as a share of the base's figure, %"
    )
    seed_sd: float = Field(
        default=0.0, ge=0, description="standard deviation over training seeds, on the same data"
    )
    measured_on: Literal["examples", "events", "nothing"] = Field(
        description="what must be the same to compare: the task's test examples, the door's test "
        "events, or, for costs, nothing"
    )
    settings: list[str] = Field(
        default=[],
        description="patterns of params that must be the same to compare; {task} is the task",
    )
    named_by: list[str] = Field(
        default=[],
        description="patterns of params that say which figures there are: where one changed, a "
        "figure that is gone is not missing",
    )

    @field_validator("figures")
    @classmethod
    def _name_a_file(cls, patterns: list[str]) -> list[str]:
        if not all(": " in pattern for pattern in patterns):
            raise ValueError("write each as `<file below metrics/>: <key>`")
        return patterns

    @field_validator("settings", "named_by")
    @classmethod
    def _name_params(cls, patterns: list[str]) -> list[str]:
        for pattern in patterns:
            try:
                pattern.format(task="voice")
            except (KeyError, IndexError, ValueError) as error:
                raise ValueError(f"{pattern} has braces, and not around task") from error
        return patterns

    @model_validator(mode="after")
    def _one_of_two(self) -> Limit:
        if (self.allowed is None) == (self.allowed_percent is None):
            raise ValueError("give one of allowed and allowed_percent")
        return self

    def covers(self, figure: str) -> bool:
        """Whether a figure, ``motion/evaluate: int8.clean_accuracy``, is one of these."""
        return any(fnmatch.fnmatchcase(figure, pattern) for pattern in self.figures)

    @property
    def stems(self) -> set[str]:
        """The files that the figures are in, by path below metrics/, without ending."""
        return {pattern.partition(": ")[0] for pattern in self.figures}

    def tolerance(self, before: float, level: float) -> float:
        """By how much the figure may be seen to get worse.

        It is what is allowed, and the noise of two trainings on top: the difference of two runs
        whose seeds alone differ has a standard deviation of sqrt(2) times that of one, and
        exceeds so many of them with a probability of ``level``.
        """
        if self.allowed is not None:
            allowed = self.allowed
        else:
            assert self.allowed_percent is not None
            allowed = abs(before) * self.allowed_percent / 100
        deviations = NormalDist().inv_cdf(1 - level)
        return float(allowed + deviations * 2**0.5 * self.seed_sd)


class Gate(stage.Params):
    """The whole file."""

    level: float = Field(
        gt=0, lt=0.5, description="of McNemar's exact test, and of the noise of seeds"
    )
    when_not_comparable: Literal["pass", "fail"] = Field(
        description="where a limit covers figures of which none can be compared"
    )
    limits: dict[str, Limit] = Field(min_length=1, description="by name; the first that covers")

    def limit_of(self, figure: str) -> tuple[str, Limit] | None:
        """The first limit that covers a figure, with its name."""
        found = ((name, one) for name, one in self.limits.items() if one.covers(figure))
        return next(found, None)


def read(path: Path) -> Gate:
    """Read gate.yaml.

    Raises:
        PalisadeError: It is not there, or a key is missing, unknown or out of range.
    """
    return stage.checked(Gate, stage.read_yaml(path), str(path))
