"""A task's payload: model, guard tables and labels in one region of flash.

``device/include/palisade/payload.h`` describes the layout, and its code walks it. The bytes follow
from the parts alone.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from palisade.boot.failures import WrongPayload
from palisade.errors import PalisadeError

MAGIC, LAYOUT = b"PALP", 1
KINDS = ("model", "guard", "labels")  # pal_payload_kind, from 1
TASK_BYTES = 16
ALIGNMENT_BYTES = 16
HEAD = struct.Struct(f"<4sIII{TASK_BYTES}s")
ENTRY = struct.Struct("<IIII32s")
HEADER_BYTES = HEAD.size + len(KINDS) * ENTRY.size
_AGAIN = "get the release's image again"


@dataclass(frozen=True)
class Payload:
    """What a payload holds.

    Attributes:
        task: its name.
        parts: the bytes of each of ``KINDS``.
    """

    task: str
    parts: Mapping[str, bytes]


def build(task: str, parts: Mapping[str, bytes]) -> bytes:
    """The payload of a task with the bytes of each of ``KINDS``.

    Raises:
        PalisadeError: The name is too long or none in C, or a part is empty.
    """
    if not re.fullmatch(f"[a-z][a-z0-9_]{{0,{TASK_BYTES - 2}}}", task):
        raise PalisadeError(
            f"the task {task!r} cannot stand in a payload",
            f"use at most {TASK_BYTES - 1} of a-z, 0-9 and _",
        )
    directory, body = b"", b""
    for kind, name in enumerate(KINDS, 1):
        part = parts[name]
        if not part:
            raise PalisadeError(f"the {name} of {task} is empty", "run `dvc repro`")
        offset = HEADER_BYTES + len(body)
        directory += ENTRY.pack(kind, offset, len(part), 0, hashlib.sha256(part).digest())
        body += _padded(part)
    total = HEADER_BYTES + len(body)
    return HEAD.pack(MAGIC, LAYOUT, total, len(KINDS), task.encode()) + directory + body


def parse(content: bytes) -> Payload:
    """Read a payload, and check that it is the very one that its parts make.

    Raises:
        WrongPayload: It is not.
    """
    if len(content) < HEADER_BYTES or content[:4] != MAGIC:
        raise WrongPayload("the image holds no payload of a task", _AGAIN)
    name = HEAD.unpack_from(content)[4].rstrip(b"\0").decode("ascii", "replace")
    parts = {}
    for place, kind in enumerate(KINDS):
        _, offset, length, *_ = ENTRY.unpack_from(content, HEAD.size + place * ENTRY.size)
        parts[kind] = content[offset : offset + length]
    try:
        whole = build(name, parts)
    except PalisadeError as error:
        raise WrongPayload(f"the payload is malformed ({error.problem})", _AGAIN) from error
    if whole != content:  # a length, a padding or a digest
        raise WrongPayload(f"the payload of {name} is not what its header says", _AGAIN)
    return Payload(name, parts)


def _padded(part: bytes) -> bytes:
    return part + bytes(-len(part) % ALIGNMENT_BYTES)
