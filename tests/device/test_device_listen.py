"""Commands in continuous sound: the device decides as the pipeline does, and takes no bad table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.device import library, records
from palisade.device import listen as device
from palisade.device.listen import NOTHING
from palisade.guard.table import Table
from palisade.stream import confirmer, decision
from palisade.stream.confirmer import LONGEST, WIDEST
from palisade.stream.listening import MOST_ACTIONS, MOST_CLASSES, Listening
from tests.device.listen_rules import rules


def expected(one: Listening, logits: NDArray[np.int8], accepted: NDArray[np.bool_]) -> Any:
    """By NumPy, all windows at once."""
    margins = decision.silenced(decision.margins(logits, one.actions), accepted)
    late = one.context_windows - one.smoothed_windows
    scores = decision.smooth(margins, one.smoothed_windows)[late:]
    thresholds = one.thresholds_lsb
    if one.confirmer is not None:
        seen = confirmer.shown(logits, accepted, one.context_windows)
        found = confirmer.scores(one.confirmer, seen)
        scores = np.where(scores >= thresholds, found, decision.NEVER_LSB).astype(np.int16)
        thresholds = one.confirmed_lsb or []
    told = np.full(len(logits), NOTHING)
    if len(scores):
        side = decision.side_by_side([scores], len(one.actions))
        accepts = decision.accept(side, thresholds, one.refractory_windows)
        told[one.context_windows - 1 :] = np.where(accepts.accepted[0], accepts.action[0], NOTHING)
    return told


@pytest.mark.parametrize("confirmed", [False, True], ids=["margins", "confirmed"])
def test_what_is_accepted_equals_what_the_pipeline_accepts(confirmed: bool) -> None:
    rng, heard, accepts = np.random.default_rng(50), 0, 0
    while heard < 10000:
        one = rules(rng, confirmed=confirmed)
        length = int(rng.integers(1, 200))
        logits = rng.integers(-128, 128, (length, one.classes)).astype(np.int8)
        logits[::7] = rng.choice([-128, 127], logits[::7].shape)
        accepted = rng.random(length) < 0.9
        found = device.listen(one, logits, accepted)
        np.testing.assert_array_equal(found, expected(one, logits, accepted))
        heard, accepts = heard + length, accepts + int((found != NOTHING).sum())
    assert accepts > 500


def sure(**changes: Any) -> Listening:
    """Class 1 of three, after two windows; a confirmer that says its lead in the last window."""
    same = {"multiplier": 2**30, "shift": 30, "zero_point": 0, "lowest": -128}
    pass_on = {"weights": [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0], "biases": [0, 0]}
    table = {
        "actions": [1],
        "thresholds_lsb": [10],
        "confirmed_lsb": [40],
        "confirmer": {
            "context": 2,
            "classes": 3,
            "hidden": {"inputs": 6, "outputs": 2, **pass_on, **same},
            "output": {
                "inputs": 2,
                "outputs": 2,
                "weights": [0, 1, 1, 0],
                "biases": [0, 0],
                **same,
            },
        },
        "classes": 3,
        "hop_ms": 100,
        "smoothed_windows": 2,
        "context_windows": 2,
        "refractory_windows": 2,
    }
    return Listening.model_validate({**table, **changes})


def said(one: Listening, rows: list[list[int]], rejected: tuple[int, ...] = ()) -> list[int]:
    accepted = ~np.isin(np.arange(len(rows)), rejected)
    return [int(action) for action in device.listen(one, np.array(rows, np.int8), accepted)]


def test_the_confirmer_withholds_and_cannot_accept_by_itself() -> None:
    loud, doubtful = [0, 60, 0], [0, 30, 0]
    assert said(sure(), [loud, loud]) == [NOTHING, 0]
    assert said(sure(), [loud, doubtful]) == [NOTHING, NOTHING]  # a mean of 45 is not confirmed
    assert said(sure(thresholds_lsb=[70]), [loud, loud]) == [NOTHING, NOTHING]
    assert said(sure(confirmer=None, confirmed_lsb=None), [loud, doubtful]) == [NOTHING, 0]


def test_a_window_that_the_guard_rejects_speaks_for_nothing() -> None:
    loud = [0, 60, 0]
    assert said(sure(), [loud, loud, loud], rejected=(1,)) == [NOTHING] * 3


def test_after_an_accept_nothing_is_accepted_for_a_while() -> None:
    assert said(sure(), [[0, 60, 0]] * 8) == [NOTHING, 0, NOTHING, NOTHING, 0, NOTHING, NOTHING, 0]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"actions": None}, "PAL_FAULT_ARGUMENT"),
        ({"thresholds_lsb": None}, "PAL_FAULT_ARGUMENT"),
        ({"confirmed_lsb": None}, "PAL_FAULT_ARGUMENT"),
        ({"count": 0}, "PAL_FAULT_RANGE"),
        ({"count": MOST_ACTIONS + 1}, "PAL_FAULT_RANGE"),
        ({"classes": 4}, "PAL_FAULT_LENGTH"),
        ({"classes": 1}, "PAL_FAULT_LENGTH"),
        ({"smoothed": 0}, "PAL_FAULT_RANGE"),
        ({"smoothed": 3}, "PAL_FAULT_RANGE"),
        ({"context": 0}, "PAL_FAULT_RANGE"),
        ({"context": 3}, "PAL_FAULT_LENGTH"),  # not what the confirmer sees
        ({"context": LONGEST + 1}, "PAL_FAULT_RANGE"),
        ({"actions": np.array([3], np.uint8)}, "PAL_FAULT_RANGE"),
    ],
)
def test_tables_out_of_range_are_faults_and_nothing_is_remembered(
    changes: dict[str, Any], status: str
) -> None:
    ffi, lib = library.load()
    heard, action = ffi.new("pal_heard *"), ffi.new("uint8_t *")
    logits = library.pointer(np.array([0, 60, 0], np.int8))
    good = records.struct("pal_listener", device.record(sure()))
    assert lib.pal_listen(good, heard, logits, 3, 1, action) == lib.PAL_OK and heard.count == 1
    kept = {name: value for name, value in changes.items() if value is not None}
    bad = records.struct("pal_listener", {**device.record(sure()), **kept})
    for name in changes.keys() - kept.keys():
        setattr(bad, name, ffi.NULL)
    assert lib.pal_listen(bad, heard, logits, 3, 1, action) == getattr(lib, status)
    assert action[0] == lib.PAL_NO_LABEL and heard.count == 0


@pytest.mark.parametrize(("layer", "field", "value"), [
    ("hidden", "shift", 0), ("output", "shift", 63), ("hidden", "outputs", 0),
    ("hidden", "outputs", 65), ("output", "outputs", 3), ("output", "inputs", 1),
])  # fmt: skip
def test_a_confirmer_that_does_not_fit_is_a_fault(layer: str, field: str, value: int) -> None:
    ffi, lib = library.load()
    heard, action = ffi.new("pal_heard *"), ffi.new("uint8_t *")
    listener = records.struct("pal_listener", device.record(sure()))
    table = ffi.cast("pal_confirmer *", listener.confirmer)
    setattr(getattr(table, layer), field, value)
    logits = library.pointer(np.array([0, 60, 0], np.int8))
    assert lib.pal_listen(listener, heard, logits, 3, 1, action) != lib.PAL_OK
    assert action[0] == lib.PAL_NO_LABEL


def test_memory_of_other_contents_ends_in_a_fault_or_a_decision() -> None:
    ffi, lib = library.load()
    rng = np.random.default_rng(51)
    listener = records.struct("pal_listener", device.record(sure()))
    heard, action = ffi.new("pal_heard *"), ffi.new("uint8_t *")
    logits = library.pointer(np.array([0, 60, 0], np.int8))
    for _ in range(2000):
        ffi.buffer(heard)[:] = rng.integers(0, 256, ffi.sizeof("pal_heard"), np.uint8).tobytes()
        status = lib.pal_listen(listener, heard, logits, 3, 1, action)
        fits = heard.count <= 2 and heard.next < 2
        assert fits and (status == lib.PAL_OK or heard.count == 0)
    assert lib.pal_listen(listener, ffi.NULL, logits, 3, 1, action) == lib.PAL_FAULT_ARGUMENT
    assert lib.pal_listen(listener, heard, logits, 3, 1, ffi.NULL) == lib.PAL_FAULT_ARGUMENT
    assert lib.pal_listen(ffi.NULL, heard, logits, 3, 1, action) == lib.PAL_FAULT_ARGUMENT


def test_the_device_has_room_for_what_the_pipeline_allows() -> None:
    ffi, lib = library.load()
    assert lib.PAL_MAX_CONTEXT == LONGEST and lib.PAL_MAX_HEARD == WIDEST
    assert lib.PAL_MAX_ACTIONS == MOST_ACTIONS and lib.PAL_MAX_CLASSES == MOST_CLASSES
    assert ffi.sizeof("pal_heard") <= 1024
    assert issubclass(Listening, Table)
