"""``manifest.json``: what a release holds, what it was made from, and how good it is.

It follows from the pipeline's outputs alone: the same inputs give the same bytes, with no time,
no host and no path of the machine in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from palisade.errors import PalisadeError
from palisade.release.contents import digests as contents_of
from palisade.release.contents import shown
from palisade.release.failures import BadManifest
from palisade.release.reading import bounded, strict_json
from palisade.stage import Params, checked

NAME = "manifest.json"
LARGEST_BYTES = 16 * 1024 * 1024

_REMAKE = "package and sign the release again"


class File(Params):
    """One file of the release."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="of its bytes, in hexadecimal")
    length_bytes: int = Field(ge=0, description="its length in bytes")


class Task(Params):
    """One task's model."""

    model: str = Field(description="the int8 model's path in the release")
    labels: list[str] = Field(min_length=2, description="class names, in the order of the logits")
    interface: dict[str, Any] = Field(
        description="scale and zero point of the model's int8 input and outputs, as "
        "`convert` measured them; empty where it gave none"
    )
    reliable: bool = Field(description="whether every check on the measurement itself passed")
    metrics: dict[str, dict[str, Any]] = Field(description="each stage's metrics file")


class Fusion(Params):
    """The decision that the tasks make together."""

    policy: str = Field(description="its path in the release")
    reliable: bool = Field(description="whether every check on the measurement itself passed")
    metrics: dict[str, Any] = Field(description="the stage's metrics file")


class Manifest(Params):
    """The whole release. The manifest does not list itself; the signature covers it."""

    schema_version: Literal[1, 2]
    assurance: Literal["development"] = Field(description="what the pipeline's own key vouches for")
    reliable: bool = Field(description="whether every task and the fusion are reliable")
    tasks: dict[str, Task] = Field(min_length=1)
    fusion: Fusion | None = Field(description="none where each task decides alone")
    files: dict[str, File] = Field(description="every file but the manifest, by its path")
    inputs: dict[str, str] = Field(description="SHA-256 of each file it was made from, by path")
    params: dict[str, Any] = Field(description="the params it was made with, by dotted name")
    version: str = Field(default="0.0.0", description="major.minor.patch")
    security_counter: int = Field(default=0, ge=0, lt=2**32, description="never goes back")
    failed_checks: list[dict[str, Any]] = Field(default=[], description="of the measurement")
    documents: dict[str, str] = Field(default={}, description="paths of the papers, by kind")


def describe(
    release: Path,
    *,
    tasks: Mapping[str, Task],
    fusion: Fusion | None,
    inputs: Mapping[str, str],
    params: Mapping[str, Any],
) -> dict[str, Any]:
    """The manifest of a folder that holds everything but the manifest, ready for JSON.

    Raises:
        PalisadeError: The parts do not make a manifest.
    """
    files = {
        name: {"sha256": digest, "length_bytes": (release / name).stat().st_size}
        for name, digest in contents_of(release).items()
    }
    content = {
        "schema_version": 1,
        "assurance": "development",
        "reliable": all(task.reliable for task in tasks.values())
        and (fusion is None or fusion.reliable),
        "tasks": {name: task.model_dump() for name, task in tasks.items()},
        "fusion": None if fusion is None else fusion.model_dump(),
        "files": files,
        "inputs": dict(inputs),
        "params": dict(params),
    }
    return checked(Manifest, content, NAME).model_dump()


def read(release: Path, digests: Mapping[str, str]) -> Manifest:
    """Read the manifest of a release whose signature holds, and check that it describes it.

    Args:
        release: the folder.
        digests: the verified SHA-256 of every file, by its path relative to the folder.

    Raises:
        BadManifest: It is missing, malformed, or describes another folder.
    """
    path = release / NAME
    try:
        content = bounded(path, limit_bytes=LARGEST_BYTES)
        parsed = checked(Manifest, strict_json(content), NAME)
    except FileNotFoundError:
        raise BadManifest(f"{shown(str(path))} is not there", _REMAKE) from None
    except OSError as error:
        raise BadManifest(f"{path} cannot be read ({error.strerror})", _REMAKE) from error
    except ValueError as error:
        raise BadManifest(f"{path} is not plain JSON ({str(error)[:200]})", _REMAKE) from error
    except PalisadeError as error:
        raise BadManifest(f"{path} is malformed ({error.problem})", _REMAKE) from error
    listed = {name: file.sha256 for name, file in parsed.files.items()}
    if listed | {NAME: hashlib.sha256(content).hexdigest()} != dict(digests):
        wrong = {shown(name) for name, _ in listed.items() ^ digests.items() if name != NAME}
        raise BadManifest(f"{path} does not describe {', '.join(sorted(wrong)) or NAME}", _REMAKE)
    _check_parts(parsed, path)
    return parsed


def parts(parsed: Manifest) -> dict[str, Task | Fusion]:
    """What a release is made of: its tasks by name, and ``fusion`` where it has one."""
    return {**parsed.tasks, **({"fusion": parsed.fusion} if parsed.fusion else {})}


def _check_parts(parsed: Manifest, path: Path) -> None:
    for name, part in parts(parsed).items():
        file = part.model if isinstance(part, Task) else part.policy
        if file not in parsed.files:
            raise BadManifest(f"{path} names {file!r}, which is no file of it", _REMAKE)
        if parsed.reliable and not part.reliable:
            raise BadManifest(f"{path} hides that {name} is not reliable", _REMAKE)
