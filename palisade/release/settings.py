"""What a team decides about a release: its version, its licence, and what figures it wants."""

from __future__ import annotations

from pydantic import Field

from palisade.errors import PalisadeError
from palisade.release.version import Counter, Version
from palisade.stage import Params


class Corpus(Params):
    """The licence of recordings of a team's own."""

    corpus: str = Field(description="a folder that `tasks` in params.yaml names")
    licence: str = Field(min_length=1, description="SPDX identifier or expression, or a name")


class Targets(Params):
    """What is wanted of a task's model; the checklist holds its figures against it."""

    clean_accuracy: float = Field(ge=0, le=1, description="least accuracy on clean test inputs")
    worst_case_accuracy: float = Field(
        ge=0, le=1, description="least worst-case accuracy at the reference budget"
    )
    ood_auroc: float = Field(
        ge=0, le=1, description="least AUROC of the guard on the worst kind of unfamiliar input"
    )
    stream_false_accepts_per_hour: float | None = Field(
        default=None, ge=0, description="most of them; for a task with a stream"
    )
    stream_false_reject_rate: float | None = Field(
        default=None, ge=0, le=1, description="most of the commands in a stream that are missed"
    )


class Door(Params):
    """What is wanted of the decision that the tasks make together."""

    false_accept_rate: float = Field(ge=0, le=1, description="most, with every sensor in order")
    false_reject_rate: float = Field(ge=0, le=1, description="most, with every sensor in order")
    controlled_false_accept_rate: float = Field(
        ge=0, le=1, description="most, with any one sensor in the attacker's hands"
    )


class Settings(Params):
    """The section ``package``."""

    version: Version = Field(description="of the release, MAJOR.MINOR.PATCH")
    security_counter: Counter = Field(description="goes up when older releases must run no more")
    firmware_version: Version = Field(description="the least firmware that the models run on")
    licence: str = Field(
        min_length=1, description="SPDX identifier, of models, guards, library and drawn corpora"
    )
    data_licences: list[Corpus] = Field(description="of corpora of your own; may be empty")
    door: Door
    targets: dict[str, Targets] = Field(description="by task")

    def licence_of(self, corpus: str) -> str | None:
        """The licence of a team's own corpus, or None where nobody has stated one."""
        stated = {one.corpus: one.licence for one in self.data_licences}
        return stated.get(corpus)

    def check_targets(self, tasks: list[str]) -> None:
        """See that each task has its targets.

        Raises:
            PalisadeError: One has none.
        """
        for task in tasks:
            if task not in self.targets:
                raise PalisadeError(
                    f"params.yaml: package.targets.{task} is missing",
                    f"add it, with {', '.join(Targets.model_fields)}",
                )
