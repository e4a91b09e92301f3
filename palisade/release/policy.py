"""The policy of whoever runs a release: which signatures confer trust.

It is the only source of what to trust. Neither the release nor its signature has a say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Generic, Literal, TypeVar

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from pydantic import Field, field_validator, model_validator
from sigstore.models import TrustedRoot

from palisade.boot import key as image_key
from palisade.errors import PalisadeError
from palisade.release import key, trusted_root
from palisade.release.bundle import Mode
from palisade.release.contents import shown
from palisade.release.failures import BadKey, BadPolicy
from palisade.release.reading import bounded
from palisade.release.version import Counter, Version
from palisade.stage import Params, checked, read_yaml

LARGEST_BYTES = 1024 * 1024

Assurance = Literal["development", "release"]


class TrustedKey(Params):
    """A key whose signatures, of releases or of images, are trusted."""

    fingerprint: str = Field(
        pattern="^sha256:[0-9a-f]{64}$",
        description="SHA-256 of its SubjectPublicKeyInfo, as `keys new` and `verify` print it",
    )
    public_key: str = Field(description="its PEM file, relative to the policy's folder")
    assurance: Assurance = Field(description="the release gate takes `release` alone")


class Identity(Params):
    """Someone, or a workflow, whose keyless signatures are trusted."""

    issuer: str = Field(pattern="^https://", description="who vouches for the identity")
    identity: str = Field(min_length=1, description="exactly as the certificate has it")
    repository: str | None = Field(
        description="the source repository in the certificate; null where it has none"
    )

    @field_validator("identity", "issuer", "repository")
    @classmethod
    def _exact(cls, value: str | None) -> str | None:
        if value is not None and (
            "*" in value or not value.isprintable() or value != value.strip()
        ):
            raise ValueError("name it exactly; there are no wildcards")
        return value


class Content(Params):
    """The policy file."""

    schema_version: Literal[2]
    accepted_modes: list[Mode] = Field(description="ways of signing that are accepted at all")
    keys: list[TrustedKey] = Field(description="keys whose signatures are trusted, in mode key")
    identities: list[Identity] = Field(description="who is trusted in mode keyless")
    image_keys: list[TrustedKey] = Field(
        description="Ed25519 keys whose images are trusted: those that bootloaders hold"
    )
    trusted_root: str | None = Field(
        description="what keyless certificates and log entries must lead back to: a file in the "
        "policy's folder, or `sigstore` for the root of the public instance"
    )
    tasks: list[str] | None = Field(
        description="the tasks that a release must be of, no more and no fewer; null for any"
    )
    require_provenance: bool = Field(description="whether a release needs a signed provenance")
    least_version: Version = Field(description="older releases are refused")
    least_security_counter: Counter = Field(description="as the device counts")
    required_lines: list[str] = Field(
        description="lines of the checklist that the release gate asks for beyond those that it "
        "always does, by name, such as `worst_case_accuracy` or `voice.worst_case_accuracy`"
    )
    expires_on: date | None = Field(description="the last day on which the policy holds, in UTC")

    @model_validator(mode="after")
    def _rooted(self) -> Content:
        if "keyless" in self.accepted_modes and self.trusted_root is None:
            raise ValueError("mode keyless needs a trusted_root")
        return self


PublicKey = TypeVar("PublicKey", bound=PublicKeyTypes)


@dataclass(frozen=True)
class Key(Generic[PublicKey]):
    """A trusted key, its file, and what it vouches for."""

    file: Path
    public: PublicKey
    assurance: Assurance


@dataclass(frozen=True)
class Policy:
    """A policy whose key files were read and are the keys that it names.

    Attributes:
        path: the policy file.
        content: what it says.
        keys: the trusted keys of releases.
        image_keys: those of images.
        root: what keyless signatures must lead back to; None where that mode is not accepted.
    """

    path: Path
    content: Content
    keys: tuple[Key[key.PublicKey], ...]
    image_keys: tuple[Key[image_key.PublicKey], ...]
    root: TrustedRoot | None


def load(path: Path) -> Policy:
    """Read a policy, and the keys and the root that it names.

    Raises:
        BadPolicy: It is missing, malformed or has expired, or a file is not what it should be.
    """
    name = shown(str(path))
    try:
        bounded(path, limit_bytes=LARGEST_BYTES)
        content = checked(Content, read_yaml(path), name)
    except PalisadeError as error:
        raise BadPolicy(error.problem, error.advice) from error
    except RecursionError as error:
        raise BadPolicy(f"{name} is nested too deeply", "name a policy file") from error
    except (OSError, ValueError) as error:
        raise BadPolicy(f"{name} cannot be read ({error})", "name a policy file") from error
    if content.expires_on is not None and content.expires_on < datetime.now(UTC).date():
        raise BadPolicy(f"{name} expired on {content.expires_on}", "get the policy that holds now")
    return Policy(
        path=path,
        content=content,
        keys=tuple(_load_key(path, one, key.load_public) for one in content.keys),
        image_keys=tuple(_load_key(path, one, image_key.load_public) for one in content.image_keys),
        root=_load_root(path, content),
    )


def _load_root(path: Path, content: Content) -> TrustedRoot | None:
    if content.trusted_root is None or "keyless" not in content.accepted_modes:
        return None
    if content.trusted_root == trusted_root.PUBLIC:
        return trusted_root.public()
    return trusted_root.load(_inside(path, content.trusted_root), policy=path)


def _load_key(
    policy: Path, trusted: TrustedKey, load_public: Callable[[Path], PublicKey]
) -> Key[PublicKey]:
    file = _inside(policy, trusted.public_key)
    try:
        public = load_public(file)
    except BadKey as error:
        raise BadPolicy(f"{policy}: {error.problem}", error.advice) from error
    if key.fingerprint(public) != trusted.fingerprint:
        raise BadPolicy(
            f"{policy} gives {trusted.public_key} the fingerprint {trusted.fingerprint}, "
            f"but it is {key.fingerprint(public)}",
            "find out which of the two is right before you trust it",
        )
    return Key(policy.parent / trusted.public_key, public, trusted.assurance)


def _inside(policy: Path, name: str) -> Path:
    folder = policy.parent.resolve()
    file = folder / name
    if not file.resolve().is_relative_to(folder):
        raise BadPolicy(f"{policy} names the file {name!r}", "keep it in the policy's folder")
    return file
