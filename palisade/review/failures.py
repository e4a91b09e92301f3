"""Why a change is refused: one class a reason, each with an exit status of its own.

Scripts act on these statuses, so a status never changes its meaning; those below 80 are of
releases, images and attestation (``palisade.release.failures`` and its like).
"""

from __future__ import annotations

from typing import ClassVar

from palisade.errors import PalisadeError


class ReviewError(PalisadeError):
    """A change is not as it must be.

    Attributes:
        status: the exit status of a command that ends with it.
        meaning: what the status stands for, as ``--help`` lists it.
    """

    status: ClassVar[int]
    meaning: ClassVar[str]


class Worse(ReviewError):
    """A figure got worse than gate.yaml allows."""

    status = 80
    meaning = "a figure got worse by more than gate.yaml allows"


class MissingFigure(ReviewError):
    """The base has a figure that is no longer there."""

    status = 81
    meaning = "a figure that the base has is missing"


class NothingToCompare(ReviewError):
    """There is no figure at all, or none that can be compared where gate.yaml asks for one."""

    status = 82
    meaning = "no figure can be compared"


class StaleLock(ReviewError):
    """dvc.lock is not of this code, these params and this data."""

    status = 85
    meaning = "dvc.lock is stale"


class NotPushed(ReviewError):
    """The remote lacks data that the revision names."""

    status = 86
    meaning = "the remote lacks some of the data"


class NoRemote(ReviewError):
    """There is no DVC remote, or it cannot be read."""

    status = 87
    meaning = "there is no DVC remote, or it cannot be read"


class BadCorpus(ReviewError):
    """The stage ``prepare`` would stop at this folder."""

    status = 90
    meaning = "`prepare` would stop at this folder"
