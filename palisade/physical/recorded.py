"""Recordings of real attacks, read beside the simulated ones.

::

    data/raw/physical/<task>/<attack>/<label>/<anything>    one recording, of a true class
    data/raw/physical/<task>/README.md                      passed over, as is every other file

An attack has the name of a simulated one, or a new one; ``none`` holds what was recorded without
an attack in the same place, which the others are to be compared with.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from palisade import tasks
from palisade.corpus import Unusable
from palisade.errors import PalisadeError
from palisade.physical.contest import Contest
from palisade.physical.scoring import Attacked
from palisade.stage import Stage

PREFIX = "recorded_"  # before an attack's name in figures
SEVERITY = "recorded"


def attacks(this: Stage, contest: Contest[Any]) -> Iterator[Attacked]:
    """Every recorded attack, by name; nothing where the folder holds none.

    Raises:
        PalisadeError: A folder is of no class, or a recording cannot be read.
    """
    reader = tasks.load(this.key, "recordings.reader")
    read = tasks.load(this.key, "physical.rerecorded")
    task = tasks.load(this.key, "physical.attacks")
    params = this.params("prepare", reader.Params)
    labels = contest.scored.labels
    folder = this.dep("data/raw/physical/{key}")
    for attack in folders(folder):
        raw, y = [], []
        for place in folders(attack):
            if place.name not in labels:
                raise PalisadeError(
                    f"{place} is of no class", f"name it as one of {', '.join(labels)}"
                )
            for path in files(place):
                found = _read(read, path, params)
                raw.append(found)
                y += [labels.index(place.name)] * len(found)
        if raw:
            allowed = task.right(attack.name, np.array(y, np.int64), labels)
            yield Attacked(PREFIX + attack.name, SEVERITY, np.concatenate(raw), allowed, True)


def folders(place: Path) -> list[Path]:
    """Folders in a folder, by name."""
    return [path for path in sorted(place.iterdir()) if path.is_dir() and _shown(path)]


def files(place: Path) -> list[Path]:
    """Recordings in a class's folder, by name."""
    return [
        path
        for path in sorted(place.iterdir())
        if path.is_file() and _shown(path) and path.suffix not in (".md", ".txt", ".dvc")
    ]


def _shown(path: Path) -> bool:
    return not path.name.startswith(".")


def _read(read: Any, path: Path, params: Any) -> Any:
    """``[m, ...]`` raw samples of one file."""
    try:
        return read.read(path, params)
    except Unusable as error:
        raise PalisadeError(
            f"the re-recording {path} is unusable ({error.reason})",
            "record it again, or take it out",
        ) from error
