"""The file that carries a signature: a Sigstore bundle v0.3 around an in-toto statement.

In mode ``key`` it names an EC key; in mode ``keyless`` it holds a short-lived certificate that
names an identity, and its entry in a transparency log. Nothing read here is to be believed
before the envelope's signature was checked.

References:
    Sigstore bundle format: https://docs.sigstore.dev/about/bundle/
    DSSE v1.0: https://github.com/secure-systems-lab/dsse
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, ValidationError, model_validator

from palisade.release.contents import shown
from palisade.release.failures import MalformedSignature, NotSigned
from palisade.release.reading import bounded, strict_json

LARGEST_BYTES = 4 * 1024 * 1024
LONGEST_REASON = 200

Mode = Literal["key", "keyless"]


def _strictly(text: str) -> str:
    base64.b64decode(text, validate=True)
    return text


_Base64 = Annotated[str, AfterValidator(_strictly)]


class _PublicKey(BaseModel):
    hint: str


class _Certificate(BaseModel):
    raw_bytes: _Base64 = Field(alias="rawBytes")


class _Material(BaseModel):
    public_key: _PublicKey | None = Field(default=None, alias="publicKey")
    certificate: _Certificate | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> _Material:
        if (self.public_key is None) == (self.certificate is None):
            raise ValueError("neither a key nor a certificate, or both")
        return self


class _Signature(BaseModel):
    sig: _Base64


class _Envelope(BaseModel):
    payload: _Base64
    payload_type: Literal["application/vnd.in-toto+json"] = Field(alias="payloadType")
    signatures: list[_Signature] = Field(min_length=1, max_length=1)


class _Content(BaseModel):
    media_type: Literal["application/vnd.dev.sigstore.bundle.v0.3+json"] = Field(alias="mediaType")
    material: _Material = Field(alias="verificationMaterial")
    envelope: _Envelope = Field(alias="dsseEnvelope")


@dataclass(frozen=True)
class Bundle:
    """What a bundle claims.

    Attributes:
        path: where it was read.
        content: all of its bytes.
        hint: the key that it names (``key.hint``); None in mode ``keyless``.
        payload: the statement's bytes.
        signature: the signature's bytes.
    """

    path: Path
    content: bytes
    hint: str | None
    payload: bytes
    signature: bytes

    @property
    def mode(self) -> Mode:
        """The way of signing that it claims."""
        return "keyless" if self.hint is None else "key"

    def __str__(self) -> str:
        """Its path, safe to print."""
        return shown(str(self.path))


def read(path: Path) -> Bundle:
    """Read a bundle, without believing any of it.

    Raises:
        NotSigned: It is not there.
        MalformedSignature: It is no Sigstore bundle v0.3 around a statement.
    """
    try:
        content = bounded(path, limit_bytes=LARGEST_BYTES)
        parsed = _Content.model_validate(strict_json(content), strict=True)
    except FileNotFoundError:
        raise NotSigned(
            f"there is no signature at {shown(str(path))}",
            "get it from where the release was made",
        ) from None
    except OSError as error:
        raise malformed(path, str(error.strerror)) from error
    except ValidationError as error:
        raise malformed(path, first(error)) from error
    except ValueError as error:
        raise malformed(path, str(error)) from error
    named = parsed.material.public_key
    return Bundle(
        path=path,
        content=content,
        hint=None if named is None else named.hint,
        payload=base64.b64decode(parsed.envelope.payload),
        signature=base64.b64decode(parsed.envelope.signatures[0].sig),
    )


def malformed(path: Path, reason: str) -> MalformedSignature:
    """The refusal of a bundle that cannot be read or is of another kind."""
    brief = shown(" ".join(reason.split())[:LONGEST_REASON])  # may quote the file
    return MalformedSignature(
        f"{shown(str(path))} is not a signature of the kind that it should be ({brief})",
        "get the signature again from where the release was made",
    )


def first(error: ValidationError) -> str:
    """The first of what a model found wrong: its place and why."""
    detail = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in detail["loc"])
    return f"{place}: {detail['msg']}" if place else detail["msg"]
