"""What a painter of a thing may know of it."""

from __future__ import annotations

from typing import Protocol


class Look(Protocol):
    """A thing's size and greys, see ``things.Thing``."""

    @property
    def height_m(self) -> float: ...
    @property
    def tone(self) -> float: ...
    @property
    def second_tone(self) -> float: ...
