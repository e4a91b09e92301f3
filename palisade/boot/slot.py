"""A slot of flash for an image, with marks of how far it is trusted in a sector of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from palisade.boot.failures import TooLargeForSlot
from palisade.boot.flash import Flash

_PATTERN = bytes.fromhex("77c295f360d2ef7f3552500f2cb67980")  # cut or repeated to a unit


class Mark(IntEnum):
    """What was noted of a slot's image, each once."""

    RECEIVED = 0  # it was written whole and verified
    TRIED = 1  # it was booted once
    CONFIRMED = 2  # it was found to work


@dataclass(frozen=True)
class Slot:
    """A slot.

    Attributes:
        flash: the memory.
        start: where it begins, a sector.
        image_bytes: room for the image, whole sectors; one more has the marks.
    """

    flash: Flash
    start: int
    image_bytes: int

    @property
    def end(self) -> int:
        """What follows the slot."""
        return self.start + self.image_bytes + self.flash.sector_bytes

    def content(self) -> bytes:
        """All the room for the image."""
        return self.flash.read(self.start, self.image_bytes)

    def clear(self) -> None:
        """Erase it, the marks first: an image that is half gone must not have any."""
        self.flash.erase(self.start + self.image_bytes)
        for at in range(self.start, self.start + self.image_bytes, self.flash.sector_bytes):
            self.flash.erase(at)

    def fill(self, chunks: Iterable[bytes]) -> int:
        """Write an image into the cleared slot as it comes; its length in bytes.

        Raises:
            TooLargeForSlot: It does not fit.
        """
        total, waiting = 0, b""
        for chunk in chunks:
            waiting += chunk
            if total + len(waiting) > self.image_bytes:
                raise TooLargeForSlot(
                    f"the image has more than the slot's {self.image_bytes} bytes",
                    "make a smaller model, or give it a larger slot",
                )
            whole = len(waiting) - len(waiting) % self.flash.write_bytes
            self.flash.write(self.start + total, waiting[:whole])
            total, waiting = total + whole, waiting[whole:]
        self.flash.write(self.start + total, waiting)
        return total + len(waiting)

    def has(self, mark: Mark) -> bool:
        """Whether a mark is whole. One that is torn grants nothing."""
        return self._unit(mark) == self._pattern

    def touched(self, mark: Mark) -> bool:
        """Whether a mark was at least begun: a trial that may have run has been the only one."""
        return not self.flash.is_erased(self._place(mark), self.flash.write_bytes)

    def note(self, mark: Mark) -> None:
        """Write a mark."""
        self.flash.write(self._place(mark), self._pattern)

    @property
    def _pattern(self) -> bytes:
        count = self.flash.write_bytes
        return (_PATTERN * count)[:count]

    def _place(self, mark: Mark) -> int:
        return self.start + self.image_bytes + mark * self.flash.write_bytes

    def _unit(self, mark: Mark) -> bytes:
        return self.flash.read(self._place(mark), self.flash.write_bytes)
