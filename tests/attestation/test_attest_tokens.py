"""Tokens of a simulated device: believed when they should be, else refused by their own reason."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cwt import COSE, COSEKey

from palisade.attestation import cbor, claims, failures, tokens
from palisade.attestation.claims import Claims
from palisade.attestation.failures import (
    CounterBelow,
    ExpiredNonce,
    HugeToken,
    MalformedToken,
    NotMarked,
    ReplayedNonce,
    SimulatedDevice,
    TokenError,
    TooManyChallenges,
    UnknownDevice,
    UnknownNonce,
    WrongDeviceKey,
    WrongImplementation,
    WrongMeasurement,
    WrongSigner,
)
from palisade.attestation.nonces import KEPT, Nonces
from palisade.attestation.simulated import Attester
from palisade.attestation.verifier import Enrolled, Verifier
from palisade.boot import key
from palisade.boot.failures import NothingToBoot
from palisade.boot.flash import Flash
from palisade.boot.simulated import Device, Identity
from palisade.release.key import private_pem
from tests.boot import making

PRIVATE = key.PrivateKey.generate()
MADE = making.made(PRIVATE)
ROOM, SECTOR_BYTES = 2048, 512


@dataclass
class Bench:
    """A device that runs a release, its verifier, and a clock to turn."""

    accept_simulated: bool = True
    least_counter: int = making.COUNTER
    now_s: float = 1000.0
    attester: Attester = field(init=False)

    def __post_init__(self) -> None:
        flash = Flash(Device.flash_bytes(ROOM, SECTOR_BYTES), SECTOR_BYTES)
        device = Device(flash, Identity(PRIVATE.public_key(), "voice", making.FIRMWARE), ROOM)
        device.provision(MADE.image)
        device.boot()
        self.attester = Attester(device)
        self.verifier = self.judging(self.attester.enrolled())

    def judging(self, *devices: Enrolled, **other: Any) -> Verifier:
        usual = {"manifest": MADE.manifest, "signer_id": key.digest(PRIVATE.public_key())}
        return Verifier(
            devices,
            least_counter=self.least_counter,
            accept_simulated=self.accept_simulated,
            nonces=Nonces(lifetime_s=30, clock=lambda: self.now_s),
            **{**usual, **other},
        )

    def nonce(self) -> bytes:
        return self.verifier.challenge(self.attester.ueid)

    def token(self) -> bytes:
        return self.attester.token(self.nonce())

    def saying(self, **other: Any) -> bytes:
        """A token by the device's own key that says something else."""
        return tokens.sign(
            self.attester.claims(self.nonce()).model_copy(update=other), self.attester.key
        )


def test_a_token_of_the_device_is_believed_and_says_that_it_is_simulated() -> None:
    bench = Bench()
    said = bench.verifier.verify(bench.token())
    assert said.simulated is True and said.ueid == bench.attester.ueid
    assert [one.kind for one in said.components] == ["model", "guard", "labels"]
    assert said.components[0].sha256.hex() == MADE.manifest.tasks["voice"].model.sha256
    assert said.security_counter == making.COUNTER


def test_any_cose_library_reads_it() -> None:
    bench = Bench()
    token = bench.token()
    envelope = cbor2.loads(token)
    assert envelope.tag == 18 and len(envelope.value) == 4
    content = cbor2.loads(envelope.value[2])
    assert content[256] == bench.attester.ueid and content[265].startswith("tag:")
    assert content[claims.KEYS["simulated"]] is True
    assert cbor2.dumps(content, canonical=True) == envelope.value[2]


def test_a_token_proves_nothing_to_who_asks_for_hardware() -> None:
    bench = Bench(accept_simulated=False)
    with pytest.raises(SimulatedDevice):
        bench.verifier.verify(bench.token())


def signed(bench: Bench, content: Any, headers: dict[int, Any] | None = None, **how: Any) -> bytes:
    """A COSE_Sign1 by the device's own key of anything."""
    ueid = bench.attester.ueid
    one = COSEKey.from_pem(private_pem(bench.attester.key), alg="EdDSA", kid=ueid)
    protected = headers if headers is not None else {1: -8, 4: ueid}
    made = COSE.new().encode_and_sign(
        content if isinstance(content, bytes) else cbor2.dumps(content, canonical=True),
        one, protected=protected, **how,
    )  # fmt: skip
    assert isinstance(made, bytes)
    return made


def content(bench: Bench, **other: Any) -> dict[int, Any]:
    """The claims as a map, with other values or, by None, without them."""
    found = claims.to_map(bench.attester.claims(bench.nonce()))
    for name, value in other.items():
        found[claims.KEYS[name]] = value
    return {number: value for number, value in found.items() if value is not None}


def component(bench: Bench, place: int, **other: Any) -> list[Any]:
    some = bench.attester.claims(b"\0" * 32).components
    return [
        one.model_copy(update=other) if n == place else one for n, one in enumerate(some)
    ]  # fmt: skip


def twice(bench: Bench) -> bytes:
    token = bench.token()
    bench.verifier.verify(token)
    return token


def late(bench: Bench) -> bytes:
    token = bench.token()
    bench.now_s += 30.5
    return token


def late_and_forgotten(bench: Bench) -> bytes:
    token = bench.token()
    bench.now_s += 30 * KEPT + 1
    bench.nonce()
    return token


def of_another_key(bench: Bench) -> bytes:
    other = replace(bench.attester, key=ed25519.Ed25519PrivateKey.generate())
    return other.token(bench.nonce())


def of_another_device(bench: Bench) -> bytes:
    return Bench().attester.token(bench.nonce())


def other_in_the_claims(bench: Bench) -> bytes:
    """The device's key under its own name, with another device's name in the claims."""
    return signed(bench, content(bench, ueid=b"\1" + bytes(32)))


def for_another_device(bench: Bench) -> bytes:
    """An answer with the nonce that another device was asked with."""
    other = Bench().attester
    bench.verifier = bench.judging(bench.attester.enrolled(), other.enrolled())
    return bench.attester.token(bench.verifier.challenge(other.ueid))


def flipped_model(bench: Bench) -> bytes:
    running = bench.attester.device.running
    assert running is not None
    running.model.payload.memory[running.model.payload.model_at] ^= 1
    return bench.token()


def flipped_guard(bench: Bench) -> bytes:
    running = bench.attester.device.running
    assert running is not None
    place = MADE.payload.index(b"PALG") + 20
    running.model.payload.memory[place] ^= 1
    return bench.token()


def by_a_curve(bench: Bench) -> bytes:
    """ES256 under the device's name."""
    private = ec.generate_private_key(ec.SECP256R1())
    one = COSEKey.from_pem(private_pem(private), alg="ES256", kid=bench.attester.ueid)
    made = COSE.new().encode_and_sign(
        cbor2.dumps(content(bench), canonical=True),
        one, protected={1: -7, 4: bench.attester.ueid},
    )  # fmt: skip
    assert isinstance(made, bytes)
    return made


def by_a_mac(bench: Bench) -> bytes:
    """An HMAC whose key is the device's public key, under the device's name."""
    public = private_pem(bench.attester.key)[:32]
    one = COSEKey.from_symmetric_key(public, alg="HS256", kid=bench.attester.ueid)
    made = COSE.new().encode_and_mac(
        cbor2.dumps(content(bench), canonical=True),
        one, protected={1: 5, 4: bench.attester.ueid},
    )  # fmt: skip
    assert isinstance(made, bytes)
    return made


def flipped(at: int) -> Callable[[Bench], bytes]:
    def attack(bench: Bench) -> bytes:
        changed = bytearray(bench.token())
        changed[at] ^= 1
        return bytes(changed)

    return attack


def out_of_order(bench: Bench) -> bytes:
    return signed(bench, cbor2.dumps(dict(reversed(content(bench).items()))))


ATTACKS: dict[str, tuple[Callable[[Bench], bytes], type[TokenError]]] = {
    "a token again": (twice, ReplayedNonce),
    "a token too late": (late, ExpiredNonce),
    "a token much too late": (late_and_forgotten, UnknownNonce),
    "a nonce of the device's own": (lambda one: one.saying(nonce=b"\7" * 32), UnknownNonce),
    "a nonce for another device": (for_another_device, UnknownNonce),
    "another key": (of_another_key, WrongDeviceKey),
    "a flipped signature": (flipped(-1), WrongDeviceKey),
    "a flipped claim": (flipped(-100), WrongDeviceKey),
    "another device": (of_another_device, UnknownDevice),
    "another device in the claims": (other_in_the_claims, MalformedToken),
    "not marked": (lambda one: signed(one, content(one, simulated=None)), NotMarked),
    "marked as hardware": (lambda one: one.saying(simulated=False), NotMarked),
    "other firmware": (
        lambda one: one.saying(implementation_id=bytes(32)), WrongImplementation,
    ),
    "a counter below": (
        lambda one: one.saying(security_counter=making.COUNTER - 1), CounterBelow,
    ),
    "another signer": (
        lambda one: one.saying(components=component(one, 0, signer_id=bytes(32))), WrongSigner,
    ),
    "a model that changed as it ran": (flipped_model, WrongMeasurement),
    "a guard that changed as it ran": (flipped_guard, WrongMeasurement),
    "other labels": (
        lambda one: one.saying(components=component(one, 2, sha256=bytes(32))), WrongMeasurement,
    ),
    "parts in another order": (
        lambda one: one.saying(components=component(one, 9)[::-1]), WrongMeasurement,
    ),
    "the model three times": (
        lambda one: one.saying(components=component(one, 9)[:1] * 3), WrongMeasurement,
    ),
    "another version": (
        lambda one: one.saying(components=component(one, 1, version="9.9.9")), WrongMeasurement,
    ),
    "another task": (lambda one: one.saying(task="vision"), WrongMeasurement),
    "a part left out": (
        lambda one: signed(one, content(one, components=[])), MalformedToken,
    ),
    "another profile": (lambda one: signed(one, content(one, profile="x")), MalformedToken),
    "a claim more": (lambda one: signed(one, content(one) | {4: 1}), MalformedToken),
    "a claim less": (lambda one: signed(one, content(one, task=None)), MalformedToken),
    "a short nonce": (lambda one: signed(one, content(one, nonce=b"x")), MalformedToken),
    "a text for a number": (
        lambda one: signed(one, content(one, security_counter="5")), MalformedToken,
    ),
    "claims out of order": (out_of_order, MalformedToken),
    "claims that are a list": (lambda one: signed(one, [1, 2]), MalformedToken),
    "a byte behind": (lambda one: one.token() + b"\0", MalformedToken),
    "a byte less": (lambda one: one.token()[:-1], MalformedToken),
    "nothing": (lambda one: b"", MalformedToken),
    "no COSE": (lambda one: cbor2.dumps({1: 2}), MalformedToken),
    "no tag": (lambda one: one.token()[1:], MalformedToken),
    "deep nesting": (lambda one: b"\xd2" + b"\x81" * 2000, MalformedToken),
    "a length beyond all memory": (
        lambda one: b"\xd2\x84\x5b" + b"\x7f" + b"\xff" * 7, MalformedToken,
    ),
    "another algorithm": (by_a_curve, MalformedToken),
    "a MAC": (by_a_mac, MalformedToken),
    "a header outside of the signature": (
        lambda one: signed(one, content(one), unprotected={5: b"x"}), MalformedToken,
    ),
    "no key named": (lambda one: signed(one, content(one), {1: -8}), MalformedToken),
    "huge": (lambda one: b"\xd2\x84" + bytes(10**6), HugeToken),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_by_the_reason_meant_for_it(name: str) -> None:
    bench = Bench()
    attack, expected = ATTACKS[name]
    token = attack(bench)
    with pytest.raises(TokenError) as refused:
        bench.verifier.verify(token)
    assert type(refused.value) is expected, refused.value
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 300


def test_every_reason_is_met_by_an_attack_here() -> None:
    met = {kind for _, kind in ATTACKS.values()} | {SimulatedDevice, TooManyChallenges}
    assert met == set(failures.kinds())
    statuses = [kind.status for kind in failures.kinds()]
    assert len(set(statuses)) == len(statuses)
    assert all(60 <= status < 80 for status in statuses)


def test_an_honest_device_answers_after_every_attack() -> None:
    """None of them spends the challenge of the device or breaks the verifier."""
    bench = Bench()
    waiting = bench.token()
    for attack, _ in ATTACKS.values():
        if attack not in (late, late_and_forgotten, for_another_device, flipped_model,
                          flipped_guard):  # fmt: skip
            with pytest.raises(TokenError):
                bench.verifier.verify(attack(bench))
    bench.verifier.verify(waiting)


def test_hardware_that_says_simulated_is_refused_too() -> None:
    bench = Bench()
    bench.verifier = bench.judging(replace(bench.attester.enrolled(), simulated=False))
    with pytest.raises(NotMarked):
        bench.verifier.verify(bench.token())


def test_a_device_of_another_task_does_not_pass_with_its_own_model() -> None:
    bench = Bench()
    bench.verifier = bench.judging(replace(bench.attester.enrolled(), task="vision"))
    with pytest.raises(WrongMeasurement, match="runs 'voice', not vision"):
        bench.verifier.verify(bench.token())


def test_the_device_of_another_release_is_refused() -> None:
    bench = Bench()
    other = making.made(PRIVATE, model=b"another").manifest
    bench.verifier = bench.judging(bench.attester.enrolled(), manifest=other)
    with pytest.raises(WrongMeasurement, match="the model of voice"):
        bench.verifier.verify(bench.token())


def test_the_counter_in_a_token_goes_up_once_the_update_is_confirmed() -> None:
    bench = Bench()
    device = bench.attester.device
    device.update([making.made(PRIVATE, counter=making.COUNTER + 1).image])
    device.boot()
    assert bench.attester.claims(b"\0" * 32).security_counter == making.COUNTER
    device.confirm()
    assert bench.attester.claims(b"\0" * 32).security_counter == making.COUNTER + 1


def test_a_device_that_runs_nothing_attests_nothing() -> None:
    bench = Bench()
    bench.attester.device.running = None
    with pytest.raises(NothingToBoot):
        bench.token()


def test_the_key_of_a_device_is_not_shown() -> None:
    attester = Bench().attester
    assert "Private" not in repr(attester)


def test_of_many_answers_at_once_one_is_accepted() -> None:
    bench = Bench()
    token = bench.token()

    def attempt(_: int) -> bool:
        try:
            bench.verifier.verify(token)
        except ReplayedNonce:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(16))) == 1


def test_challenges_are_many_and_different_but_not_without_end() -> None:
    nonces = Nonces(lifetime_s=1, most=100, clock=lambda: now[0])
    now = [0.0]
    assert len({nonces.issue(b"a") for _ in range(100)}) == 100
    with pytest.raises(TooManyChallenges):
        nonces.issue(b"a")
    now[0] = KEPT + 0.1
    nonces.issue(b"a")


def test_spoiled_tokens_are_refused_and_nothing_else_is_raised() -> None:
    bench, rng = Bench(), random.Random(6)
    token = bench.token()
    for _ in range(3000):
        changed = bytearray(token)
        for _ in range(rng.randint(1, 3)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        if rng.random() < 0.3:
            del changed[rng.randrange(len(changed)) :]
        if bytes(changed) != token:
            with pytest.raises(TokenError):
                bench.verifier.verify(bytes(changed))
    for _ in range(3000):
        with pytest.raises(TokenError):
            bench.verifier.verify(b"\xd2\x84" + rng.randbytes(rng.randrange(60)))
    bench.verifier.verify(token)


def test_cbor_is_read_as_the_library_writes_it_and_in_no_other_form() -> None:
    samples: list[Any] = [
        0, 23, 24, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**64 - 1, -1, -24, -25, -(2**64),
        b"", b"x" * 300, "", "\u00e9" * 40, [], [1, [2, b"3"]], {}, {1: "a", -1: [True, False]},
        dict.fromkeys([10, 256, 265, -75001], 0),
    ]  # fmt: skip
    for one in samples:
        written = cbor2.dumps(one, canonical=True)
        assert cbor.loads(written) == one
        for end in range(len(written)):
            with pytest.raises(cbor.NotCbor):
                cbor.loads(written[:end])
    for other in (
        b"\x18\x17", b"\x19\x00\xff", b"\x1a\x00\x00\xff\xff", b"\x1b" + bytes(4) + b"\xff" * 4,
        b"\x5f\x41x\xff", b"\x9f\xff", b"\xbf\xff", b"\xf6", b"\xf7", b"\xf9\x00\x00", b"\xc0\x00",
        b"\xa2\x01\x00\x01\x00", b"\xa2\x02\x00\x01\x00", b"\xa1\x61a\x00", b"\x61\xff", b"\x1c",
        b"\x00\x00", b"\x81" * 9 + b"\x00", b"\xf8\x14",
    ):  # fmt: skip
        with pytest.raises(cbor.NotCbor):
            cbor.loads(other)


def test_the_claims_survive_the_way() -> None:
    said = Bench().attester.claims(b"\1" * 32)
    assert claims.from_map(cbor.loads(cbor2.dumps(claims.to_map(said), canonical=True))) == said
    assert isinstance(said, Claims)
