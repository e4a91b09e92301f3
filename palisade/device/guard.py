"""A guard's verdicts by the device's C code, for thousands of answers at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.device import library
from palisade.guard.autoencoder import Autoencoder, Dense
from palisade.guard.consistency import Consistency
from palisade.guard.energy import Energy
from palisade.guard.engineered import Engineered
from palisade.guard.judgement import Decision, Judgement, Signal
from palisade.guard.tables import Guard
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


class Tables:
    """A guard as C structs, which live as long as this does: keep it while C reads them.

    Attributes:
        guard: ``pal_guard *``.
        consistency: ``pal_consistency *``, or NULL.
    """

    def __init__(self, guard: Guard) -> None:
        ffi, _ = library.load()
        self._kept: list[Any] = []
        limits = [guard.limits.of(signal) for signal in Signal]
        self.guard = self._new(
            "pal_guard",
            limits=[{"threshold": one.threshold, "kind": _KINDS[one.kind]} for one in limits],
            energy=self.energy(guard.energy) if guard.energy else ffi.NULL,
            autoencoder=self.autoencoder(guard.autoencoder) if guard.autoencoder else ffi.NULL,
            tree=self.tree(guard.tree) if guard.tree else ffi.NULL,
            engineered=guard.engineered.model_dump(),
            classes=guard.classes,
            embedding=guard.embedding,
        )
        table = guard.consistency
        self.consistency = self._new("pal_consistency", **table.model_dump()) if table else ffi.NULL

    def energy(self, table: Energy) -> Any:
        """``pal_energy *``."""
        return self._new(
            "pal_energy", exp_q24=self._array(table.exp_q24), octave_q8=table.octave_q8
        )

    def autoencoder(self, table: Autoencoder) -> Any:
        """``pal_autoencoder *``."""
        return self._new(
            "pal_autoencoder",
            encoder=self._dense(table.encoder),
            decoder=self._dense(table.decoder),
        )

    def tree(self, table: Tree) -> Any:
        """``pal_tree *``."""
        names = ("feature", "threshold", "left", "right", "label", "plausible")
        arrays = {name: self._array(getattr(table, name)) for name in names}
        return self._new("pal_tree", inner=len(table.feature), leaves=len(table.label), **arrays)

    def _dense(self, layer: Dense) -> dict[str, Any]:
        arrays = {"weights": self._array(layer.weights), "biases": self._array(layer.biases)}
        return {**layer.model_dump(), **arrays}

    def _array(self, array: NDArray[Any]) -> Any:
        return self._keep(library.pointer(array))

    def _new(self, name: str, **fields: Any) -> Any:
        ffi, _ = library.load()
        return self._keep(ffi.new(f"{name} *", fields))

    def _keep(self, thing: Any) -> Any:
        self._kept.append(thing)
        return thing


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
    tables, found = Tables(guard), np.zeros(len(logits), JUDGEMENT)
    status = lib.pal_guard_judge_many(
        tables.guard,
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
    rule, history = ffi.new("pal_consistency *", table.model_dump()), ffi.new("pal_history *")
    judgement = ffi.new("pal_judgement *")
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
    ffi, lib = library.load()
    grid = ffi.new("pal_engineered *", table.model_dump())
    rows = _rows(x, len(x), table.inputs)
    found = np.zeros((len(x), table.count), np.int32)
    for row, values in zip(rows, found, strict=True):
        status = lib.pal_engineered_all(
            grid, library.pointer(row), table.inputs, library.pointer(values), table.count
        )
        library.require(status, "pal_engineered_all")
    return found
