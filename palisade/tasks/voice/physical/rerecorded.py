"""A recording of an attack on a microphone: one clip a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from palisade.corpus import Recording
from palisade.tasks.voice.recordings import reader


def read(path: Path, params: reader.Params) -> NDArray[np.int16]:
    """``[1, samples]``, as ``prepare`` reads a clip.

    Raises:
        Unusable: The reason is one of the reader's.
    """
    one = Recording(path, path.name, path.parent.name, path.stem, "test")
    return reader.decode(one, params)[np.newaxis]
