"""What is signed: in-toto statements v1 about a release.

References:
    in-toto statement v1: https://github.com/in-toto/attestation/tree/main/spec/v1
    OpenSSF Model Signing v1.0: https://github.com/ossf/model-signing-spec
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError

from palisade.release import bundle, contents
from palisade.release.reading import canonical_json, strict_json

TYPE = "https://in-toto.io/Statement/v1"
MODEL_SIGNING = "https://model_signing/signature/v1.0"
_HEX = "^[0-9a-f]{64}$"


class _Serialization(BaseModel, extra="forbid"):
    """How the folder was read. It is closed: ``ignore_paths`` would leave files unsigned."""

    method: Literal["files"]
    hash_type: Literal["sha256"]
    allow_symlinks: Literal[False]


class _Resource(BaseModel):
    name: str
    algorithm: Literal["sha256"]
    digest: str = Field(pattern=_HEX)


class _Predicate(BaseModel):
    resources: list[_Resource] = Field(min_length=1)
    serialization: _Serialization


class Digest(BaseModel, extra="forbid"):
    """A subject's digest: SHA-256 and no weaker one beside it."""

    sha256: str = Field(pattern=_HEX)


class Subject(BaseModel, extra="forbid"):
    """A file, or a whole folder, that a statement is about."""

    name: str
    digest: Digest


class _ModelSigning(BaseModel):
    type: Literal["https://in-toto.io/Statement/v1"] = Field(alias="_type")
    predicate_type: Literal["https://model_signing/signature/v1.0"] = Field(alias="predicateType")
    subject: list[Subject] = Field(min_length=1, max_length=1)
    predicate: _Predicate


def of_folder(name: str, digests: Mapping[str, str]) -> bytes:
    """The statement of OpenSSF Model Signing v1.0 about a folder.

    Args:
        name: the folder's.
        digests: the SHA-256 of every file, by its path relative to the folder.
    """
    resources = [
        {"name": path, "algorithm": "sha256", "digest": digest}
        for path, digest in sorted(digests.items())
    ]
    serialization = {"method": "files", "hash_type": "sha256", "allow_symlinks": False}
    return about(
        {name: _root(list(dict(sorted(digests.items())).values()))},
        MODEL_SIGNING,
        {"resources": resources, "serialization": serialization},
    )


def about(subjects: Mapping[str, str], predicate_type: str, predicate: Mapping[str, Any]) -> bytes:
    """A statement about files, by name and SHA-256, as canonical JSON."""
    return canonical_json(
        {
            "_type": TYPE,
            "subject": [
                {"name": name, "digest": {"sha256": digest}}
                for name, digest in sorted(subjects.items())
            ],
            "predicateType": predicate_type,
            "predicate": predicate,
        }
    )


def signed_digests(payload: bytes, path: Path) -> dict[str, str]:
    """The SHA-256 of each file, by its path, that the statement of a folder lists.

    Args:
        payload: the statement, of which the signature was checked.
        path: the bundle's, for messages.

    Raises:
        MalformedSignature: The statement is of another kind.
        UnsafePath: It lists a path that leads out of the release.
    """
    try:
        parsed = _ModelSigning.model_validate(strict_json(payload), strict=True)
    except ValidationError as error:
        raise bundle.malformed(path, bundle.first(error)) from error
    except ValueError as error:
        raise bundle.malformed(path, str(error)) from error
    resources = parsed.predicate.resources
    for resource in resources:
        contents.check_inside(resource.name)
    signed = {resource.name: resource.digest for resource in resources}
    if len(signed) != len(resources):
        raise bundle.malformed(path, "it lists a file twice")
    if parsed.subject[0].digest.sha256 != _root([resource.digest for resource in resources]):
        raise bundle.malformed(path, "its subject is not what it lists")
    return signed


def _root(digests: list[str]) -> str:
    """The digest of a folder: SHA-256 over its files' digests, in the order that is listed."""
    return hashlib.sha256(b"".join(bytes.fromhex(digest) for digest in digests)).hexdigest()
