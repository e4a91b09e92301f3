"""Whether calibration and test events are apart: those that set limits, and those of figures.

References:
    Kaufman et al., Leakage in Data Mining, KDD 2011.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.scenes.windows import Windows


def shared(held: Windows) -> int:
    """How many windows' contents, and names of events, stand in more than one split.

    A window of one value throughout, as of a dark camera, is like any other such window.

    Args:
        held: one task's windows. Names count where they mean an event of all tasks.
    """
    varied = [place for place, one in enumerate(held.x) if np.any(one != one.flat[0])]
    contents = [hashlib.sha256(held.x[place].tobytes()).hexdigest() for place in varied]
    found = _in_two(np.array(contents), held.splits[varied])
    return found + _in_two(held.scenes, held.splits) if held.aligned else found


def _in_two(marks: NDArray[Any], splits: NDArray[np.str_]) -> int:
    pairs = {(str(mark), str(split)) for mark, split in zip(marks, splits, strict=True)}
    return len(pairs) - len({mark for mark, _ in pairs})
