"""An MCUboot image, read and verified: always with the key, and closed to what no image here has.

::

    header 32 bytes, padded to header_bytes | payload | protected TLVs | TLVs

The digest is over all but the last part; Ed25519 signs the digest, as imgtool does for MCUboot.

References:
    MCUboot, image format: https://docs.mcuboot.com/design.html#image-format
    RFC 8032 (Ed25519).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature

from palisade.boot import key
from palisade.boot.failures import (
    BadImageSignature,
    BadMagic,
    CounterTooLow,
    HashMismatch,
    MalformedImage,
    MissingProtectedTlv,
    TrailingBytes,
    Truncated,
    WrongImageKey,
)

MAGIC = 0x96F3B83D
HEADER = struct.Struct("<IIHHIIBBHI4x")  # of struct image_header
NON_BOOTABLE = 0x10
INFO = struct.Struct("<HH")  # magic, bytes of the area with this
PROTECTED_MAGIC, PLAIN_MAGIC = 0x6908, 0x6907
ENTRY = struct.Struct("<HH")  # type, bytes
KEY_HASH, SHA256, ED25519 = 0x01, 0x10, 0x24
DEPENDENCY, COUNTER, BOOT_RECORD = 0x40, 0x50, 0x60
MANIFEST = 0x00A0  # the first that MCUboot leaves to vendors
PLAIN = {KEY_HASH: 32, SHA256: 32, ED25519: 64}
REQUIRED = {COUNTER: 4, DEPENDENCY: 12, MANIFEST: 32}
NAMES = {COUNTER: "the security counter", DEPENDENCY: "the firmware", MANIFEST: "the manifest"}
_AGAIN = "do not use it; get the image again from where the release was made"


@dataclass(frozen=True)
class Image:
    """A verified image.

    Attributes:
        version: ``major.minor.patch``, and ``+build`` unless that is 0.
        payload: what the device maps.
        security_counter: what the device never goes below again once it confirmed the image.
        needs_image, needs_version: the image number of the firmware, and its least version.
        manifest_sha256: of ``model-manifest.json``, 32 bytes.
        signer: ``key.digest`` of its key.
        total_bytes: of the whole image.
    """

    version: str
    payload: bytes
    security_counter: int
    needs_image: int
    needs_version: str
    manifest_sha256: bytes
    signer: bytes
    total_bytes: int


@dataclass(frozen=True)
class _Layout:
    version: str
    payload: slice
    protected: slice  # empty where there is none
    plain: slice


def verify(content: bytes, public_key: key.PublicKey, *, least_counter: int = 0) -> Image:
    """Check an image against a key and a counter.

    Args:
        content: the whole file, not a byte more.
        public_key: whose signature is believed.
        least_counter: images with a lower security counter are refused.

    Raises:
        ImageError: It does not hold; the class says why.
    """
    layout = _layout(content)
    if layout.plain.stop != len(content):
        raise TrailingBytes(f"{len(content) - layout.plain.stop} bytes follow the image", _AGAIN)
    _authentic(content, layout, public_key)
    # From here on all but the last TLVs, of which nothing more is read, is what the key signed.
    protected = _entries(content, layout.protected)
    _check_protected(protected)
    counter = int.from_bytes(protected[COUNTER], "little")
    if counter < least_counter:
        raise CounterTooLow(
            f"the image's security counter is {counter}, and {least_counter} is the least",
            "it is a downgrade; get a newer image",
        )
    needs_image, *needs = struct.unpack("<B3xBBHI", protected[DEPENDENCY])
    return Image(
        version=layout.version,
        payload=content[layout.payload],
        security_counter=counter,
        needs_image=needs_image,
        needs_version=_version(*needs),
        manifest_sha256=protected[MANIFEST],
        signer=key.digest(public_key),
        total_bytes=len(content),
    )


def total_bytes(slot: bytes) -> int:
    """How long the image is that a slot begins with, by its own lengths, which nobody vouches for.

    Raises:
        ImageError: There is none, or it does not fit.
    """
    return int(_layout(slot).plain.stop)


def _layout(content: bytes) -> _Layout:
    if content[:4] != MAGIC.to_bytes(4, "little")[: len(content)]:
        raise BadMagic("it is no MCUboot image", _AGAIN)
    if len(content) < HEADER.size:
        raise Truncated(f"the image ends after {len(content)} bytes", _AGAIN)
    _, load, header_bytes, protected_bytes, payload_bytes, flags, *version = HEADER.unpack_from(
        content
    )
    if header_bytes < HEADER.size or load != 0 or flags != NON_BOOTABLE:
        raise MalformedImage("the image's header is not that of a model", _AGAIN)
    start = header_bytes + payload_bytes
    protected = _area(content, start, PROTECTED_MAGIC) if protected_bytes else slice(start, start)
    if protected.stop - protected.start != protected_bytes:
        raise MalformedImage("the image's lengths contradict each other", _AGAIN)
    return _Layout(
        version=_version(*version),
        payload=slice(header_bytes, start),
        protected=protected,
        plain=_area(content, protected.stop, PLAIN_MAGIC),
    )


def _area(content: bytes, start: int, magic: int) -> slice:
    if start + INFO.size > len(content):
        raise Truncated(f"the image ends after {len(content)} bytes", _AGAIN)
    found, area_bytes = INFO.unpack_from(content, start)
    if found != magic or area_bytes < INFO.size:
        raise MalformedImage(
            f"there are no TLVs where the image's lengths say so ({start})", _AGAIN
        )
    if start + area_bytes > len(content):
        raise Truncated(f"the image ends after {len(content)} bytes", _AGAIN)
    return slice(start, start + area_bytes)


def _entries(content: bytes, area: slice) -> dict[int, bytes]:
    """The values of an area's TLVs by type; a type that comes twice could be read in two ways."""
    found: dict[int, bytes] = {}
    at = area.start + INFO.size
    while at < area.stop:
        if at + ENTRY.size > area.stop:
            raise MalformedImage("a TLV runs out of its area", _AGAIN)
        kind, length = ENTRY.unpack_from(content, at)
        at += ENTRY.size
        if at + length > area.stop or kind in found:
            raise MalformedImage(f"the TLV 0x{kind:02x} runs out of its area, or is twice", _AGAIN)
        found[kind] = content[at : at + length]
        at += length
    return found


def _authentic(content: bytes, layout: _Layout, public_key: key.PublicKey) -> None:
    plain = _entries(content, layout.plain)
    if {kind: len(value) for kind, value in plain.items()} != PLAIN:
        raise MalformedImage("the image is not signed by one Ed25519 key over SHA-256", _AGAIN)
    digest = hashlib.sha256(content[: layout.plain.start]).digest()
    if plain[SHA256] != digest:
        raise HashMismatch("the image was changed: its digest does not fit its content", _AGAIN)
    if plain[KEY_HASH] != key.digest(public_key):
        raise WrongImageKey(
            f"the image was signed by the key sha256:{plain[KEY_HASH].hex()}, not by "
            f"{key.fingerprint(public_key)}",
            "get the image and its public key again from one place",
        )
    try:
        public_key.verify(plain[ED25519], digest)
    except InvalidSignature as error:
        raise BadImageSignature("the image's key did not sign it", _AGAIN) from error


def _check_protected(protected: Mapping[int, bytes]) -> None:
    for kind, length in REQUIRED.items():
        if kind not in protected:
            raise MissingProtectedTlv(f"the image does not sign {NAMES[kind]}", _AGAIN)
        if len(protected[kind]) != length:
            raise MalformedImage(f"the TLV 0x{kind:02x} is not {length} bytes", _AGAIN)
    if unknown := sorted(set(protected) - {*REQUIRED, BOOT_RECORD}):
        raise MalformedImage(f"the image has a TLV 0x{unknown[0]:02x}", _AGAIN)


def _version(major: int, minor: int, patch: int, build: int) -> str:
    return f"{major}.{minor}.{patch}" + (f"+{build}" if build else "")
