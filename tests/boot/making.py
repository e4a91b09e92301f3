"""Toy releases, and images assembled here byte by byte, good ones and every kind of bad one."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from palisade.boot import guard_tables, image, key, model_manifest, payload, released
from palisade.guard import tables
from palisade.release.version import numbers as version_numbers
from tests.guard import drawn

LABELS = ["lock", "unlock", "silence"]
VERSION, COUNTER, FIRMWARE = "1.2.3", 5, "1.4.0"


def release(folder: Path, *tasks: str, counter: int = COUNTER, version: str = VERSION) -> Path:
    """A folder with what ``released.write`` takes, and what it makes of it."""
    for task in tasks:
        (folder / task).mkdir(parents=True)
        guard = drawn.guard(np.random.default_rng(len(task)))
        tables.write(folder / task / "guard.json", guard)
        labels = [f"label {n}" for n in range(guard.classes)]
        (folder / task / "labels.txt").write_text("".join(f"{label}\n" for label in labels))
        (folder / task / "model.tflite").write_bytes(f"TFL3 {task} {version}".encode() * 9)
    released.write(
        folder, tasks=tasks, version=version, security_counter=counter, firmware_version=FIRMWARE
    )
    return folder


def parts(task: str = "voice", *, small: bool = False) -> dict[str, bytes]:
    """The parts of a payload; a small one has a guard without tables."""
    guard = drawn.guard(np.random.default_rng(len(task)))
    if small:
        bare = {"energy": None, "autoencoder": None, "tree": None, "texture": None}
        guard = tables.Guard.model_validate({**guard.model_dump(), **bare})
    return {
        "model": f"TFL3 {task}".encode() * 6,
        "guard": guard_tables.to_bytes(guard),
        "labels": "".join(f"{label}\n" for label in LABELS).encode(),
    }


@dataclass(frozen=True)
class Made:
    """A manifest and the image that fits it."""

    manifest: model_manifest.ModelManifest
    digest: bytes
    payload: bytes
    image: bytes


def made(
    private: key.PrivateKey,
    task: str = "voice",
    *,
    version: str = VERSION,
    counter: int = COUNTER,
    firmware: str = FIRMWARE,
    small: bool = True,
    model: bytes = b"",
) -> Made:
    """A task's image and its manifest."""
    some = parts(task, small=small) | ({"model": model} if model else {})
    content = model_manifest.describe(
        {task: some}, version=version, security_counter=counter, firmware_version=firmware
    )
    digest, body = hashlib.sha256(content).digest(), payload.build(task, some)
    return Made(
        manifest=model_manifest.parse(content),
        digest=digest,
        payload=body,
        image=assembled(
            private, body, protected(private, digest, counter, version, firmware), version=version
        ),
    )


def protected(
    private: key.PrivateKey,
    digest: bytes,
    counter: int = COUNTER,
    version: str = VERSION,
    firmware: str = FIRMWARE,
) -> dict[int, bytes]:
    """The protected TLVs as imgtool orders them."""
    text = version.encode()
    record = (  # CBOR of MCUboot's boot record, as imgtool leaves it to the bootloader
        b"\xa5\x01\x65MODEL\x04" + bytes([0x60 + len(text)]) + text
        + b"\x05\x58\x20" + key.digest(private.public_key())
        + b"\x06\x66SHA256\x02\x58\x20" + bytes(32)
    )  # fmt: skip
    numbers = version_numbers(firmware)
    return {
        image.COUNTER: struct.pack("<I", counter),
        image.BOOT_RECORD: record,
        image.DEPENDENCY: struct.pack("<B3xBBHI", 0, *numbers, 0),
        image.MANIFEST: digest,
    }


def assembled(
    private: key.PrivateKey,
    body: bytes,
    signed: Mapping[int, bytes] | Sequence[tuple[int, bytes]],
    *,
    version: str = VERSION,
    plain: Sequence[tuple[int, bytes]] = (),
    flags: int = image.NON_BOOTABLE,
    header_bytes: int = 0x200,
) -> bytes:
    """An image signed by a key, with these protected TLVs and further plain ones."""
    area = _area(image.PROTECTED_MAGIC, signed)
    numbers = version_numbers(version)
    head = image.HEADER.pack(
        image.MAGIC, 0, header_bytes, len(area), len(body), flags, *numbers, 0
    ).ljust(header_bytes, b"\xff")
    content = head + body + area
    digest = hashlib.sha256(content).digest()
    entries = [
        (image.SHA256, digest),
        (image.KEY_HASH, key.digest(private.public_key())),
        (image.ED25519, private.sign(digest)),
        *plain,
    ]
    return content + _area(image.PLAIN_MAGIC, entries)


def _area(magic: int, entries: Mapping[int, bytes] | Sequence[tuple[int, bytes]]) -> bytes:
    pairs = list(entries.items()) if isinstance(entries, Mapping) else entries
    if not pairs:
        return b""
    body = b"".join(image.ENTRY.pack(kind, len(value)) + value for kind, value in pairs)
    return image.INFO.pack(magic, image.INFO.size + len(body)) + body
