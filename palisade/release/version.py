"""Versions and security counters, within what MCUboot keeps of them.

Reference: https://docs.mcuboot.com/design.html#image-format (struct image_version)
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

LARGEST_COUNTER = 2**32 - 1
_LARGEST = (255, 255, 65535)


def numbers(version: str) -> tuple[int, int, int]:
    """A version's numbers, to compare by."""
    major, minor, patch = map(int, version.split("."))
    return major, minor, patch


def _fits(version: str) -> str:
    if any(number > most for number, most in zip(numbers(version), _LARGEST, strict=True)):
        raise ValueError("a version is at most 255.255.65535")
    return version


# MAJOR.MINOR.PATCH of Semantic Versioning 2.0.0.
Version = Annotated[
    str, Field(pattern=r"^(0|[1-9]\d{0,4})(\.(0|[1-9]\d{0,4})){2}$"), AfterValidator(_fits)
]
Counter = Annotated[int, Field(ge=0, le=LARGEST_COUNTER)]
