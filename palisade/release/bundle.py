"""The bundle that carries a signature: a Sigstore bundle v0.3 made in key mode.

References:
    Sigstore bundle format: https://docs.sigstore.dev/about/bundle/
    DSSE v1.0: https://github.com/secure-systems-lab/dsse
    in-toto statement v1: https://github.com/in-toto/attestation/tree/main/spec/v1
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from palisade.release import contents, key
from palisade.release.failures import MalformedSignature, NotSigned
from palisade.release.reading import bounded

LARGEST_BYTES = 4 * 1024 * 1024
LONGEST_REASON = 200


def _strictly(text: str) -> str:
    base64.b64decode(text, validate=True)
    return text


_Base64 = Annotated[str, AfterValidator(_strictly)]


class _PublicKey(BaseModel):
    hint: str


class _Material(BaseModel):
    public_key: _PublicKey = Field(alias="publicKey")


class _Signature(BaseModel):
    sig: _Base64


class _Envelope(BaseModel):
    payload: _Base64
    payload_type: Literal["application/vnd.in-toto+json"] = Field(alias="payloadType")
    signatures: list[_Signature] = Field(min_length=1, max_length=1)


class Bundle(BaseModel):
    """What is read of a Sigstore bundle v0.3 in key mode."""

    media_type: Literal["application/vnd.dev.sigstore.bundle.v0.3+json"] = Field(alias="mediaType")
    material: _Material = Field(alias="verificationMaterial")
    envelope: _Envelope = Field(alias="dsseEnvelope")


class _Serialization(BaseModel, extra="forbid"):
    """How the folder was read. It is closed: ``ignore_paths`` would leave files unsigned."""

    method: Literal["files"]
    hash_type: Literal["sha256"]
    allow_symlinks: Literal[False]


class _Resource(BaseModel):
    name: str
    algorithm: Literal["sha256"]
    digest: str


class _Predicate(BaseModel):
    resources: list[_Resource] = Field(min_length=1)
    serialization: _Serialization


class _Statement(BaseModel):
    """What is read of an in-toto statement v1 by OpenSSF Model Signing v1.0."""

    type: Literal["https://in-toto.io/Statement/v1"] = Field(alias="_type")
    predicate_type: Literal["https://model_signing/signature/v1.0"] = Field(alias="predicateType")
    predicate: _Predicate


def hint(public: key.PublicKey) -> str:
    """How a bundle of OpenSSF Model Signing names its key: the SHA-256 of the PEM."""
    return hashlib.sha256(key.public_pem(public)).hexdigest()


def read(path: Path) -> Bundle:
    """Read a bundle, without believing any of it.

    Raises:
        NotSigned: It is not there.
        MalformedSignature: It is no Sigstore bundle v0.3 in key mode.
    """
    try:
        content = bounded(path, limit_bytes=LARGEST_BYTES)
    except FileNotFoundError:
        raise NotSigned(
            f"there is no signature at {contents.shown(str(path))}",
            "get it from where the release was made",
        ) from None
    except OSError as error:
        raise malformed(path, str(error.strerror)) from error
    try:
        return Bundle.model_validate_json(content, strict=True)
    except ValidationError as error:
        raise malformed(path, _first(error)) from error


def signed_digests(bundle: Bundle, path: Path) -> dict[str, str]:
    """The SHA-256 of each file, by its path, that a bundle's statement lists.

    To be believed only once the envelope's signature was checked.

    Raises:
        MalformedSignature: The statement is of another kind.
        UnsafePath: It lists a path that leads out of the release.
    """
    payload = base64.b64decode(bundle.envelope.payload)
    try:
        statement = _Statement.model_validate_json(payload, strict=True)
    except ValidationError as error:
        raise malformed(path, _first(error)) from error
    resources = statement.predicate.resources
    for resource in resources:
        contents.check_inside(resource.name)
    signed = {resource.name: resource.digest for resource in resources}
    if len(signed) != len(resources):
        raise malformed(path, "it lists a file twice")
    return signed


def malformed(path: Path, reason: str) -> MalformedSignature:
    """The refusal of a bundle that cannot be read or is of another kind."""
    brief = contents.shown(" ".join(reason.split())[:LONGEST_REASON])  # may quote the file
    return MalformedSignature(
        f"{contents.shown(str(path))} is not a signature of a release in key mode ({brief})",
        "get the signature again from where the release was made",
    )


def _first(error: ValidationError) -> str:
    detail = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in detail["loc"])
    return f"{place}: {detail['msg']}" if place else detail["msg"]
