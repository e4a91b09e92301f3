"""``model-manifest.json``: what the devices of a release run, task by task.

Each image carries the file's SHA-256 under its own signature, so that images of one release can be
told from those of another. It lists model, guard tables and labels and not the images, which
could not be made before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from palisade.boot.failures import WrongManifest
from palisade.boot.payload import KINDS
from palisade.errors import PalisadeError
from palisade.release.contents import shown
from palisade.release.reading import bounded, strict_json
from palisade.release.version import Counter, Version
from palisade.stage import Params, checked

NAME = "model-manifest.json"
LARGEST_BYTES = 1024 * 1024
_AGAIN = "package the release again"

Name = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,14}$")]  # it is a file's and C's as well


class Part(Params):
    """One part of a payload."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="of its bytes, in hexadecimal")
    length_bytes: int = Field(ge=1, description="its length in bytes")


class Task(Params):
    """What a task's device runs."""

    model: Part = Field(description="the int8 model, as it is executed")
    guard: Part = Field(description="the guard's tables, see palisade/payload.h")
    labels: Part = Field(description="class names, each with a line feed")


class ModelManifest(Params):
    """The file."""

    schema_version: Literal[1]
    version: Version = Field(description="of the models: major.minor.patch")
    security_counter: Counter = Field(description="goes up where no device may go back")
    firmware_version: Version = Field(description="the least that the models run on")
    tasks: dict[Name, Task] = Field(min_length=1)


def describe(
    payloads: Mapping[str, Mapping[str, bytes]],
    *,
    version: str,
    security_counter: int,
    firmware_version: str,
) -> bytes:
    """The file's bytes, for each task's parts by their kind.

    Raises:
        PalisadeError: A version or the counter is out of its range.
    """
    content = {
        "schema_version": 1,
        "version": version,
        "security_counter": security_counter,
        "firmware_version": firmware_version,
        "tasks": {
            task: {kind: part(parts[kind]).model_dump() for kind in KINDS}
            for task, parts in payloads.items()
        },
    }
    made = checked(ModelManifest, content, NAME).model_dump()
    return (json.dumps(made, indent=2, sort_keys=True) + "\n").encode()


def part(content: bytes) -> Part:
    """How a part with these bytes is listed."""
    return Part(sha256=hashlib.sha256(content).hexdigest(), length_bytes=len(content))


def parse(content: bytes) -> ModelManifest:
    """Read the file's bytes.

    Raises:
        WrongManifest: They are not such a file's.
    """
    try:
        return checked(ModelManifest, strict_json(content), NAME)
    except ValueError as error:
        raise WrongManifest(f"{NAME} is not plain JSON ({error})", _AGAIN) from error
    except PalisadeError as error:
        raise WrongManifest(f"{NAME} is malformed ({error.problem})", _AGAIN) from error


def read(path: Path) -> tuple[ModelManifest, bytes]:
    """Read the file: what it says, and its SHA-256 (32 bytes).

    Raises:
        WrongManifest: It is missing, or no such file.
    """
    try:
        content = bounded(path, limit_bytes=LARGEST_BYTES)
    except OSError as error:
        raise WrongManifest(
            f"{shown(str(path))} cannot be read ({error.strerror})", _AGAIN
        ) from error
    return parse(content), hashlib.sha256(content).digest()
