"""A model that the device's C code found in a payload, measures, and goes on watching."""

from __future__ import annotations

from typing import Literal

import numpy as np

from palisade.device import library, records, sha256
from palisade.device import payload as walked

Kind = Literal["model", "guard", "labels"]


class Attested:
    """A payload's parts in the memory of a device, each found to have its digest.

    Args:
        content: the payload.
        task: its name.

    Attributes:
        payload: the parts, in ``payload.memory``.
        guard: the ``pal_guard_memory``.

    Raises:
        Fault: The payload is none of the task's, or a digest is not the header's.
    """

    def __init__(self, content: bytes, task: str) -> None:
        ffi, lib = library.load()
        self.payload = walked.opened(content, task)  # which compares the digests
        self.guard = walked.guard(self.payload)
        part = self.payload.struct.model
        self._device = records.struct("pal_device", {"model_bytes": part.bytes})
        self._device.model, self._device.digest = part.data, part.sha256
        self._state, self._watch = ffi.new("pal_state *"), ffi.new("pal_watch *")
        self._state.attested = lib.PAL_ATTESTED

    def measured(self) -> dict[Kind, bytes]:
        """The SHA-256 of each part as it lies in memory now, 32 bytes."""
        ffi, lib = library.load()
        model = np.zeros(sha256.DIGEST_BYTES, np.uint8)
        library.require(lib.pal_measure(self._device, library.pointer(model)), "pal_measure")
        guard, labels = (
            sha256.digest(bytes(ffi.buffer(part.data, part.bytes)))
            for part in (self.payload.struct.guard, self.payload.struct.labels)
        )
        return {"model": model.tobytes(), "guard": guard, "labels": labels}

    def watch(self, count_bytes: int) -> bool:
        """Look at further bytes of the model; whether it is still believed."""
        _, lib = library.load()
        lib.pal_watch_step(self._device, self._state, self._watch, count_bytes)
        return bool(self._state.attested == lib.PAL_ATTESTED)
