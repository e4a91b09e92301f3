"""A simulated flash memory whose power can fail at any write or erase.

NOR flash with error correction, as microcontrollers have it: bits go from 1 to 0 by writing whole
units, once each, and back by erasing whole sectors.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

ERASED = 0xFF


class PowerLost(Exception):
    """The device went dark during a write or an erase."""


@dataclass
class Power:
    """Lasts for some steps, each of which is the write of a unit or the erase of a sector.

    Attributes:
        lasts: how many steps end well; None: all of them.
        torn: whether the one after that is done in part, rather than not at all.
        steps: that began so far.
    """

    lasts: int | None = None
    torn: bool = False
    steps: int = 0

    def holds(self) -> bool:
        """Whether the next step ends well."""
        self.steps += 1
        return self.lasts is None or self.steps <= self.lasts


@dataclass
class Flash:
    """A flash memory.

    Attributes:
        total_bytes: a multiple of ``sector_bytes``.
        sector_bytes: what an erase takes, a multiple of ``write_bytes``.
        write_bytes: what a write takes.
        power: what the memory runs on.
        content: what it holds.
    """

    total_bytes: int
    sector_bytes: int = 4096
    write_bytes: int = 8
    power: Power = field(default_factory=Power)
    content: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        if self.total_bytes % self.sector_bytes or self.sector_bytes % self.write_bytes:
            raise ValueError("flash has whole sectors, and a sector whole units")
        if not self.content:
            self.content = bytearray([ERASED]) * self.total_bytes

    def read(self, at: int, count_bytes: int) -> bytes:
        """Some of it."""
        self._inside(at, count_bytes)
        return bytes(self.content[at : at + count_bytes])

    def is_erased(self, at: int, count_bytes: int) -> bool:
        """Whether nothing was written there since the last erase."""
        return self.read(at, count_bytes) == bytes([ERASED]) * count_bytes

    def write(self, at: int, data: bytes) -> None:
        """Write units one after the other; a last one that is not full keeps ones.

        Raises:
            ValueError: A unit is misaligned, out of the memory, or was written before.
            PowerLost: The power failed.
        """
        if at % self.write_bytes:
            raise ValueError(f"{at} is not the start of a unit")
        data += bytes([ERASED]) * (-len(data) % self.write_bytes)
        for start in range(0, len(data), self.write_bytes):
            self._write_unit(at + start, data[start : start + self.write_bytes])

    def _write_unit(self, at: int, unit: bytes) -> None:
        if not self.is_erased(at, self.write_bytes):
            raise ValueError(f"the unit at {at} was written before")
        if not self.power.holds():
            if self.power.torn:
                noise = random.Random(at).randbytes(len(unit))  # bits that were too slow
                torn = bytes(bits | slow for bits, slow in zip(unit, noise, strict=True))
                self.content[at : at + len(unit)] = torn
            raise PowerLost
        self.content[at : at + len(unit)] = unit

    def erase(self, at: int) -> None:
        """Erase the sector that begins there.

        Raises:
            ValueError: No sector begins there.
            PowerLost: The power failed.
        """
        if at % self.sector_bytes:
            raise ValueError(f"{at} is not the start of a sector")
        self._inside(at, self.sector_bytes)
        if not self.power.holds():
            if self.power.torn:
                noise = random.Random(at).randbytes(self.sector_bytes)  # bits that were fast
                old = self.content[at : at + self.sector_bytes]
                torn = bytes(bits | fast for bits, fast in zip(old, noise, strict=True))
                self.content[at : at + self.sector_bytes] = torn
            raise PowerLost
        self.content[at : at + self.sector_bytes] = bytes([ERASED]) * self.sector_bytes

    def _inside(self, at: int, count_bytes: int) -> None:
        if at < 0 or count_bytes < 0 or at + count_bytes > self.total_bytes:
            raise ValueError(f"{count_bytes} bytes at {at} are out of the memory")
