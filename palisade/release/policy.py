"""The policy of whoever runs a release: which signatures confer trust.

It is the only source of what to trust. Neither the release nor its signature has a say.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from palisade.errors import PalisadeError
from palisade.release import key
from palisade.release.contents import shown
from palisade.release.failures import BadKey, BadPolicy
from palisade.stage import Params, checked, read_yaml

Mode = Literal["key"]


class TrustedKey(Params):
    """A key whose signatures are trusted."""

    fingerprint: str = Field(
        pattern="^sha256:[0-9a-f]{64}$",
        description="SHA-256 of its SubjectPublicKeyInfo, as `keys new` and `verify` print it",
    )
    public_key: str = Field(description="its PEM file, relative to the policy's folder")


class Content(Params):
    """The policy file."""

    schema_version: Literal[1]
    accepted_modes: list[Mode] = Field(description="ways of signing that are accepted at all")
    keys: list[TrustedKey] = Field(description="keys whose signatures are trusted, in mode key")


@dataclass(frozen=True)
class Policy:
    """A policy whose key files were read and are the keys that it names.

    Attributes:
        path: the policy file.
        accepted_modes: ways of signing that are accepted at all.
        keys: each trusted key's file and the key.
    """

    path: Path
    accepted_modes: frozenset[Mode]
    keys: tuple[tuple[Path, key.PublicKey], ...]


def load(path: Path) -> Policy:
    """Read a policy and the keys that it names.

    Raises:
        BadPolicy: It is missing or malformed, or a key file is not the key that it names.
    """
    name = shown(str(path))
    try:
        content = checked(Content, read_yaml(path), name)
    except PalisadeError as error:
        raise BadPolicy(error.problem, error.advice) from error
    except (OSError, ValueError) as error:
        raise BadPolicy(f"{name} cannot be read ({error})", "name a policy file") from error
    keys = tuple(_load_key(path, trusted) for trusted in content.keys)
    return Policy(path=path, accepted_modes=frozenset(content.accepted_modes), keys=keys)


def _load_key(policy: Path, trusted: TrustedKey) -> tuple[Path, key.PublicKey]:
    folder = policy.parent.resolve()
    file = folder / trusted.public_key
    if not file.resolve().is_relative_to(folder):
        raise BadPolicy(
            f"{policy} names the key {trusted.public_key!r}", "keep it in the policy's folder"
        )
    try:
        public = key.load_public(file)
    except BadKey as error:
        raise BadPolicy(f"{policy}: {error.problem}", error.advice) from error
    if key.fingerprint(public) != trusted.fingerprint:
        raise BadPolicy(
            f"{policy} gives {trusted.public_key} the fingerprint {trusted.fingerprint}, "
            f"but it is {key.fingerprint(public)}",
            "find out which of the two is right before you trust it",
        )
    return policy.parent / trusted.public_key, public
