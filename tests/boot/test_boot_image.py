"""Images: imgtool's to the byte, and every attack refused by the reason meant for it."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from imgtool import image as reference  # type: ignore[import-untyped]
from imgtool import keys as reference_keys

from palisade.boot import failures, image, images, key
from palisade.boot.failures import (
    BadImageSignature,
    BadMagic,
    CounterTooLow,
    HashMismatch,
    ImageError,
    MalformedImage,
    MissingProtectedTlv,
    TrailingBytes,
    Truncated,
    UnmetDependency,
    WrongImageKey,
    WrongManifest,
    WrongPayload,
    WrongTask,
)
from tests.boot import making
from tests.boot.making import Made

OTHER = key.PrivateKey.generate()
PADDING, PAYLOAD = 0x40, 0x200
Attack = Callable[[Made, key.PrivateKey], bytes]


@pytest.fixture(scope="module")
def good(private: key.PrivateKey) -> Made:
    return making.made(private)


def accepted(content: bytes, folder: Path, key_file: Path) -> bool:
    """What imgtool says with the key; it runs into errors of its own on some bytes."""
    path = folder / "one.bin"
    path.write_bytes(content)
    try:
        said = reference.Image.verify(str(path), reference_keys.load(str(key_file)))[0]
    except Exception:
        return False
    return bool(said == reference.VerifyResult.OK)


def test_imgtool_makes_the_very_bytes_that_the_format_says(
    good: Made, key_file: Path, tmp_path: Path
) -> None:
    made = images.signed(good.payload, good.manifest, good.digest, key_file)
    assert made == good.image
    assert made == images.signed(good.payload, good.manifest, good.digest, key_file)
    assert accepted(made, tmp_path, key_file)


def test_a_verified_image_says_what_it_is(good: Made, private: key.PrivateKey) -> None:
    found = image.verify(good.image, private.public_key(), least_counter=making.COUNTER)
    assert found == image.Image(
        version=making.VERSION,
        payload=good.payload,
        security_counter=making.COUNTER,
        needs_image=0,
        needs_version=making.FIRMWARE,
        manifest_sha256=good.digest,
        signer=key.digest(private.public_key()),
        total_bytes=len(good.image),
    )


def flipped(at: int) -> Attack:
    """One bit of the byte there, counted from the end if negative."""

    def attack(good: Made, _: key.PrivateKey) -> bytes:
        changed = bytearray(good.image)
        changed[at] ^= 1
        return bytes(changed)

    return attack


def found(needle: Callable[[Made, key.PrivateKey], bytes]) -> Attack:
    """One bit of what is found in the image."""

    def attack(good: Made, private: key.PrivateKey) -> bytes:
        return flipped(good.image.rindex(needle(good, private)))(good, private)

    return attack


def with_tlvs(change: Callable[[dict[int, bytes]], object], **more: object) -> Attack:
    """Signed by the right key, with other protected TLVs."""

    def attack(good: Made, private: key.PrivateKey) -> bytes:
        entries = making.protected(private, good.digest)
        change(entries)
        return making.assembled(private, good.payload, entries, **more)  # type: ignore[arg-type]

    return attack


def other_key(good: Made, _: key.PrivateKey) -> bytes:
    return making.made(OTHER).image


def other_key_by_the_right_name(good: Made, private: key.PrivateKey) -> bytes:
    name = key.digest(OTHER.public_key())
    head, _, tail = making.assembled(
        OTHER, good.payload, making.protected(private, good.digest)
    ).rpartition(name)
    return head + key.digest(private.public_key()) + tail


def digest_made_to_fit(good: Made, private: key.PrivateKey) -> bytes:
    """What `imgtool verify` without a key calls valid."""
    changed = bytearray(flipped(PAYLOAD + 200)(good, private))
    end = changed.rindex(struct.pack("<H", image.PLAIN_MAGIC) + b"\x90\x00")
    changed[end + 8 : end + 40] = hashlib.sha256(changed[:end]).digest()
    return bytes(changed)


def twice(good: Made, private: key.PrivateKey) -> bytes:
    entries = [*making.protected(private, good.digest).items()]
    return making.assembled(private, good.payload, [*entries, entries[0]])


def unprotected(good: Made, private: key.PrivateKey) -> bytes:
    """The manifest where the signature does not cover it."""
    entries = making.protected(private, good.digest)
    value = entries.pop(image.MANIFEST)
    return making.assembled(private, good.payload, entries, plain=[(image.MANIFEST, value)])


def swapped_payload(good: Made, private: key.PrivateKey) -> bytes:
    """A right signature of another model under this manifest's digest."""
    other = making.made(private, model=b"another model")
    return making.assembled(private, other.payload, making.protected(private, good.digest))


def no_payload(good: Made, private: key.PrivateKey) -> bytes:
    return making.assembled(private, b"\x7fELF" * 99, making.protected(private, good.digest))


def raised_counter(good: Made, private: key.PrivateKey) -> bytes:
    return making.assembled(private, good.payload, making.protected(private, good.digest, 6))


def other_task(good: Made, private: key.PrivateKey) -> bytes:
    """The payload of another task, signed, under this manifest's digest."""
    other = making.made(private, "vision")
    return making.assembled(private, other.payload, making.protected(private, good.digest))


ATTACKS: dict[str, tuple[Attack, type[ImageError]]] = {
    "flipped magic": (flipped(0), BadMagic),
    "flipped load address": (flipped(4), MalformedImage),
    "flipped header length": (flipped(8), MalformedImage),
    "flipped protected length": (flipped(10), MalformedImage),
    "flipped payload length": (flipped(12), MalformedImage),
    "longer payload than there is": (flipped(15), Truncated),
    "flipped flags": (flipped(17), MalformedImage),
    "flipped version": (flipped(20), HashMismatch),
    "flipped padding of the header": (flipped(PADDING), HashMismatch),
    "flipped payload header": (flipped(PAYLOAD), HashMismatch),
    "flipped model": (flipped(PAYLOAD + 176), HashMismatch),
    "flipped guard": (found(lambda good, _: b"PALG"), HashMismatch),
    "flipped label": (found(lambda good, _: b"unlock"), HashMismatch),
    "flipped counter": (found(lambda good, _: struct.pack("<HHI", 0x50, 4, 5)[4:]), HashMismatch),
    "flipped manifest digest": (found(lambda good, _: good.digest), HashMismatch),
    "flipped digest": (flipped(-130), HashMismatch),
    "flipped key name": (found(lambda _, one: key.digest(one.public_key())), WrongImageKey),
    "flipped signature": (flipped(-1), BadImageSignature),
    "digest made to fit": (digest_made_to_fit, BadImageSignature),
    "another key": (other_key, WrongImageKey),
    "another key by the right name": (other_key_by_the_right_name, BadImageSignature),
    "no counter": (with_tlvs(lambda tlvs: tlvs.pop(image.COUNTER)), MissingProtectedTlv),
    "no dependency": (with_tlvs(lambda tlvs: tlvs.pop(image.DEPENDENCY)), MissingProtectedTlv),
    "no manifest": (with_tlvs(lambda tlvs: tlvs.pop(image.MANIFEST)), MissingProtectedTlv),
    "no protected TLV at all": (with_tlvs(lambda tlvs: tlvs.clear()), MissingProtectedTlv),
    "manifest not protected": (unprotected, MalformedImage),
    "a short counter": (with_tlvs(lambda tlvs: tlvs.update({0x50: b"\5"})), MalformedImage),
    "an unknown protected TLV": (with_tlvs(lambda tlvs: tlvs.update({0xA1: b"x"})), MalformedImage),
    "a TLV twice": (twice, MalformedImage),
    "bootable": (with_tlvs(dict, flags=0), MalformedImage),
    "encrypted": (with_tlvs(dict, flags=0x14), MalformedImage),
    "a pure signature": (with_tlvs(dict, plain=[(0x25, b"\1")]), MalformedImage),
    "a second signature": (with_tlvs(dict, plain=[(0x24, bytes(64))]), MalformedImage),
    "a byte behind": (lambda good, _: good.image + b"\xff", TrailingBytes),
    "another image behind": (lambda good, _: good.image * 2, TrailingBytes),
    "a byte less": (lambda good, _: good.image[:-1], Truncated),
    "half": (lambda good, _: good.image[: len(good.image) // 2], Truncated),
    "nothing": (lambda good, _: b"", Truncated),
    "an ELF file": (lambda good, _: b"\x7fELF" * 500, BadMagic),
    "an older counter": (lambda _, one: making.made(one, counter=4).image, CounterTooLow),
    "another release": (lambda _, one: making.made(one, version="1.2.4").image, WrongManifest),
    "another release of the same version": (
        lambda _, one: making.made(one, model=b"another model").image,
        WrongManifest,
    ),
    "another counter than the manifest's": (raised_counter, WrongManifest),
    "another model": (swapped_payload, WrongPayload),
    "no payload": (no_payload, WrongPayload),
    "another task": (other_task, WrongTask),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_by_the_reason_meant_for_it(
    name: str, good: Made, private: key.PrivateKey
) -> None:
    attack, expected = ATTACKS[name]
    content = attack(good, private)
    with pytest.raises(ImageError) as refused:
        images.check_one(
            content, "voice", good.manifest, good.digest, private.public_key(), least_counter=5
        )
    assert type(refused.value) is expected, refused.value
    assert "\n" not in str(refused.value)


def test_every_reason_is_met_by_an_attack_here_or_in_the_tests_of_the_device() -> None:
    of_devices = {
        failures.TooLargeForSlot, failures.OnTrial, failures.NothingToBoot, failures.CounterLost,
        failures.WrongImages, UnmetDependency,
    }  # fmt: skip
    assert {kind for _, kind in ATTACKS.values()} | of_devices == set(failures.kinds())


def test_every_flipped_bit_is_refused(good: Made, private: key.PrivateKey) -> None:
    public = private.public_key()
    image.verify(good.image, public)
    for at in range(len(good.image)):
        changed = bytearray(good.image)
        changed[at] ^= 1 << at % 8
        with pytest.raises(ImageError):
            image.verify(bytes(changed), public)


def test_every_beginning_is_truncated(good: Made, private: key.PrivateKey) -> None:
    for length in range(len(good.image)):
        with pytest.raises(Truncated):
            image.verify(good.image[:length], private.public_key())


def test_what_imgtool_refuses_is_refused_here(
    good: Made, private: key.PrivateKey, key_file: Path, tmp_path: Path
) -> None:
    """The other way round does not hold: imgtool looks at neither what is behind nor counters."""
    refused = 0
    for attack, _ in ATTACKS.values():
        content = attack(good, private)
        if not accepted(content, tmp_path, key_file):
            refused += 1
            with pytest.raises(ImageError):
                image.verify(content, private.public_key())
    assert refused > 20


def test_reasons_have_statuses_of_their_own() -> None:
    statuses = [kind.status for kind in failures.kinds()]
    assert len(set(statuses)) == len(statuses)
    assert all(40 <= status < 60 for status in statuses)
