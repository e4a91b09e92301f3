"""A line of the checklist: what it asks, of which figure, held against which limit.

Figures and limits are places in the release (see palisade/release/evidence.py), so a line passes
by what the pipeline wrote and never by hand. A figure or limit that is missing is a fail.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Relation = Literal["<=", ">=", "<", ">", "is", "is not", "is there", "as checked"]

# Where a release holds what a team aims at for a task, and the policy of the door.
TARGET = "/params/package/targets/TASK"
DOOR = "/fusion/policy"


@dataclass(frozen=True)
class Rule:
    """One line, for each task or for the release.

    Attributes:
        name: unique.
        claim: what passes, as a sentence.
        figure: the place of what is held against the limit.
        relation: how; ``is there`` asks for the figure alone, whatever it is, and ``as checked``
            for a check of that name, whose relation and limit count.
        limit: the limit's place, or the limit itself.
        wanted_by: the place of a setting; without it the line is not asked for.
        absent: what it means that the figure is missing.
        required: whether the release gate refuses a release that fails it. So it is with lines
            without which figures cannot be believed or the model is not one that this project
            stands for. What a team chooses (a defence that may be off), what it wishes (its
            targets) and what it could also have measured is shown as failed, and blocks nothing.
    """

    name: str
    claim: str
    figure: str
    relation: Relation = "is there"
    limit: str | float | bool | None = None
    wanted_by: str = ""
    absent: str = "not evaluated"
    required: bool = False


@dataclass(frozen=True)
class Finding:
    """One line that ``python -m palisade verify`` decides once the release is signed.

    Attributes:
        name: by which it knows the finding.
        claim: what it must find.
        where: the place of what it is about; without it the line is not asked for.
    """

    name: str
    claim: str
    where: str = ""


@dataclass(frozen=True)
class Section:
    """Lines on one subject, in their order.

    Attributes:
        title: what the checklist calls it.
        of_task: asked of each task.
        of_release: asked of the release as a whole.
        of_delivery: decided by ``python -m palisade verify``.
    """

    title: str
    of_task: tuple[Rule, ...] = ()
    of_release: tuple[Rule, ...] = ()
    of_delivery: tuple[Finding, ...] = ()


def check(name: str, claim: str) -> Rule:
    """A line that passes with a check on the measurement itself."""
    return Rule(name, claim, f"checks/{name}", "as checked", required=True)
