"""Metrics as the report reads them: every number finite, every column there, or one clear error."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from palisade.errors import PalisadeError

Row = dict[str, str]
STATED = {True: "yes", False: "no", None: ""}
ADVICE = "remove it and run `dvc repro` again"


@dataclass(frozen=True)
class Metrics:
    """Where metrics are read from: the project as it is, or a revision of it.

    Attributes:
        text: the content of a file by its path from the project's root; raises a
            ``PalisadeError`` where it is not there.
        has: whether a file is there to be read.
    """

    text: Callable[[str], str]
    has: Callable[[str], bool]

    def json(self, path: str) -> dict[str, Any]:
        """A mapping of a JSON file.

        Raises:
            PalisadeError: It is no JSON, or holds NaN or an infinity.
        """
        tree = self.content(path)
        if not isinstance(tree, dict):
            raise PalisadeError(f"{path} is not a mapping", ADVICE)
        return tree

    def content(self, path: str) -> Any:
        """What a JSON file holds.

        Raises:
            PalisadeError: It is no JSON, or holds NaN or an infinity.
        """

        def refuse(name: str) -> NoReturn:
            raise PalisadeError(f"{path} holds {name}, which is no number", ADVICE)

        try:
            return json.loads(self.text(path), parse_constant=refuse)
        except json.JSONDecodeError as error:
            raise PalisadeError(f"{path} is not JSON ({error})", ADVICE) from error

    def rows(self, path: str, *numbers: str, optional: bool = False) -> list[Row]:
        """The rows of a CSV table, as text.

        Args:
            path: the table.
            numbers: columns that must be there and hold finite numbers.
            optional: whether a cell of those may be empty.

        Raises:
            PalisadeError: A column is missing, or a cell is no finite number.
        """
        reader = csv.DictReader(io.StringIO(self.text(path)))
        if missing := sorted(set(numbers) - set(reader.fieldnames or ())):
            raise PalisadeError(f"{path} has no column {', '.join(missing)}", ADVICE)
        rows = list(reader)
        for place, row in enumerate(rows, start=2):
            for column in numbers:
                if not (finite(row[column]) or (optional and row[column] == "")):
                    raise PalisadeError(
                        f"{path}, line {place}: {column} is {row[column]!r}, which is no number",
                        ADVICE,
                    )
        return rows


def finite(cell: str | None) -> bool:
    """Whether a cell holds a finite number."""
    try:
        return math.isfinite(float(cell or "nan"))
    except ValueError:
        return False


def figure(tree: dict[str, Any], name: str, path: str) -> float:
    """The number at a dotted name of a JSON file's mapping.

    Raises:
        PalisadeError: There is none.
    """
    value: Any = tree
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PalisadeError(f"{path} has no number {name}", ADVICE)
    return float(value)


def leaves(tree: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is no mapping, with its dotted name, in the file's order."""
    if not isinstance(tree, dict):
        yield name, tree
        return
    for key, value in tree.items():
        yield from leaves(value, f"{name}.{key}" if name else str(key))


def written(value: Any) -> str:
    """A value of JSON in words."""
    if value is None or isinstance(value, bool):
        return STATED[value]
    if isinstance(value, float):
        return f"{value:.6g}"
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
