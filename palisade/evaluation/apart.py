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

    Args:
        held: one task's windows. Names count where they mean an event of all tasks.
    """
    contents = [hashlib.sha256(np.asarray(one).tobytes()).hexdigest() for one in held.x]
    found = _in_two(np.array(contents), held)
    return found + _in_two(held.scenes, held) if held.aligned else found


def _in_two(marks: NDArray[Any], held: Windows) -> int:
    pairs = {(str(mark), str(split)) for mark, split in zip(marks, held.splits, strict=True)}
    return len(pairs) - len({mark for mark, _ in pairs})
