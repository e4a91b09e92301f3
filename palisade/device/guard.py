"""A guard's verdicts by the device's C code, for thousands of answers at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from palisade.device import library, records
from palisade.device.records import Record
from palisade.guard.autoencoder import Autoencoder
from palisade.guard.consistency import Consistency
from palisade.guard.engineered import Engineered
from palisade.guard.judgement import Decision, Judgement, Signal
from palisade.guard.table import Table
from palisade.guard.tables import Guard
from palisade.guard.texture import Texture
from palisade.guard.tree import Tree

_KINDS = {"off": 0, "at_least": 1, "at_most": 2}
# pal_judgement of device/include/palisade/guard.h
JUDGEMENT = np.dtype(
    [
        ("scores", np.int32, (len(Signal),)),
        ("decision", np.uint8),
        ("reason", np.uint8),
        ("label", np.uint8),
        ("rejected", np.uint8),
    ]
)


def record(guard: Guard) -> Record:
    """A guard as ``records.struct("pal_guard", ...)`` and the emulated machine take it."""
    limits = [guard.limits.of(signal) for signal in Signal]
    tables = {
        "energy": _plain(guard.energy) if guard.energy else None,
        "autoencoder": of_autoencoder(guard.autoencoder) if guard.autoencoder else None,
        "tree": of_tree(guard.tree) if guard.tree else None,
        "texture": of_texture(guard.texture) if guard.texture else None,
    }
    return {
        "limits": [{"threshold": one.threshold, "kind": _KINDS[one.kind]} for one in limits],
        "engineered": _plain(guard.engineered),
        "classes": guard.classes,
        "embedding": guard.embedding,
        **{name: table for name, table in tables.items() if table is not None},
    }


def of_autoencoder(table: Autoencoder) -> Record:
    """An autoencoder as a record of ``pal_autoencoder``."""
    return {"encoder": _plain(table.encoder), "decoder": _plain(table.decoder)}


def of_tree(table: Tree) -> Record:
    """A tree as a record of ``pal_tree``."""
    return {**_plain(table), "inner": len(table.feature), "leaves": len(table.label)}


def of_texture(table: Texture) -> Record:
    """A texture as a record of ``pal_texture``."""
    return {**_plain(table), "count": len(table.means_q8)}


def of_consistency(table: Consistency) -> Record:
    """How often a label has to be said, as a record of ``pal_consistency``."""
    return _plain(table)


def _plain(table: Table) -> Record:
    """A table whose fields are called as those of its struct."""
    return {name: getattr(table, name) for name in type(table).model_fields}


def judge(
    guard: Guard,
    logits: NDArray[np.int8],
    embedding: NDArray[np.int8],
    features: NDArray[np.int8],
) -> Judgement:
    """Verdicts on ``n`` answers, each by itself; equal to ``palisade.guard.reference.judge``.

    Args:
        guard: the task's.
        logits: ``[n, classes]`` as the artefact gives them.
        embedding: ``[n, d]``.
        features: ``[n, ...]`` the artefact's input.

    Raises:
        ValueError: The arrays are not int8, or not of the guard's sizes.
    """
    sizes = (guard.classes, guard.embedding, guard.engineered.inputs)
    inputs = [
        _rows(array, len(logits), size)
        for array, size in zip((logits, embedding, features), sizes, strict=True)
    ]
    ffi, lib = library.load()
    tables = records.struct("pal_guard", record(guard))
    found = np.zeros(len(logits), JUDGEMENT)
    status = lib.pal_guard_judge_many(
        tables,
        len(found),
        *map(library.pointer, inputs),
        guard.engineered.inputs,
        ffi.from_buffer("pal_judgement[]", found),
    )
    library.require(status, "pal_guard_judge_many")
    return Judgement(
        label=found["label"].copy(),
        decision=found["decision"].copy(),
        reason=found["reason"].copy(),
        rejected=found["rejected"].copy(),
        scores=found["scores"].copy(),
    )


def _rows(array: NDArray[np.int8], n: int, size: int) -> NDArray[np.int8]:
    if array.dtype != np.int8 or array.shape[:1] != (n,) or array.size != n * size:
        raise ValueError(
            f"the guard takes int8 [{n}, {size}], and got {array.dtype} {list(array.shape)}"
        )
    return np.ascontiguousarray(array.reshape(n, size))


def settle(
    table: Consistency, label: NDArray[np.uint8], decision: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """One stream's decisions; equal to ``palisade.guard.consistency.settle``.

    Args:
        table: how often a label has to be said.
        label, decision: ``[n]`` as in ``Judgement``, in order of time.

    Returns:
        ``[n]`` decisions, and ``[n]`` reasons: ``NONE`` where the decision is the guard's.
    """
    ffi, lib = library.load()
    rule = records.struct("pal_consistency", of_consistency(table))
    history, judgement = ffi.new("pal_history *"), ffi.new("pal_judgement *")
    settled, reason = np.zeros(len(decision), np.uint8), np.zeros(len(decision), np.uint8)
    for place, (said, was) in enumerate(zip(label.tolist(), decision.tolist(), strict=True)):
        judgement.label, judgement.decision, judgement.reason = said, was, 0
        status = lib.pal_consistency_settle(rule, history, judgement)
        library.require(status, "pal_consistency_settle")
        settled[place] = Decision(judgement.decision)
        reason[place] = judgement.reason
    return settled, reason


def features(table: Engineered, x: NDArray[np.int8]) -> NDArray[np.int32]:
    """Engineered features; equal to ``palisade.guard.engineered.features``.

    Args:
        table: the grid.
        x: ``[n, ...]`` the artefact's input.

    Returns:
        ``[n, count]``.
    """
    _, lib = library.load()
    grid = records.struct("pal_engineered", _plain(table))
    rows = _rows(x, len(x), table.inputs)
    found = np.zeros((len(x), table.count), np.int32)
    for row, values in zip(rows, found, strict=True):
        status = lib.pal_engineered_all(
            grid, library.pointer(row), table.inputs, library.pointer(values), table.count
        )
        library.require(status, "pal_engineered_all")
    return found
