"""The device's security counter: a log in two sectors of flash that only goes up.

An entry is the value and its CRC-32; a torn one does not fit and counts for nothing. A sector is
erased only while the other one holds the value. Whoever can erase this flash can take the device
back: on a real device it has to be memory that the application cannot write.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from palisade.boot.failures import CounterLost
from palisade.boot.flash import Flash

_ENTRY = struct.Struct("<II")


@dataclass(frozen=True)
class Counter:
    """A counter in the two sectors from ``start``."""

    flash: Flash
    start: int

    def value(self) -> int:
        """The least security counter that the device still accepts.

        Raises:
            CounterLost: No entry is whole.
        """
        values = [value for sector in (0, 1) for value in self._values(sector)]
        if not values:
            raise CounterLost(
                "the device's security counter cannot be read", "the device has to be serviced"
            )
        return max(values)

    def provision(self, value: int) -> None:
        """Set the first value, at the factory."""
        for sector in (0, 1):
            self.flash.erase(self._at(sector))
        self._append(0, value)

    def advance(self, value: int) -> None:
        """Go up to a value; a lower one changes nothing.

        Raises:
            CounterLost: No entry is whole.
        """
        now = self.value()
        if value <= now:
            return
        sector = 0 if now in self._values(0) else 1
        if not self._append(sector, value):
            self.flash.erase(self._at(1 - sector))
            self._append(1 - sector, value)

    def _at(self, sector: int) -> int:
        return self.start + sector * self.flash.sector_bytes

    def _places(self, sector: int) -> range:
        room = -(-_ENTRY.size // self.flash.write_bytes) * self.flash.write_bytes
        return range(self._at(sector), self._at(sector) + self.flash.sector_bytes - room + 1, room)

    def _values(self, sector: int) -> list[int]:
        found = []
        for at in self._places(sector):
            value, check = _ENTRY.unpack(self.flash.read(at, _ENTRY.size))
            if check == _check(value):
                found.append(value)
        return found

    def _append(self, sector: int, value: int) -> bool:
        """Write after all that was ever written to a sector; whether there was room."""
        places = self._places(sector)
        used = [at for at in places if not self.flash.is_erased(at, places.step)]
        at = used[-1] + places.step if used else places.start
        if at not in places:
            return False
        self.flash.write(at, _ENTRY.pack(value, _check(value)))
        return True


def _check(value: int) -> int:
    return zlib.crc32(b"counter" + value.to_bytes(4, "little"))
