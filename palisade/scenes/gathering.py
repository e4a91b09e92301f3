"""From a corpus to the windows of its events, whether or not the corpus lists any."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from palisade import parallel
from palisade.corpus import Unusable
from palisade.errors import PalisadeError
from palisade.scenes import listing
from palisade.scenes.events import SPLITS
from palisade.scenes.listing import Witnessed
from palisade.scenes.windows import Windows
from palisade.splits import Split


class Task(Protocol):
    """What ``recordings`` of a task offers for events."""

    def labels(self, params: Any) -> tuple[str, ...]: ...
    def decode_scene(self, path: Path, params: Any) -> NDArray[Any]: ...


def gather(task: Task, corpus: Path, params: Any, splits: Mapping[str, Split]) -> Windows:
    """The events of a corpus, or, where it lists none, its examples as events of their own.

    Raises:
        PalisadeError: The list is wrong, or an event cannot be read.
    """
    labels = task.labels(params)
    rows = listing.read(corpus, labels)
    if not rows:
        return _one_by_one(splits)
    work = partial(_decode, task=task.decode_scene, corpus=corpus, params=params)
    windows = parallel.each(work, rows, "events")
    counts = [len(some) for some in windows]

    def repeated(values: list[Any]) -> NDArray[Any]:
        return np.repeat(np.array(values), counts)

    return Windows(
        x=np.concatenate(windows),
        y=repeated([labels.index(row.label) for row in rows]).astype(np.int64),
        scenes=repeated([row.scene for row in rows]),
        events=repeated([row.event for row in rows]),
        splits=repeated([row.split for row in rows]),
        labels=labels,
        aligned=True,
    )


def _decode(row: Witnessed, task: Any, corpus: Path, params: Any) -> NDArray[Any]:
    path = corpus / listing.FOLDER / row.path
    try:
        return np.asarray(task(path, params))
    except Unusable as error:
        raise PalisadeError(f"{path} cannot be used ({error.reason})", "mend it") from error


def _one_by_one(splits: Mapping[str, Split]) -> Windows:
    held = [splits[name] for name in SPLITS]
    return Windows(
        x=np.concatenate([split.x for split in held]),
        y=np.concatenate([split.y for split in held]),
        scenes=np.concatenate([split.ids for split in held]),
        events=np.full(sum(map(len, held)), "", dtype=np.str_),
        splits=np.repeat(np.array(SPLITS), [len(split) for split in held]),
        labels=held[0].labels,
        aligned=False,
    )
