"""SHA-256 (FIPS 180-4) by the device's C code, and its attestation of a model."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from palisade.device import library

DIGEST_BYTES = 32


def digest(*parts: bytes) -> bytes:
    """The hash of some bytes, handed over in parts."""
    return stream(parts)


def stream(parts: Iterable[bytes]) -> bytes:
    """The hash of parts that come one after the other."""
    ffi, lib = library.load()
    state = ffi.new("pal_sha256 *")
    library.require(lib.pal_sha256_begin(state), "pal_sha256_begin")
    for part in parts:
        status = lib.pal_sha256_add(state, ffi.from_buffer("uint8_t[]", part), len(part))
        library.require(status, "pal_sha256_add")
    found = np.zeros(DIGEST_BYTES, np.uint8)
    library.require(lib.pal_sha256_end(state, library.pointer(found)), "pal_sha256_end")
    return found.tobytes()


def attests(model: bytes, expected: bytes) -> bool:
    """Whether the device would run a model whose SHA-256 is to be ``expected``.

    Raises:
        ValueError: ``expected`` is not 32 bytes.
    """
    if len(expected) != DIGEST_BYTES:
        raise ValueError(f"a SHA-256 has {DIGEST_BYTES} bytes, not {len(expected)}")
    ffi, lib = library.load()
    status: int = lib.pal_attest(
        ffi.from_buffer("uint8_t[]", model),
        len(model),
        ffi.from_buffer("uint8_t[]", expected),
    )
    return status == int(lib.PAL_OK)
