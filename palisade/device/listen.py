"""Commands in continuous sound by the device's C code, window by window."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from palisade.device import library, records
from palisade.device.records import Record
from palisade.guard.dense import Dense
from palisade.stream.confirmer import Confirmer
from palisade.stream.listening import Listening

NOTHING = -1


def record(rules: Listening) -> Record:
    """Rules as ``records.struct("pal_listener", ...)`` and the emulated machine take them."""
    confirmed = {
        "confirmed_lsb": np.array(rules.confirmed_lsb or [], np.int16),
        "confirmer": of_confirmer(rules.confirmer) if rules.confirmer else None,
    }
    return {
        "actions": np.array(rules.actions, np.uint8),
        "thresholds_lsb": np.array(rules.thresholds_lsb, np.int16),
        "count": len(rules.actions),
        "classes": rules.classes,
        "smoothed": rules.smoothed_windows,
        "context": rules.context_windows,
        "refractory": rules.refractory_windows,
        **(confirmed if rules.confirmer else {}),
    }


def of_confirmer(table: Confirmer) -> Record:
    """A confirmer as a record of ``pal_confirmer``."""
    return {"hidden": _layer(table.hidden), "output": _layer(table.output)}


def _layer(table: Dense) -> Record:
    return {name: getattr(table, name) for name in type(table).model_fields}


def listen(
    rules: Listening, logits: NDArray[np.int8], accepted: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """``[n]`` the command accepted at each window of a recording, by its place, or ``NOTHING``.

    Args:
        rules: when one is.
        logits: ``[n, classes]``.
        accepted: ``[n]`` by the guard.

    Raises:
        library.Fault: The rules are not as the header says.
    """
    ffi, lib = library.load()
    listener = records.struct("pal_listener", record(rules))
    heard, action = ffi.new("pal_heard *"), ffi.new("uint8_t *")
    found = np.full(len(logits), NOTHING, np.int64)
    for place, one in enumerate(np.ascontiguousarray(logits)):
        status = lib.pal_listen(
            listener, heard, library.pointer(one), len(one), int(accepted[place]), action
        )
        library.require(status, "pal_listen")
        if action[0] != lib.PAL_NO_LABEL:
            found[place] = action[0]
    return found
