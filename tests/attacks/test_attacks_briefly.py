"""What is asked in less time than the device takes never decides whether an example is broken."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks import queries
from palisade.edge import unguarded
from palisade.guard.judgement import Judgement
from palisade.int8 import Outputs


class Fixed:
    """Says of raw ``[[0], [1], ...]`` given logits, and counts what it is asked."""

    def __init__(self, logits: list[list[int]]) -> None:
        self.logits, self.asked = np.array(logits, np.int8), 0

    def __call__(self, raw: NDArray[Any]) -> tuple[Outputs, Judgement]:
        self.asked += len(raw)
        outputs = Outputs(self.logits[raw[:, 0]], self.logits[raw[:, 0]])
        return outputs, unguarded(outputs)


RAW, TRUE = np.arange(3)[:, np.newaxis], np.zeros(3, np.int64)


def test_a_wrong_label_counts_only_if_the_device_says_it() -> None:
    device, other = Fixed([[40, 0], [1, 0], [0, 1]]), Fixed([[41, 0], [0, 1], [0, 1]])
    score = queries.score(device, None, TRUE, other)
    assert score(RAW, np.arange(3)).tolist() == [42.0, 2.0, 0.0]
    assert device.asked == 2


def test_where_two_labels_are_near_the_device_itself_is_asked() -> None:
    device, other = Fixed([[40, 0], [1, 0], [0, 1]]), Fixed([[41, 0], [0, 0], [1, 0]])
    near = np.array([False, True, True])
    outputs, judgement = queries.asked_again(device, RAW, near, *other(RAW))
    assert outputs.logits.tolist() == [[41, 0], [1, 0], [0, 1]]
    assert judgement.label.tolist() == [0, 0, 1]
    assert device.asked == 2
