"""The checklist's file: what ``package`` fills and the gate reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field

from palisade.errors import PalisadeError
from palisade.release.evidence import shown
from palisade.release.failures import BadManifest
from palisade.release.reading import bounded, strict_json
from palisade.stage import Params, checked

NAME = "checklist.json"
LARGEST_BYTES = 4 * 1024 * 1024
PASS: Final = "pass"
FAIL: Final = "fail"
VERIFY: Final = "verify"
_ASKED = {None: "", "is there": "a figure", "is": "LIMIT", "is not": "anything but LIMIT"}
DIGEST = 64  # hexadecimal digits


class Line(Params):
    """One thing that is asked of a release."""

    section: str = Field(description="of the checklist")
    name: str = Field(min_length=1, description="unique")
    task: str | None = Field(description="none where it is of the release as a whole")
    claim: str = Field(description="what passes, as a sentence")
    status: Literal["pass", "fail", "verify"]
    required: bool = Field(description="whether the release gate refuses a release that fails it")
    relation: str | None = Field(description="how the figure is held against the limit")
    limit: Any = Field(description="none where no figure is held against one")
    evidence: list[dict[str, Any]] = Field(description="file, field (RFC 6901) and value")
    reason: str = Field(description="why it does not pass, or who decides it")
    verify: str = Field(description="what `verify` must find, for a line that is left to it")


class Checklist(Params):
    """The file."""

    schema_version: Literal[1]
    version: str = Field(description="of the release")
    summary: dict[str, int] = Field(description="how many lines have each status")
    lines: list[Line] = Field(min_length=1)


def made(version: str, lines: list[Line]) -> dict[str, Any]:
    """The file's content, ready for JSON."""
    counts = {one: sum(line.status == one for line in lines) for one in (PASS, FAIL, VERIFY)}
    return Checklist(schema_version=1, version=version, summary=counts, lines=lines).model_dump()


def told(line: dict[str, Any]) -> tuple[str, str]:
    """What was found and what is asked for, in words, of a line of ``lines``."""
    evidence, relation = line["evidence"], line["relation"]
    limit = "" if line["limit"] is None else _worded(line["limit"])
    asked = _ASKED.get(relation, f"{relation} LIMIT").replace("LIMIT", limit)
    if line["status"] == VERIFY:
        return "", asked
    return _worded(evidence[0]["value"]) if evidence else line["reason"], asked


def _worded(value: Any) -> str:
    """A figure; a digest by its beginning, and a mapping by its names."""
    if isinstance(value, dict):
        return ", ".join(sorted(value))
    if isinstance(value, list):
        return shown(value) or "none"
    text = shown(value)
    return f"{text[:12]}..." if len(text) == DIGEST and " " not in text else text


def read(release: Path, name: str) -> list[Line]:
    """The lines of a release whose files were verified.

    Args:
        release: the folder.
        name: the checklist's path in it.

    Raises:
        BadManifest: It is no checklist.
    """
    try:
        content = strict_json(bounded(release / name, limit_bytes=LARGEST_BYTES))
        return checked(Checklist, content, name).lines
    except OSError as error:
        reason = str(error.strerror)
    except ValueError as error:
        reason = str(error)[:200]
    except PalisadeError as error:
        reason = error.problem
    raise BadManifest(f"the checklist {name!a} cannot be read ({reason})", "package it again")
