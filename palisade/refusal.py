"""Refusals: errors with an exit status of their own, which scripts act on.

A status never changes its meaning, and a new reason takes a new number. They are apart by subject:
10 to 39 releases, 40 to 59 images and updates, 60 to 79 attestation, 80 to 125 other commands.
"""

from __future__ import annotations

from typing import ClassVar

from palisade.errors import PalisadeError


class Refusal(PalisadeError):
    """Something is not as it must be; each subclass is one reason.

    Attributes:
        status: the exit status of a command that ends with it.
        meaning: what the status stands for, as ``--help`` lists it.
    """

    status: ClassVar[int]
    meaning: ClassVar[str]


def by_status(*kinds: type[Refusal]) -> dict[int, str]:
    """What statuses mean, in their order."""
    return {kind.status: kind.meaning for kind in sorted(kinds, key=lambda kind: kind.status)}
