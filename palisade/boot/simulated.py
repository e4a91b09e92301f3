"""A simulated device with two slots for its model: it boots a verified one or refuses inference.

Its bootloader does what MCUboot does in direct-XIP mode with revert: an update goes to the slot
that is not running, is verified there, booted once on trial, and stays only if the application
confirms it; else the next boot goes back. The security counter follows a confirmed boot. What is
simulated is the order of writes and checks, not a processor: there is no hardware root of trust.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from palisade.boot import image, key, payload
from palisade.boot.counter import Counter
from palisade.boot.failures import (
    ImageError,
    NothingToBoot,
    OnTrial,
    UnmetDependency,
    WrongPayload,
    WrongTask,
)
from palisade.boot.flash import Flash
from palisade.boot.slot import Mark, Slot
from palisade.device import library
from palisade.device import payload as walked
from palisade.device.attest import Attested
from palisade.errors import PalisadeError
from palisade.release.version import numbers


@dataclass(frozen=True)
class Identity:
    """What the factory wrote into a device.

    Attributes:
        public_key: the key whose images it boots.
        task: its name.
        firmware_version: of the firmware that is around the model.
    """

    public_key: key.PublicKey
    task: str
    firmware_version: str


@dataclass(frozen=True)
class Running:
    """What was booted.

    Attributes:
        slot: from where.
        image: what the bootloader verified.
        model: what the C code found in it, and attests.
        on_trial: whether it goes unless it is confirmed.
    """

    slot: Slot
    image: image.Image
    model: Attested
    on_trial: bool


@dataclass
class Device:
    """A device; a new one with the same flash is the same device after its power came back."""

    flash: Flash
    identity: Identity
    image_bytes: int
    running: Running | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        first = Slot(self.flash, 0, self.image_bytes)
        self.slots = (first, Slot(self.flash, first.end, self.image_bytes))
        self.counter = Counter(self.flash, self.slots[1].end)

    @staticmethod
    def flash_bytes(image_bytes: int, sector_bytes: int) -> int:
        """How much flash a device with such slots takes."""
        return 2 * (image_bytes + sector_bytes) + 2 * sector_bytes

    def provision(self, content: bytes) -> None:
        """Write the first image and its counter, at the factory.

        Raises:
            ImageError: The device would not boot it.
        """
        slot = self.slots[0]
        first = self._checked(content, 0)
        slot.clear()
        slot.fill([content])
        self.counter.provision(first.security_counter)
        for mark in (Mark.RECEIVED, Mark.TRIED, Mark.CONFIRMED):
            slot.note(mark)

    def boot(self) -> Running:
        """Boot an image on trial, else the newest that is confirmed.

        Raises:
            NothingToBoot: No slot holds an image that may run.
            CounterLost: The security counter cannot be read.
        """
        self.running = None
        least = self.counter.value()
        reasons: list[str] = []
        found = [one for slot in self.slots if (one := self._bootable(slot, least, reasons))]
        if not found:
            raise NothingToBoot(
                f"no slot of {self.identity.task} holds an image that may run "
                f"({'; '.join(reasons)})",
                "send the device an update by its service interface",
            )
        best = max(found, key=_rank)
        if best.on_trial:
            best.slot.note(Mark.TRIED)
        else:
            self.counter.advance(best.image.security_counter)  # of a confirm that was cut short
        self.running = best
        return best

    def update(self, chunks: Iterable[bytes]) -> None:
        """Receive an image into the slot that does not run, and have it booted next.

        Raises:
            OnTrial: What runs is not confirmed: the other slot is the way back.
            ImageError: The image is refused; it has no mark and is not booted.
        """
        running = self._running()
        if running.on_trial:
            raise OnTrial("the running image is on trial", "confirm it, or boot again, first")
        slot = self.slots[1] if running.slot is self.slots[0] else self.slots[0]
        slot.clear()
        received = slot.fill(chunks)
        # What counts is what the flash holds now, not what came over the air.
        self._checked(self.flash.read(slot.start, received), self.counter.value())
        slot.note(Mark.RECEIVED)

    def confirm(self) -> None:
        """Keep what runs, and never accept again what is older than its security counter.

        Raises:
            NothingToBoot: Nothing runs.
        """
        running = self._running()
        if running.on_trial:
            running.slot.note(Mark.CONFIRMED)
            self.running = Running(running.slot, running.image, running.model, on_trial=False)
        self.counter.advance(running.image.security_counter)

    def _running(self) -> Running:
        if self.running is None:
            raise NothingToBoot("the device was not booted", "boot it first")
        return self.running

    def _bootable(self, slot: Slot, least: int, reasons: list[str]) -> Running | None:
        on_trial = not slot.has(Mark.CONFIRMED)
        if on_trial and (not slot.has(Mark.RECEIVED) or slot.touched(Mark.TRIED)):
            reasons.append("an image was not received whole, or not confirmed")
            return None
        try:
            content = slot.content()
            verified = self._checked(content[: image.total_bytes(content)], least)
            model = Attested(walked.of_image(content), self.identity.task)
        except (ImageError, library.Fault) as error:
            reasons.append(error.problem if isinstance(error, PalisadeError) else str(error))
            return None
        return Running(slot, verified, model, on_trial)

    def _checked(self, content: bytes, least: int) -> image.Image:
        verified = image.verify(content, self.identity.public_key, least_counter=least)
        task = payload.parse(verified.payload).task
        if task != self.identity.task:
            raise WrongTask(
                f"the image is of {task}, and the device of {self.identity.task}",
                "send it the image of its own task",
            )
        needs = verified.needs_version.partition("+")[0]
        if verified.needs_image != 0 or numbers(needs) > numbers(self.identity.firmware_version):
            raise UnmetDependency(
                f"the image asks for firmware {needs}, and there is "
                f"{self.identity.firmware_version}",
                "update the firmware first",
            )
        try:
            Attested(verified.payload, task)
        except library.Fault as error:
            raise WrongPayload(
                f"the device cannot open the payload ({error.status})", "make the image again"
            ) from error
        return verified


def _rank(one: Running) -> tuple[bool, int, tuple[int, int, int]]:
    version = one.image.version.partition("+")[0]
    return one.on_trial, one.image.security_counter, numbers(version)
