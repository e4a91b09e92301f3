"""Figures by where they stand in a release, so that no sentence states one that no file holds.

A template is a sentence with places in braces, ``"It misses {metrics/evaluate/.../rate}."``, and
is filled with what stands there. A place is

- ``/a/b``: a JSON pointer (RFC 6901) into ``manifest.json``;
- ``file.json#/a/b``: one into another file of the release;
- ``metrics/evaluate/reliable``: within the task, so ``/tasks/<task>/metrics/evaluate/reliable``;
- ``params/attack/steps``: of the task's params, so ``/params/attack.<task>/steps``.

Words in capitals stand for what differs from task to task: ``TASK``, ``REFERENCE`` (the name of
the budget of the headline figure) and so on. ``{place|budget}`` writes a budget in its unit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

MANIFEST = "manifest.json"
_PLACE = re.compile(r"\{([^{}|]+)(?:\|(\w+))?\}")
_WORD = re.compile(r"[A-Z][A-Z_]*[A-Z](?![A-Za-z])")


@dataclass(frozen=True)
class Evidence:
    """A value and where it stands: a file of the release and a JSON pointer into it."""

    file: str
    field: str
    value: Any

    def plain(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {"file": self.file, "field": self.field, "value": self.value}


class Absent(Exception):
    """Nothing stands at a place."""

    def __init__(self, file: str, pointer: str) -> None:
        super().__init__(f"{file}#{pointer}")


@dataclass(frozen=True)
class Filled:
    """A template filled, and what it was filled with."""

    text: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Scope:
    """Where the places of a template lead.

    Attributes:
        files: JSON content by the file's path in the release.
        task: the task that templates are filled for, or None for the release as a whole.
        words: what words in capitals stand for.
        budget: writes a budget in its unit.
    """

    files: Mapping[str, Any]
    task: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    budget: Callable[[float], str] = str

    def at(self, place: str) -> Evidence:
        """What stands at a place.

        Raises:
            Absent: Nothing does, or null.
        """
        file, pointer = self._pointer(place)
        value = self.files.get(file)
        for part in pointer.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
                value = value[int(key)]
            elif isinstance(value, Mapping):
                value = value.get(key)
            else:
                value = None
        if value is None:
            raise Absent(file, pointer)
        return Evidence(file, pointer, value)

    def has(self, place: str) -> bool:
        """Whether anything stands there."""
        try:
            self.at(place)
        except Absent:
            return False
        return True

    def fill(self, template: str) -> Filled:
        """Put what stands at its places into a template.

        Raises:
            Absent: Nothing stands at one of them.
        """
        found: list[Evidence] = []

        def write(match: re.Match[str]) -> str:
            found.append(self.at(match[1]))
            value = found[-1].value
            return self.budget(value) if match[2] == "budget" else shown(value)

        return Filled(_PLACE.sub(write, self._said(template)), tuple(found))

    def with_words(self, **words: str) -> Scope:
        """The same with further words."""
        return replace(self, words={**self.words, **words})

    def _pointer(self, place: str) -> tuple[str, str]:
        file, _, pointer = self._said(place).rpartition("#")
        parts = pointer.split("/")
        if parts[0] == "params":
            parts = ["", "params", f"{parts[1]}.{self.task}", *parts[2:]]
        elif parts[0]:
            parts = ["", "tasks", str(self.task), *parts]
        return file or MANIFEST, "/".join(parts)

    def _said(self, text: str) -> str:
        """Words in capitals replaced by what they stand for."""
        return _WORD.sub(lambda match: self.words.get(match[0], match[0]), text)


def shown(value: Any) -> str:
    """A value as a sentence has it; numbers to three significant digits, counts in full."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value))
    return str(value)
