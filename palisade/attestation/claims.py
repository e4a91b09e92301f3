"""What a token claims: an EAT profile of a few claims, each of which has to be there.

References:
    RFC 9711, The Entity Attestation Token (nonce, UEID, profile, software name).
    RFC 9783, Arm's PSA attestation token (implementation id, software components).
    RFC 8392 (claim keys below -65536 are for private use).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from palisade.attestation.failures import MalformedToken
from palisade.errors import PalisadeError
from palisade.stage import Params, checked

PROFILE: Final = "tag:palisade.example,2026:model-attestation/1"
KEYS = {
    "nonce": 10,
    "ueid": 256,
    "profile": 265,
    "task": 270,  # the software's name
    "implementation_id": 2396,
    "components": 2399,
    "security_counter": -75001,
    "simulated": -75002,
}
COMPONENT_KEYS = {"kind": 1, "sha256": 2, "version": 4, "signer_id": 5, "description": 6}
UEID_TYPE = 0x01  # RAND, RFC 9711 section 4.2.1
UEID_BYTES = 33

Digest = Annotated[bytes, Field(min_length=32, max_length=32)]


class Component(Params):
    """One part of what runs, as the device measured it."""

    kind: Literal["model", "guard", "labels"]
    sha256: Digest = Field(description="of the bytes in the memory that is executed")
    version: str = Field(max_length=32, description="of the image")
    signer_id: Digest = Field(description="SHA-256 of the public key that signed the image")
    description: Literal["sha-256"]


class Claims(Params):
    """All of them."""

    nonce: Digest
    ueid: bytes = Field(min_length=UEID_BYTES, max_length=UEID_BYTES)
    profile: Literal["tag:palisade.example,2026:model-attestation/1"]
    task: str = Field(max_length=15)
    implementation_id: Digest = Field(description="of the firmware around the model")
    components: list[Component] = Field(min_length=3, max_length=3)
    security_counter: int = Field(ge=0, lt=2**32)
    simulated: bool | None = Field(
        default=None, description="whether there is no hardware root of trust behind the token"
    )


def to_map(claims: Claims) -> dict[int, Any]:
    """The claims by their keys, for CBOR."""
    content = {KEYS[name]: value for name, value in claims.model_dump(exclude_none=True).items()}
    content[KEYS["components"]] = [
        {COMPONENT_KEYS[name]: value for name, value in one.model_dump().items()}
        for one in claims.components
    ]
    return content


def from_map(content: Any) -> Claims:
    """Claims from what CBOR held.

    Raises:
        MalformedToken: They are not this profile's.
    """
    try:
        named = _named(content, KEYS)
        components = named.get("components")
        if isinstance(components, list):
            named["components"] = [_named(one, COMPONENT_KEYS) for one in components]
        return checked(Claims, named, "the token")
    except PalisadeError as error:
        raise MalformedToken(error.problem, "the device has to use this profile") from error


def _named(content: Any, keys: Mapping[str, int]) -> dict[str, Any]:
    names = {key: name for name, key in keys.items()}
    if not isinstance(content, dict):
        raise PalisadeError("the token's claims are no map", "make it one")
    if unknown := sorted(set(content) - set(names)):
        raise PalisadeError(f"the token has the claim {unknown[0]}", "leave it out")
    return {names[key]: value for key, value in content.items()}
