"""An update over two slots: wherever the power fails, a verified model boots or none does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest

from palisade.boot import key
from palisade.boot.counter import Counter
from palisade.boot.failures import (
    BadImageSignature,
    CounterLost,
    CounterTooLow,
    HashMismatch,
    ImageError,
    NothingToBoot,
    OnTrial,
    TooLargeForSlot,
    Truncated,
    UnmetDependency,
    WrongImageKey,
    WrongTask,
)
from palisade.boot.flash import Flash, Power, PowerLost
from palisade.boot.simulated import Device, Identity
from palisade.boot.slot import Mark
from tests.boot import making

SECTOR_BYTES, ROOM = 512, 1536
CHUNK_BYTES = 100  # not a multiple of what a write takes


@dataclass(frozen=True)
class Bench:
    """A device that runs version 1.0.0 with counter 1, and images to send it."""

    private: key.PrivateKey
    first: bytes
    second: bytes
    third: bytes
    content: bytes  # of its flash

    def device(self, content: bytes | None = None, **identity: str) -> Device:
        flash = Flash(
            Device.flash_bytes(ROOM, SECTOR_BYTES), SECTOR_BYTES,
            content=bytearray(self.content if content is None else content),
        )  # fmt: skip
        who = Identity(self.private.public_key(), "voice", "1.4.0")
        return Device(flash, replace(who, **identity), ROOM)

    def image(self, version: str, counter: int, **more: str) -> bytes:
        return making.made(self.private, version=version, counter=counter, **more).image  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def bench(private: key.PrivateKey) -> Bench:
    made = Bench(private, b"", b"", b"", b"")
    first, second, third = (made.image(f"{n}.0.0", n) for n in (1, 2, 3))
    flash = Flash(Device.flash_bytes(ROOM, SECTOR_BYTES), SECTOR_BYTES)
    Device(flash, Identity(private.public_key(), "voice", "1.4.0"), ROOM).provision(first)
    return Bench(private, first, second, third, bytes(flash.content))


def chunks(content: bytes) -> Iterator[bytes]:
    return (content[at : at + CHUNK_BYTES] for at in range(0, len(content), CHUNK_BYTES))


def runs(device: Device) -> str:
    """Boots; the version that runs."""
    return device.boot().image.version


def whole(device: Device, content: bytes) -> None:
    """An update from beginning to end."""
    device.boot()
    device.update(chunks(content))
    device.boot()
    device.confirm()


def test_an_update_is_booted_on_trial_and_stays_once_confirmed(bench: Bench) -> None:
    device = bench.device()
    assert runs(device) == "1.0.0" and device.counter.value() == 1
    device.update(chunks(bench.second))
    assert device.boot().on_trial and device.counter.value() == 1
    device.confirm()
    assert device.counter.value() == 2
    assert runs(bench.device(device.flash.content)) == "2.0.0"


def test_an_update_that_is_not_confirmed_goes_back(bench: Bench) -> None:
    device = bench.device()
    device.boot()
    device.update(chunks(bench.second))
    assert [runs(device) for _ in range(3)] == ["2.0.0", "1.0.0", "1.0.0"]
    assert device.counter.value() == 1


def test_no_update_while_the_way_back_is_needed(bench: Bench) -> None:
    device = bench.device()
    with pytest.raises(NothingToBoot, match="was not booted"):
        device.update([bench.second])
    device.boot()
    device.update(chunks(bench.second))
    device.boot()
    with pytest.raises(OnTrial):
        device.update(chunks(bench.second))


def interrupted(bench: Bench, *, torn: bool) -> Iterator[tuple[int, bytes]]:
    """The flash after an update was cut at each step in turn, until one is cut nowhere."""
    lasts = 0
    while True:
        device = bench.device()
        device.flash.power = Power(lasts, torn)
        try:
            whole(device, bench.second)
        except PowerLost:
            yield lasts, bytes(device.flash.content)
            lasts += 1
            continue
        assert lasts == device.flash.power.steps
        return


@pytest.mark.parametrize("torn", [False, True])
def test_an_update_cut_at_any_step_leaves_a_verified_model_and_can_be_repeated(
    bench: Bench, torn: bool
) -> None:
    seen: set[tuple[str, int]] = set()
    for lasts, content in interrupted(bench, torn=torn):
        device = bench.device(content)
        first = runs(device)
        counter = device.counter.value()
        assert first in ("1.0.0", "2.0.0") and counter in (1, 2), lasts
        # The counter goes up for what was confirmed alone, and such an image stays.
        assert counter == 1 or not device.boot().on_trial
        assert counter == 1 or runs(device) == "2.0.0"
        seen.add((first, counter))
        device = bench.device(content)
        if device.boot().on_trial:
            device.confirm()
        whole(device, bench.third)
        assert runs(device) == "3.0.0" and device.counter.value() == 3
    # Before the mark; on trial (a torn mark of that is none, or ends the trial); after the mark.
    assert {("1.0.0", 1), ("2.0.0", 2)} <= seen
    assert torn or ("2.0.0", 1) in seen


@pytest.mark.parametrize("torn", [False, True])
def test_a_recovery_that_is_cut_as_well_recovers(bench: Bench, torn: bool) -> None:
    cut_again = 0
    for lasts, content in interrupted(bench, torn=torn):
        for again in range(3):  # what a boot writes at most: a mark, or the counter
            device = bench.device(content)
            device.flash.power = Power(again, torn)
            try:
                device.boot()
            except PowerLost:
                cut_again += 1
            later = bench.device(device.flash.content)
            assert runs(later) in ("1.0.0", "2.0.0"), (lasts, again)
            assert later.counter.value() in (1, 2)
    assert cut_again > 0


REFUSED: dict[str, tuple[Callable[[Bench], bytes], type[ImageError]]] = {
    "a downgrade": (lambda bench: bench.image("0.9.0", 0), CounterTooLow),
    "a bit flipped in flight": (
        lambda bench: bench.second[:700] + bytes([bench.second[700] ^ 4]) + bench.second[701:],
        HashMismatch,
    ),
    "the signature of another": (
        lambda bench: bench.second[:-64] + bench.first[-64:], BadImageSignature,
    ),
    "cut short": (lambda bench: bench.second[:-1], Truncated),
    "another key": (
        lambda _: making.made(key.PrivateKey.generate(), version="2.0.0").image, WrongImageKey,
    ),
    "another task": (lambda bench: making.made(bench.private, "vision").image, WrongTask),
    "newer firmware needed": (
        lambda bench: bench.image("2.0.0", 2, firmware="1.4.1"), UnmetDependency,
    ),
    "too large": (lambda bench: bench.second + bytes(ROOM), TooLargeForSlot),
    "nothing at all": (lambda _: b"", ImageError),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_update_is_refused_and_changes_nothing_that_runs(name: str, bench: Bench) -> None:
    make, expected = REFUSED[name]
    device = bench.device()
    device.boot()
    with pytest.raises(ImageError) as refused:
        device.update(chunks(make(bench)))
    assert type(refused.value) is expected or expected is ImageError
    assert runs(device) == "1.0.0" and device.counter.value() == 1
    device.update(chunks(bench.second))
    assert runs(device) == "2.0.0"


def test_a_confirmed_image_of_an_older_counter_is_no_way_back(bench: Bench) -> None:
    device = bench.device()
    whole(device, bench.second)
    second = device.running
    assert second is not None
    device.flash.content[second.slot.start + 600] ^= 1
    with pytest.raises(NothingToBoot, match=r"counter is 1, and 2 is the least"):
        device.boot()
    assert device.running is None


def test_of_two_confirmed_images_the_newer_runs_and_the_older_is_the_way_back(
    bench: Bench,
) -> None:
    device = bench.device()
    whole(device, bench.image("1.1.0", 1))
    running = device.running
    assert runs(device) == "1.1.0" and running is not None
    device.flash.content[running.slot.start + 600] ^= 1
    assert runs(device) == "1.0.0"


def test_with_both_slots_bad_nothing_runs(bench: Bench) -> None:
    device = bench.device()
    device.boot()
    device.update(chunks(bench.second))
    for slot in device.slots:
        device.flash.content[slot.start + 900] ^= 0x80
    with pytest.raises(NothingToBoot):
        device.boot()
    with pytest.raises(NothingToBoot):
        device.confirm()


def test_marks_alone_boot_nothing(bench: Bench) -> None:
    """Whoever can write the marks but not sign gets nothing booted."""
    device = bench.device()
    device.boot()
    slot = device.slots[1]
    slot.clear()
    slot.fill([bench.second[:-1] + bytes([bench.second[-1] ^ 1])])
    for mark in Mark:
        slot.note(mark)
    assert runs(device) == "1.0.0"


@pytest.mark.parametrize("mark", list(Mark))
def test_a_torn_mark_grants_nothing_and_is_not_written_again(bench: Bench, mark: Mark) -> None:
    slot = bench.device().slots[1]
    slot.clear()
    slot.flash.power = Power(0, torn=True)
    with pytest.raises(PowerLost):
        slot.note(mark)
    assert slot.touched(mark) and not slot.has(mark)
    assert not any(slot.touched(other) for other in Mark if other is not mark)


def test_a_counter_that_cannot_be_read_refuses_everything(bench: Bench) -> None:
    device = bench.device()
    start = device.counter.start
    device.flash.content[start : start + 2 * SECTOR_BYTES] = b"\xff" * (2 * SECTOR_BYTES)
    with pytest.raises(CounterLost):
        device.boot()


def test_the_counter_survives_a_cut_at_every_step_of_its_life() -> None:
    for torn in (False, True):
        flash = Flash(2 * 64, 64)
        Counter(flash, 0).provision(1)
        for value in range(2, 40):  # through both sectors more than twice
            before = bytes(flash.content)
            for lasts in (0, 1):
                flash = Flash(2 * 64, 64, power=Power(lasts, torn), content=bytearray(before))
                try:
                    Counter(flash, 0).advance(value)
                except PowerLost:
                    flash.power = Power()
                    assert Counter(flash, 0).value() in (value - 1, value)
                    Counter(flash, 0).advance(value)
                assert Counter(flash, 0).value() == value
                Counter(flash, 0).advance(value - 1)
                assert Counter(flash, 0).value() == value


def test_a_flash_takes_each_unit_once() -> None:
    flash = Flash(1024, 512)
    flash.write(8, b"0123456789")
    assert flash.read(8, 16) == b"0123456789" + b"\xff" * 6
    for at, data in ((8, b"\0"), (16, b"\0"), (4, b"\0"), (1024, b"\0")):
        with pytest.raises(ValueError, match="before|start|out of"):
            flash.write(at, data)
    with pytest.raises(ValueError, match="start of a sector"):
        flash.erase(8)
    flash.erase(0)
    assert flash.is_erased(0, 1024)


def test_random_lives_boot_only_what_was_signed(bench: Bench) -> None:
    """Updates good and bad, cuts, confirmations and flipped bits of the other slot, at random."""
    rng = np.random.default_rng(5)
    genuine = {f"1.{n}.0": bench.image(f"1.{n}.0", 1 + n // 3) for n in range(9)}
    for _ in range(20):
        device, least = bench.device(), 1
        for _ in range(12):
            version = f"1.{rng.integers(9)}.0"
            sent = bytearray(genuine[version])
            if rng.random() < 0.3:
                sent[rng.integers(len(sent))] ^= 1 << int(rng.integers(8))
            device = bench.device(device.flash.content)
            if rng.random() < 0.5:
                device.flash.power = Power(int(rng.integers(200)), bool(rng.random() < 0.5))
            try:
                if device.boot().on_trial and rng.random() < 0.7:
                    device.confirm()
                device.update(chunks(bytes(sent)))
            except (ImageError, PowerLost):
                pass
            device.flash.power = Power()
            running = device.boot()
            assert running.image.version in genuine or running.image.version == "1.0.0"
            assert running.image.security_counter >= device.counter.value() >= least
            least = device.counter.value()
