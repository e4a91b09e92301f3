"""The list of events in a corpus: ``_scenes_/scenes.csv`` beside the label folders.

::

    scene,split,event,label,path
    07c2f1a09b3e,test,pet,nobody,07c2f1a09b3e.png

``label`` is what the task's sensor witnesses, and ``path`` holds the whole event, in the folder
``_scenes_`` and in whatever form the task reads. A corpus without this list is not aligned with
those of other tasks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from palisade.errors import PalisadeError
from palisade.scenes.events import SPLITS
from palisade.tables import read_csv, write_csv

FOLDER = "_scenes_"
NAME = "scenes.csv"


@dataclass(frozen=True)
class Witnessed:
    """One event as one sensor witnessed it: a row of the list."""

    scene: str
    split: str
    event: str
    label: str
    path: str


def write(corpus: Path, rows: Sequence[Witnessed]) -> None:
    """Write the list of a corpus whose files are in place."""
    write_csv(corpus / FOLDER / NAME, [asdict(row) for row in rows])


def read(corpus: Path, labels: Sequence[str]) -> tuple[Witnessed, ...]:
    """The list of a corpus; empty where it has none.

    Raises:
        PalisadeError: A row names a split, label or file that is not there.
    """
    path = corpus / FOLDER / NAME
    if not path.is_file():
        return ()
    try:
        rows = tuple(Witnessed(**row) for row in read_csv(path))
    except UnicodeDecodeError as error:
        raise PalisadeError(f"{path} is not CSV in UTF-8", "mend it") from error
    except TypeError as error:
        columns = ",".join(Witnessed.__dataclass_fields__)
        raise PalisadeError(f"{path} has other columns", f"its first line is {columns}") from error
    for number, row in enumerate(rows, start=1):
        if None in asdict(row).values():
            raise PalisadeError(f"{path}: row {number} ends early", "give it every column")
        if row.split not in SPLITS:
            raise PalisadeError(f"{path}: {row.scene} is of split {row.split}", f"use {SPLITS}")
        if row.label not in labels:
            known = ", ".join(labels)
            raise PalisadeError(f"{path}: {row.scene} has label {row.label}", f"use {known}")
        if not (corpus / FOLDER / row.path).is_file():
            raise PalisadeError(f"{path}: {row.path} is not there", "add it or take the row out")
    return rows
