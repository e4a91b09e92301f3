"""What was drawn for each picture, as a table that a person can read and sort."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from palisade.tasks.vision.synthesis.homes import Home
from palisade.tasks.vision.synthesis.people import Person
from palisade.tasks.vision.synthesis.picture import Picture, Stand

NAME = "manifest.csv"
_TOLD_APART = ("name", "stands", "label")


@dataclass(frozen=True)
class Row:
    """One file of the corpus: a picture, or an event's strip.

    Attributes:
        path: in the corpus.
        event: the event's kind; empty for a picture of a label folder.
        home: where.
        picture: what was drawn; its ``stands`` become one cell of JSON.
        visible: share of the image in which the foremost shows, the least of all frames.
    """

    path: str
    event: str
    home: Home
    picture: Picture
    visible: float

    def cells(self) -> dict[str, str]:
        """The row's columns and their text."""
        picture = {
            field.name: str(getattr(self.picture, field.name))
            for field in fields(Picture)
            if field.name not in _TOLD_APART
        }
        home = {
            f"home_{field.name}": str(getattr(self.home, field.name))
            for field in fields(Home)
            if field.name not in ("id", "split")
        }
        stands = [_told(stand) for stand in self.picture.stands]
        return {
            "path": self.path,
            "split": self.home.split,
            "label": self.picture.label,
            "event": self.event,
            "home": self.home.id,
            **picture,
            "persons": str(sum(isinstance(one.what, Person) for one in self.picture.stands)),
            "visible": f"{self.visible:.4f}",
            **home,
            "stands": json.dumps(stands, separators=(",", ":"), sort_keys=True),
        }


def write(path: Path, rows: Sequence[Row]) -> None:
    """Write the rows as CSV (RFC 4180, but for its line ends, which are plain newlines)."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0].cells()), lineterminator="\n")
        table.writeheader()
        table.writerows(row.cells() for row in rows)


def _told(stand: Stand) -> dict[str, Any]:
    what = asdict(stand.what)
    kind = what.pop("kind", "person")
    return {"kind": kind, "foremost": stand.foremost, **asdict(stand.spot), **what}
