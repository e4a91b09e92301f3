"""A payload as the device's C code walks it, in memory that is aligned as flash is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.device import library

ALIGNMENT_BYTES = 16


@dataclass(frozen=True)
class Opened:
    """A payload whose parts have the digests of its header.

    Attributes:
        model, guard, labels: the parts' bytes.
        struct: the ``pal_payload``, which points into ``memory``.
        memory: the region; to be kept as long as the struct.
    """

    model: bytes
    guard: bytes
    labels: bytes
    struct: Any
    memory: NDArray[np.uint8]

    @property
    def model_at(self) -> int:
        """Where the model begins in the memory."""
        ffi, _ = library.load()
        return int(ffi.cast("uintptr_t", self.struct.model.data)) - self.memory.ctypes.data


def in_memory(content: bytes) -> NDArray[np.uint8]:
    """Bytes at an address that is a multiple of ``ALIGNMENT_BYTES``."""
    room = np.zeros(len(content) + ALIGNMENT_BYTES, np.uint8)
    start = -room.ctypes.data % ALIGNMENT_BYTES
    room[start : start + len(content)] = np.frombuffer(content, np.uint8)
    return room[start : start + len(content)]


def of_image(slot: bytes) -> bytes:
    """The payload of a slot's MCUboot image, by its header alone.

    Raises:
        Fault: There is no image, or it does not fit in the slot.
    """
    ffi, lib = library.load()
    memory = np.frombuffer(slot, np.uint8)
    start, length = ffi.new("uint8_t **"), ffi.new("uint32_t *")
    at = library.pointer(memory)
    status = lib.pal_image_payload(at, len(slot), ffi.cast("const uint8_t **", start), length)
    library.require(status, "pal_image_payload")
    return bytes(ffi.buffer(start[0], length[0]))


def opened(content: bytes, task: str) -> Opened:
    """Open a payload.

    Raises:
        Fault: It is none, one of another task, or a part's digest is not the header's.
    """
    ffi, lib = library.load()
    memory, found = in_memory(content), ffi.new("pal_payload *")
    at = library.pointer(memory)
    status = lib.pal_payload_open(at, len(content), task.encode(), found)
    library.require(status, "pal_payload_open")
    model, guard, labels = (
        bytes(ffi.buffer(part.data, part.bytes))
        for part in (found.model, found.guard, found.labels)
    )
    return Opened(model, guard, labels, found, memory)


def guard(payload: Opened) -> Any:
    """The ``pal_guard_memory`` of a payload, whose arrays stay in the payload.

    Raises:
        Fault: The guard tables are none.
    """
    ffi, lib = library.load()
    memory = ffi.new("pal_guard_memory *")
    part = ffi.addressof(payload.struct, "guard")
    library.require(lib.pal_payload_guard(part, memory), "pal_payload_guard")
    return memory
