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
from palisade.files import write_json
from palisade.release.contents import digests as contents_of
from palisade.release.contents import shown
from palisade.release.failures import BadManifest
from palisade.release.reading import bounded, strict_json
from palisade.release.settings import Settings
from palisade.release.version import Counter, Version
from palisade.stage import Params, checked

NAME = "manifest.json"
LARGEST_BYTES = 16 * 1024 * 1024
ROUNDING = 1e-5  # of a figure, which a table has with six digits

_REMAKE = "package and sign the release again"


class File(Params):
    """One file of the release."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="of its bytes, in hexadecimal")
    length_bytes: int = Field(ge=0, description="its length in bytes")


class Check(Params):
    """A check on a measurement itself."""

    figure: float | None = Field(description="none where it was not measured, so that it fails")
    relation: Literal["<=", ">="]
    limit: float
    passed: bool


class FailedCheck(Params):
    """A check that failed, and of what."""

    part: str = Field(description="a task, or fusion")
    check: str = Field(description="its name")
    figure: float | None = Field(description="none where it was not measured")
    relation: Literal["<=", ">="]
    limit: float


class Rate(Params):
    """A share of n with its 95 % interval: Wilson's; of worst cases, by speaker, street or home."""

    value: float
    low: float
    high: float
    n: int


class Data(Params):
    """What a model was trained and measured on."""

    corpus: str = Field(description="its folder in the project")
    licence: str = Field(description="SPDX, or `not stated`")


class Documents(Params):
    """Papers of the release, by their path in it."""

    bom: str = Field(description="CycloneDX, with a model card for each task")
    threat_model: str = Field(description="what was defended against, and what was not")
    checklist: str = Field(description="what was asked of the release, and what it has")


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
    data: Data
    preprocessing: list[str] = Field(
        description="params of what changes a raw input before the front end, where it is on"
    )
    checks: dict[str, Check] = Field(description="on the measurement itself, by name")
    attacks: dict[str, list[str]] = Field(
        description="by budget, the attacks that the int8 model was tried with"
    )
    worst_case: dict[str, dict[str, dict[str, Rate]]] = Field(
        description="accuracy by model (with the guard: right or not accepted), among whom, budget"
    )


class Fusion(Params):
    """The decision that the tasks make together."""

    policy: str = Field(description="its path in the release")
    reliable: bool = Field(description="whether every check on the measurement itself passed")
    metrics: dict[str, Any] = Field(
        description="the stage's metrics file, and under `crafted` that of crafted inputs"
    )
    checks: dict[str, Check] = Field(description="on both measurements themselves, by name")
    rates: dict[str, Rate] = Field(description="the figures that are rates, with intervals")


class Manifest(Params):
    """The whole release. The manifest does not list itself; the signature covers it."""

    schema_version: Literal[2]
    version: Version = Field(description="of the release")
    security_counter: Counter = Field(description="never goes down on a device")
    assurance: Literal["development"] = Field(description="what the pipeline's own key vouches for")
    reliable: bool = Field(description="whether every task and the fusion are reliable")
    failed_checks: list[FailedCheck] = Field(description="of every part; empty if reliable")
    tasks: dict[str, Task] = Field(min_length=1)
    fusion: Fusion | None = Field(description="none where each task decides alone")
    documents: Documents
    files: dict[str, File] = Field(description="every file but the manifest, by its path")
    inputs: dict[str, str] = Field(description="SHA-256 of each file it was made from, by path")
    params: dict[str, Any] = Field(description="the params it was made with, by dotted name")


def describe(
    *,
    settings: Settings,
    tasks: Mapping[str, Task],
    fusion: Fusion | None,
    documents: Documents,
    inputs: Mapping[str, str],
    params: Mapping[str, Any],
) -> dict[str, Any]:
    """Everything of a manifest but ``files``, ready for JSON."""
    parts: dict[str, Task | Fusion] = {**tasks, **({"fusion": fusion} if fusion else {})}
    return {
        "schema_version": 2,
        "version": settings.version,
        "security_counter": settings.security_counter,
        "assurance": "development",
        "reliable": all(part.reliable for part in parts.values()),
        "failed_checks": [
            {"part": name, "check": title, **check.model_dump(exclude={"passed"})}
            for name, part in sorted(parts.items())
            for title, check in sorted(part.checks.items())
            if not check.passed
        ],
        "tasks": {name: task.model_dump() for name, task in tasks.items()},
        "fusion": None if fusion is None else fusion.model_dump(),
        "documents": documents.model_dump(),
        "inputs": dict(inputs),
        "params": dict(params),
    }


def files_of(release: Path) -> dict[str, dict[str, Any]]:
    """Digest and length of every file that a folder holds, by its path in it."""
    return {
        name: {"sha256": digest, "length_bytes": (release / name).stat().st_size}
        for name, digest in contents_of(release).items()
    }


def write(release: Path, content: Mapping[str, Any]) -> None:
    """Write what ``describe`` gave, with ``files``, into a folder that is complete but for it.

    Raises:
        PalisadeError: It is no manifest.
    """
    whole = {**content, "files": files_of(release)}
    write_json(release / NAME, checked(Manifest, whole, NAME).model_dump())


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


def holds(check: Check) -> bool:
    """Whether a check's figure keeps its limit; one that was not measured does not."""
    if check.figure is None:
        return False
    beyond = check.figure - check.limit if check.relation == "<=" else check.limit - check.figure
    return beyond <= ROUNDING * max(1.0, abs(check.limit))


def _check_parts(parsed: Manifest, path: Path) -> None:
    for name, part in parts(parsed).items():
        file = part.model if isinstance(part, Task) else part.policy
        if file not in parsed.files:
            raise BadManifest(f"{path} names {file!r}, which is no file of it", _REMAKE)
        false = [title for title, check in part.checks.items() if check.passed and not holds(check)]
        if false:
            raise BadManifest(f"{path} says that {false[0]!a} of {name} passed", _REMAKE)
        failed = {title for title, check in part.checks.items() if not check.passed}
        listed = {one.check for one in parsed.failed_checks if one.part == name}
        if (parsed.reliable and not part.reliable) or part.reliable == bool(failed):
            raise BadManifest(f"{path} hides that {name} is not reliable", _REMAKE)
        if failed != listed:
            raise BadManifest(f"{path} hides which checks of {name} failed", _REMAKE)
    for paper in parsed.documents.model_dump().values():
        if paper not in parsed.files:
            raise BadManifest(f"{path} names {paper!r}, which is no file of it", _REMAKE)
