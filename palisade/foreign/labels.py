"""Which folder is which of a model's classes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from palisade.errors import PalisadeError

REST = "*"  # every folder that no line names


def read(path: Path | None, classes: int, folders: Sequence[str], model: str) -> dict[str, int]:
    """The class of each folder.

    A file has a line a class in the order of the model's scores: the names of its folders with
    commas between them, or ``*`` for all that no line names. Without a file, folders are classes
    in the order of their names.

    Raises:
        PalisadeError: Folders and classes do not go together.
    """
    if path is None:
        if len(folders) != classes:
            raise PalisadeError(
                f"{model} tells {classes} classes, and the data has {len(folders)} folders"
                f" ({_listed(folders)})",
                "say which is which with --labels FILE, a line a class in the model's order",
            )
        return {name: place for place, name in enumerate(sorted(folders))}
    lines = _lines(path)
    if len(lines) != classes:
        raise PalisadeError(
            f"{path} has {len(lines)} lines, and {model} tells {classes} classes",
            "write a line a class, in the order of the model's scores",
        )
    named = {name: place for place, names in enumerate(lines) for name in names}
    rest = named.pop(REST, None)
    unknown = [] if rest is not None else [name for name in folders if name not in named]
    if unknown:
        raise PalisadeError(
            f"{path} names no class for the folders {_listed(unknown)}",
            f"add them to a line, or a line with {REST} for all others",
        )
    return {name: named[name] if name in named else int(rest or 0) for name in folders}


def named(path: Path | None) -> tuple[str, ...]:
    """The folders that a labels file names."""
    return () if path is None else tuple(name for line in _lines(path) for name in line)


def _lines(path: Path) -> list[list[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise PalisadeError(f"{path} is not a text file", "write a line a class") from error
    lines = [[name.strip() for name in line.split(",")] for line in text.strip().splitlines()]
    names = [name for line in lines for name in line]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise PalisadeError(f"{path} names {_listed(twice)} twice", "give a name to one class")
    return lines


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(list(names)[:6])
    return shown + (f" and {len(names) - 6} more" if len(names) > 6 else "")
