"""A picture taken of an attack: one picture a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from palisade.corpus import Recording
from palisade.tasks.vision.recordings import reader


def read(path: Path, params: reader.Params) -> NDArray[np.uint8]:
    """``[1, image_px, image_px, channels]``, as ``prepare`` reads a picture.

    Raises:
        Unusable: The reason is one of the reader's.
    """
    one = Recording(path, path.name, path.parent.name, path.stem, "test")
    return reader.decode(one, params)[np.newaxis]
