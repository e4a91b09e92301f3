"""Bytes and instructions of one task's inference, from its tables and what was measured once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from palisade.device import library, records, work
from palisade.device.measured import LISTEN_SOURCES, Measured
from palisade.device.preprocess import Plan
from palisade.device.records import Record
from palisade.errors import PalisadeError
from palisade.guard import flash
from palisade.guard.tables import Guard

# Sources that make up the guard, to its step and its attestation; the others are front ends.
GUARD_SOURCES = (
    "agreement.c", "autoencoder.c", "consistency.c", "energy.c", "engineered.c", "guard.c",
    "margin.c", "sha256.c", "step.c", "texture.c", "tree.c",
)  # fmt: skip
# Sources that find a model in an image and attest it further; firmware that has its model compiled
# in and attests it at boot alone links none of them.
IMAGE_SOURCES = ("attest.c", "payload.c")
# What a field of a record points to.
_STRUCTS = {
    "mfcc": "pal_mfcc_tables",
    "traces": "pal_traces_tables",
    "plan": "pal_preprocess_plan",
    "filters": "pal_filter",
}


@dataclass(frozen=True)
class Subject:
    """What is deployed for a task.

    Attributes:
        front_end: a ``pal_front_end``.
        plan: what is done to samples first.
        guard: its tables.
        model_bytes, arena_bytes, macs: the model's file, memory and multiply-accumulates.
        new_share: of a sample, what is new at each inference.
    """

    front_end: Record
    plan: Plan | None
    guard: Guard
    model_bytes: int
    arena_bytes: int
    macs: int
    new_share: float


def flash_bytes(subject: Subject, found: Measured) -> dict[str, int]:
    """By part. All front ends' code is counted, as ``pal_front_end_i8`` refers to each.

    What listens is counted for sound alone, and its tables by the stage ``stream``.
    """
    guard_code = sum(found.section_bytes[name] for name in GUARD_SOURCES)
    image_code = sum(found.section_bytes[name] for name in IMAGE_SOURCES)
    listen_code = sum(found.section_bytes[name] for name in LISTEN_SOURCES)
    others = guard_code + image_code + listen_code
    return {
        "model": subject.model_bytes,
        "guard_code": guard_code,
        "guard_tables": sum(flash.table_bytes(subject.guard).values())
        + found.struct_bytes["pal_device"],
        "image_code": image_code,
        **(
            {"listen_code": listen_code + found.listen_helper_bytes}
            if "mfcc" in subject.front_end
            else {}
        ),
        "front_end_code": sum(found.section_bytes.values()) - others,
        "front_end_tables": _table_bytes("pal_front_end", subject.front_end, found.struct_bytes),
        "compiler_helpers": found.helper_bytes,
    }


def _table_bytes(struct: str, record: Record, struct_bytes: Mapping[str, int]) -> int:
    """Of a struct and all that it points to."""
    total = struct_bytes[struct]
    for field, value in record.items():
        if isinstance(value, np.ndarray):
            total += value.nbytes
        elif field in _STRUCTS:
            items = value if isinstance(value, list) else [value]
            total += sum(_table_bytes(_STRUCTS[field], one, struct_bytes) for one in items)
    return total


def ram_bytes(subject: Subject, found: Measured) -> dict[str, int]:
    """By part; buffers of the sensor's driver are not counted, nor the interpreter's stack."""
    return {
        "arena": subject.arena_bytes,
        "guard_state": found.struct_bytes["pal_state"]
        + found.struct_bytes["pal_verdict"]
        + _stream_bytes(subject.front_end, found),
        "front_end_scratch": scratch_bytes(subject.front_end),
        "stack": max(found.stack_bytes.values()),
    }


def _stream_bytes(front_end: Record, found: Measured) -> int:
    """What a stream keeps of sound: the next frame's beginning, rows so far, last answers."""
    if "mfcc" not in front_end:
        return 0
    tail = front_end["mfcc"]["window"] * np.dtype(np.int16).itemsize
    kept = tail + front_end["features"] + found.struct_bytes["pal_heard"]
    return int(found.struct_bytes["pal_mfcc_stream"] + kept)


def scratch_bytes(front_end: Record) -> int:
    """What the front end works in; it may be shared with the interpreter's arena."""
    ffi, lib = library.load()
    needed = ffi.new("size_t *")
    status = lib.pal_front_end_check(records.struct("pal_front_end", front_end), needed)
    library.require(status, "pal_front_end_check")
    return int(needed[0])


def instructions(subject: Subject, found: Measured) -> dict[str, float]:
    """Of each part of one inference; ``front_end`` of a whole sample, ``attest`` at boot alone.

    Upper bounds, as values decide as well: of the companion tree its dearest way to a leaf, of
    front ends loud sound and strong movement (1 % above speech, 11 % above the default traces).
    Only a judgement is of an answer that is sure; what is less so costs up to 1.5 % more.
    """
    guard, settling = subject.guard, subject.guard.consistency
    return {
        "front_end": _prepared(subject, found) + found.price(*work.front_end(subject.front_end)),
        "front_end_new": _front_end_new(subject, found),
        "guard_look": found.price(work.LOOK, work.look(guard, _dearest(guard, found))),
        "guard_judge": found.price(work.JUDGE, work.judge(guard)),
        "consistency": found.price(work.SETTLE, work.settle(settling.window)) if settling else 0.0,
        "step": found.price(work.STEP, work.step(guard.classes)),
        "attest": found.price(work.ATTEST, work.attest(subject.model_bytes)),
    }


def an_inference(parts: Mapping[str, float]) -> float:
    """Of the front end on what is new, and of the guard."""
    return sum(count for part, count in parts.items() if part not in ("front_end", "attest"))


def _dearest(guard: Guard, found: Measured) -> list[int]:
    if guard.tree is None:
        return []
    return work.dearest_way(
        guard.tree, guard.engineered, lambda units: found.price(work.LOOK, units)
    )


def _prepared(subject: Subject, found: Measured) -> float:
    """Preprocessing of a whole sample."""
    filters = work.preprocess(subject.plan) if subject.plan else []
    return sum(found.price(*one) for one in filters)


def _front_end_new(subject: Subject, found: Measured) -> float:
    """On what is new: whole frames of sound, and of other sensors the whole sample."""
    front_end, share = subject.front_end, subject.new_share
    if "mfcc" in front_end:
        tables = front_end["mfcc"]
        rows = front_end["features"] // tables["coefficients"]
        frames = math.ceil(round(share * front_end["values"] / tables["hop"], 6))
        pushed = found.price(work.PUSH, work.push(tables, frames, rows))
        return share * _prepared(subject, found) + pushed
    if share < 1:
        raise PalisadeError(
            f"new_share is {share:g}", "this sensor's front end takes whole samples: set 1.0"
        )
    return _prepared(subject, found) + found.price(*work.front_end(front_end))
