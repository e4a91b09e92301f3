"""What was measured of the library on an emulated Cortex-M4, as it is kept beside it.

The pipeline runs where there is neither a cross compiler nor an emulator, and gives the same
figures there. So what only those can tell is measured once, by ``python -m
palisade.device.measure``, and kept in ``device/measured.json`` with a digest of the sources that
it is of.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pydantic import Field

from palisade.device import library
from palisade.device.work import Units
from palisade.errors import PalisadeError
from palisade.stage import Params, checked

ADVICE = (
    "measure again, where arm-none-eabi-gcc and unicorn are installed: "
    "`python -m palisade.device.measure`"
)


# Sources that decide over a stream, and are linked where there is one.
LISTEN_SOURCES = ("listen.c",)


class Measured(Params):
    """The file."""

    sources_sha256: str = Field(description="of headers and sources, by name and content")
    compiler: str
    flags: list[str]
    section_bytes: dict[str, int] = Field(description="code and constants of each source file")
    helper_bytes: int = Field(
        ge=0, description="what the compiler's own library adds to them, but for LISTEN_SOURCES"
    )
    listen_helper_bytes: int = Field(ge=0, description="what it adds for those as well")
    struct_bytes: dict[str, int] = Field(description="of structs, as the processor lays them out")
    instructions: dict[str, dict[str, float]] = Field(
        description="of each function, for each unit of its work"
    )
    stack_bytes: dict[str, int] = Field(description="deepest use by each function")

    def price(self, function: str, units: Units) -> float:
        """Instructions of a function for some work.

        Raises:
            PalisadeError: What such a unit costs was not measured.
        """
        prices = self.instructions.get(function, {})
        if unknown := sorted(set(units) - set(prices)):
            raise PalisadeError(f"{place()} has no {function} by {unknown[0]}", ADVICE)
        return sum(prices[unit] * count for unit, count in units.items())


def place(device: Path = library.DEVICE) -> Path:
    """Where the file is."""
    return device / "measured.json"


def load(device: Path = library.DEVICE) -> Measured:
    """What was measured of the sources as they are.

    Raises:
        PalisadeError: The file is not there, is none, or is of other sources.
    """
    path = place(device)
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise PalisadeError(f"{path.name} cannot be read ({error})", ADVICE) from error
    found = checked(Measured, content, path.name)
    if found.sources_sha256 != digest(device):
        raise PalisadeError("device/measured.json is of other sources than device/ holds", ADVICE)
    return found


def digest(device: Path = library.DEVICE) -> str:
    """SHA-256 over the library's headers and sources, by name and content."""
    found = hashlib.sha256()
    for path in [*sorted(device.glob("src/*.[ch]")), *sorted(device.glob("include/**/*.h"))]:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        found.update(f"{path.relative_to(device).as_posix()} {content}\n".encode())
    return found.hexdigest()
