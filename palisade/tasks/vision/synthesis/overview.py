"""What the contact sheet shows: many homes of each class, and an event of every kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from palisade.scenes.events import KINDS
from palisade.tasks.vision.samples.labels import NOBODY, PERSON
from palisade.tasks.vision.synthesis.manifest import Row
from palisade.tasks.vision.synthesis.sheet import Section

COLUMNS, ROWS = 12, 4


def sections(folder: Path, rows: Sequence[Row]) -> list[Section]:
    """The sections of a sheet.

    Args:
        folder: the corpus.
        rows: all of its pictures and events.
    """
    classes = [
        Section(label, [folder / row.path for row in _of_many_homes(label, rows)])
        for label in (PERSON, NOBODY)
    ]
    first = _first_of_each(rows)
    kinds = [kind for kind in KINDS if kind in first]
    strips = [folder / first[kind].path for kind in kinds]
    return [*classes, Section("events, their frames from top to bottom", strips, kinds)]


def _of_many_homes(label: str, rows: Sequence[Row]) -> list[Row]:
    """The first picture of each home before the second of any."""
    mine = [row for row in rows if row.picture.label == label and not row.event]
    mine.sort(key=lambda row: (int(Path(row.path).stem.rpartition("_")[2]), row.path))
    return mine[: COLUMNS * ROWS]


def _first_of_each(rows: Sequence[Row]) -> Mapping[str, Row]:
    first: dict[str, Row] = {}
    for row in rows:
        if row.event:
            first.setdefault(row.event, row)
    return first
