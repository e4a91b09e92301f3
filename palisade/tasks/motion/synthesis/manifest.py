"""What was drawn for each trace, as a table that a person can read and sort."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

from palisade.tables import write_csv
from palisade.tasks.motion.synthesis.trace import Trace

NAME = "manifest.csv"


def write(path: Path, traces: Sequence[Trace]) -> None:
    """Write a row a trace: ``person.speed_m_s`` and so on, empty for what is not in it."""
    columns = list(_columns(Trace))
    write_csv(path, [{column: _cell(one, column) for column in columns} for one in traces])


def _columns(kind: type, prefix: str = "") -> Iterator[str]:
    hints = get_type_hints(kind)
    for field in fields(kind):
        inner = next(
            (one for one in (hints[field.name], *get_args(hints[field.name])) if is_dataclass(one)),
            None,
        )
        name = prefix + field.name
        if inner is None:
            yield name
        else:
            yield from _columns(inner, f"{name}.")  # type: ignore[arg-type]


def _cell(one: Any, column: str) -> Any:
    for part in column.split("."):
        one = None if one is None else getattr(one, part)
    if isinstance(one, tuple):
        return " ".join(map(str, one))
    return "" if one is None else int(one) if isinstance(one, bool) else one
