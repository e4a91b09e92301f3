"""The device's SHA-256 is hashlib's, and attestation sees every flipped bit."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from palisade.device import library, sha256


def test_every_length_across_several_blocks() -> None:
    content = np.random.default_rng(30).bytes(300)
    for length in range(301):
        part = content[:length]
        assert sha256.digest(part) == hashlib.sha256(part).digest(), length


def test_bytes_handed_over_in_any_parts_hash_alike() -> None:
    rng = np.random.default_rng(31)
    for _ in range(10000):
        parts = [rng.bytes(int(n)) for n in rng.integers(0, 90, rng.integers(0, 6))]
        assert sha256.stream(parts) == hashlib.sha256(b"".join(parts)).digest()


@pytest.mark.parametrize("byte", [b"\x00", b"\xff"])
def test_the_ends_of_a_byte_over_a_megabyte(byte: bytes) -> None:
    content = byte * (1 << 20)
    assert sha256.digest(content) == hashlib.sha256(content).digest()


def test_a_length_beyond_32_bits_is_counted() -> None:
    ffi, lib = library.load()
    state, found = ffi.new("pal_sha256 *"), np.zeros(32, np.uint8)
    lib.pal_sha256_begin(state)
    state.length_bytes = 2**32  # as if so much had gone before: only the count enters the end
    lib.pal_sha256_end(state, library.pointer(found))
    lib.pal_sha256_begin(state)
    other = np.zeros(32, np.uint8)
    lib.pal_sha256_end(state, library.pointer(other))
    assert found.tobytes() != other.tobytes()
    assert other.tobytes() == hashlib.sha256().digest()


def test_attestation_sees_one_flipped_bit_anywhere() -> None:
    rng = np.random.default_rng(32)
    model = bytearray(rng.bytes(500))
    expected = hashlib.sha256(model).digest()
    assert sha256.attests(bytes(model), expected)
    for place in range(0, 500, 7):
        model[place] ^= 1 << place % 8
        assert not sha256.attests(bytes(model), expected)
        model[place] ^= 1 << place % 8
    for place in range(32):
        wrong = bytearray(expected)
        wrong[place] ^= 0x80
        assert not sha256.attests(bytes(model), bytes(wrong))


def test_a_digest_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="has 32 bytes, not 31"):
        sha256.attests(b"model", b"\x00" * 31)


def test_nothing_where_something_has_to_be_is_a_fault() -> None:
    ffi, lib = library.load()
    state, some = ffi.new("pal_sha256 *"), ffi.new("uint8_t[32]")
    assert lib.pal_sha256_begin(ffi.NULL) == lib.PAL_FAULT_ARGUMENT
    assert lib.pal_sha256_begin(state) == lib.PAL_OK
    assert lib.pal_sha256_add(ffi.NULL, some, 1) == lib.PAL_FAULT_ARGUMENT
    assert lib.pal_sha256_add(state, ffi.NULL, 1) == lib.PAL_FAULT_ARGUMENT
    assert lib.pal_sha256_add(state, ffi.NULL, 0) == lib.PAL_OK
    assert lib.pal_sha256_end(state, ffi.NULL) == lib.PAL_FAULT_ARGUMENT
    assert lib.pal_sha256_end(ffi.NULL, some) == lib.PAL_FAULT_ARGUMENT
    assert lib.pal_attest(ffi.NULL, 0, some) == lib.PAL_FAULT_ARGUMENT
    assert lib.pal_attest(some, 32, ffi.NULL) == lib.PAL_FAULT_ARGUMENT
