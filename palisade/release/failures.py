"""Why a release is refused: one class a reason, each with an exit status of its own.

Scripts act on these statuses, so a status never changes its meaning; a new reason takes a new
number. Statuses 0, 1 and 2 are success, any other failure, and wrong arguments.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from palisade.errors import PalisadeError


class ReleaseError(PalisadeError):
    """A release, its signature, or what should be trusted about it is not as it must be.

    Attributes:
        status: the exit status of a command that ends with it.
        meaning: what the status stands for, as ``--help`` lists it.
    """

    status: ClassVar[int]
    meaning: ClassVar[str]


class ChangedFile(ReleaseError):
    """A file's content is not what was signed."""

    status = 10
    meaning = "a file was changed after signing"


class MissingFile(ReleaseError):
    """A signed file is not there."""

    status = 11
    meaning = "a signed file is missing (or was renamed)"


class UnsignedFile(ReleaseError):
    """A file is there that the signature does not cover."""

    status = 12
    meaning = "a file was added after signing"


class UnsafePath(ReleaseError):
    """Something other than a plain file, or a path that leads out of the release."""

    status = 13
    meaning = "a symbolic link, a special file, or a path out of the release"


class NotSigned(ReleaseError):
    """There is no signature."""

    status = 14
    meaning = "there is no signature"


class MalformedSignature(ReleaseError):
    """The signature is not a Sigstore bundle made in key mode over a folder."""

    status = 15
    meaning = "the signature cannot be read, or is of another kind"


class WrongKey(ReleaseError):
    """The signature says that another key made it."""

    status = 16
    meaning = "another key made the signature"


class ForgedSignature(ReleaseError):
    """The signature names the right key, which did not sign this statement."""

    status = 17
    meaning = "the signature was edited: its key did not sign what it says"


class NotTrusted(ReleaseError):
    """The policy does not accept this signature."""

    status = 18
    meaning = "the policy does not trust the signature"


class BadPolicy(ReleaseError):
    """The policy itself cannot be used."""

    status = 19
    meaning = "the policy is missing or wrong"


class BadKey(ReleaseError):
    """A key file is missing, unsafe, or no key that can be used."""

    status = 20
    meaning = "a key file is missing, unsafe, or not a key of the kind asked for"


class BadManifest(ReleaseError):
    """The manifest is missing, malformed, or does not describe this release."""

    status = 21
    meaning = "manifest.json is missing or does not describe the release"


def kinds() -> Iterator[type[ReleaseError]]:
    """Every reason, in the order of its status."""
    return iter(sorted(ReleaseError.__subclasses__(), key=lambda kind: kind.status))
