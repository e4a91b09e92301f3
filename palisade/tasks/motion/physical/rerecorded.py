"""A recording of an attack on motion sensors: a CSV file, a row a trace, as in the corpus."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from palisade.corpus import Unusable
from palisade.tasks.motion.recordings import reader, rows
from palisade.tasks.motion.recordings.rows import Table
from palisade.tasks.motion.samples import columns


def read(path: Path, params: reader.Params) -> NDArray[np.int32]:
    """``[rows, samples, channels]`` of columns ``<channel>_<n>``; other columns are passed over.

    Raises:
        Unusable: ``wrong_type``, ``empty``, ``not_a_number`` or ``out_of_range``.
        PalisadeError: The file is no CSV, or lacks columns; it names them.
    """
    if not path.name.lower().endswith(rows.ENDINGS):
        raise Unusable("wrong_type")
    table = Table(path)
    places = table.places(columns.names(params.channels, params.samples, first=params.first_sample))
    found = []
    for _, cells in table.rows():
        if len(cells) <= max(places):
            raise Unusable("not_a_number")
        found.append(rows.samples([cells[place] for place in places], len(params.channels)))
    if not found:
        raise Unusable("empty")
    low, high = np.array(params.plausible).T
    traces = np.stack(found)
    if (traces < low).any() or (traces > high).any():
        raise Unusable("out_of_range")
    return traces
