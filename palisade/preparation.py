"""From a folder of recordings to four splits that share no group and no content.

What a recording is, the task's part ``recordings`` knows; this module decodes, compares,
counts, and stops where too little is left.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from palisade import parallel, partition
from palisade.corpus import Found, LeftOut, Recording, Unusable
from palisade.errors import PalisadeError
from palisade.progress import say
from palisade.splits import NAMES, Split

BATCH = 64  # recordings a worker takes at a time
SHOWN = 5  # examples named when something is left out


class Params(partition.Params):
    """What every task's preparation takes."""

    least_per_class: int = Field(ge=1, description="fewest examples of a class in any split")
    simple_accuracy_limit: float = Field(
        gt=0, le=1, description="above this test accuracy of a simple model, data is too easy"
    )


class Task(Protocol):
    """What ``recordings`` of a task offers."""

    REASONS: tuple[str, ...]
    GROUP: str
    ASSIGNED_BY: str  # what says which split a group is in

    def labels(self, params: Any) -> tuple[str, ...]: ...
    def scan(self, folder: Path, params: Any) -> Found: ...
    def decode(self, recording: Recording, params: Any) -> NDArray[Any]: ...
    def decode_scene(self, path: Path, params: Any) -> NDArray[Any]: ...
    def hardness(self, train: Split, test: Split, params: Any) -> float: ...
    def facts(self, train: Split, params: Any) -> dict[str, float]: ...


@dataclass(frozen=True)
class Prepared:
    """The splits by name, and the counts of what was left out, by reason."""

    splits: Mapping[str, Split]
    left_out: Mapping[str, int]
    conflicting_groups: int


@dataclass(frozen=True)
class Example:
    """A recording, decoded."""

    recording: Recording
    x: NDArray[Any]
    digest: bytes


@dataclass(frozen=True)
class Reading:
    """What a corpus holds.

    Attributes:
        kept: what can be used.
        left_out: what cannot, each with its reason.
        conflicting: groups that the lists of two splits name.
    """

    kept: Sequence[Example]
    left_out: Sequence[LeftOut]
    conflicting: Sequence[str]


def read(task: Task, folder: Path, params: Params) -> Reading:
    """Read a corpus, whether or not it suffices.

    Raises:
        PalisadeError: A folder is missing, or its layout is wrong.
    """
    found = task.scan(folder, params)
    examples, unusable = _decode(task, found.recordings, params)
    kept, repeated = _without_duplicates(examples)
    return Reading(kept, [*found.left_out, *unusable, *repeated], found.conflicting)


def prepare(task: Task, folder: Path, params: Params) -> Prepared:
    """Read a corpus and split it.

    Raises:
        PalisadeError: A folder is missing, or too little is left to train and test on.
    """
    reading = read(task, folder, params)
    reasons = (*task.REASONS, "duplicate_across_splits", "duplicate_within_split", "two_labels")
    counts = Counter(one.reason for one in reading.left_out)
    _tell(task, reading)
    for error in shortages(task, reading.kept, params):
        raise error
    return Prepared(
        splits=split(reading.kept, task.labels(params)),
        left_out={reason: counts[reason] for reason in reasons},
        conflicting_groups=len(reading.conflicting),
    )


def split(examples: Sequence[Example], labels: tuple[str, ...]) -> dict[str, Split]:
    """The splits by name; each holds an example or more."""
    return {name: _split(examples, name, labels) for name in NAMES}


def _decode(
    task: Task, recordings: Sequence[Recording], params: Params
) -> tuple[list[Example], list[LeftOut]]:
    batches = [recordings[at : at + BATCH] for at in range(0, len(recordings), BATCH)]
    work = partial(_decode_batch, decode=task.decode, params=params)
    decoded = [one for batch in parallel.each(work, batches, "decode") for one in batch]
    examples, unusable = [], []
    for recording, x in zip(recordings, decoded, strict=True):
        if isinstance(x, str):
            unusable.append(LeftOut(recording.id, x))
        else:
            digest = hashlib.sha256(x.tobytes()).digest()
            examples.append(Example(recording, x, digest))
    return examples, unusable


def _decode_batch(
    recordings: Sequence[Recording], decode: Any, params: Params
) -> list[NDArray[Any] | str]:
    return [_decode_one(recording, decode, params) for recording in recordings]


def _decode_one(recording: Recording, decode: Any, params: Params) -> NDArray[Any] | str:
    """The example, or the reason why it is none."""
    try:
        return np.asarray(decode(recording, params))
    except Unusable as error:
        return error.reason


def _without_duplicates(
    examples: Sequence[Example],
) -> tuple[list[Example], list[LeftOut]]:
    """Keep one example of each content, in the first split of ``partition.PRECEDENCE``.

    A content that stands under two labels says nothing and is left out altogether.
    """
    meanings: dict[bytes, set[str]] = {}
    for one in examples:
        meanings.setdefault(one.digest, set()).add(one.recording.label)
    rank = {name: place for place, name in enumerate(partition.PRECEDENCE)}
    kept: dict[bytes, Example] = {}
    left_out: list[LeftOut] = []
    for one in sorted(examples, key=lambda one: (rank[one.recording.split], one.recording.id)):
        if len(meanings[one.digest]) > 1:
            left_out.append(LeftOut(one.recording.id, "two_labels"))
            continue
        first = kept.setdefault(one.digest, one)
        if first is not one:
            across = first.recording.split != one.recording.split
            reason = "duplicate_across_splits" if across else "duplicate_within_split"
            left_out.append(LeftOut(one.recording.id, reason))
    return list(kept.values()), left_out


def _split(examples: Sequence[Example], name: str, labels: tuple[str, ...]) -> Split:
    mine = [one for one in examples if one.recording.split == name]
    return Split(
        x=np.stack([one.x for one in mine]),
        y=np.array([labels.index(one.recording.label) for one in mine], dtype=np.int64),
        ids=np.array([one.recording.id for one in mine], dtype=np.str_),
        groups=np.array([one.recording.group for one in mine], dtype=np.str_),
        labels=labels,
    )


def _tell(task: Task, reading: Reading) -> None:
    by_reason: dict[str, list[str]] = {}
    for one in reading.left_out:
        by_reason.setdefault(one.reason, []).append(one.id)
    for reason, names in sorted(by_reason.items()):
        say(f"left out, {reason}: {len(names)} ({some(names)})")
    if reading.conflicting:
        say(torn(task, reading))


def torn(task: Task, reading: Reading) -> str:
    """Which groups were to be in two splits."""
    named = some(list(reading.conflicting))
    return f"{task.GROUP}s in two splits by {task.ASSIGNED_BY}, moved to one: {named}"


def some(names: Sequence[str]) -> str:
    """The first few names, safe to print: one may hold line breaks and terminal codes."""
    safe = (name if name.isprintable() else ascii(name) for name in names[:SHOWN])
    return ", ".join(safe) + (", ..." if len(names) > SHOWN else "")


def shortages(task: Task, examples: Sequence[Example], params: Params) -> Iterator[PalisadeError]:
    """Every class of which there is too little, overall or in a split."""
    labels, group, short = task.labels(params), task.GROUP, set()
    for label in labels:
        groups = {one.recording.group for one in examples if one.recording.label == label}
        if len(groups) < len(NAMES):
            short.add(label)
            yield PalisadeError(
                f"class {label} has {len(groups)} {group}(s) ({some(sorted(groups))}), "
                f"too few for {len(NAMES)} splits that share none",
                f"add recordings of it by other {group}s",
            )
    counts = Counter((one.recording.split, one.recording.label) for one in examples)
    for name in NAMES:
        for label in (one for one in labels if one not in short):
            if counts[name, label] < params.least_per_class:
                yield PalisadeError(
                    f"class {label} has {counts[name, label]} usable examples in split {name}, "
                    f"fewer than least_per_class: {params.least_per_class}",
                    f"add recordings of it by more {group}s, or assign {group}s to splits by "
                    f"{task.ASSIGNED_BY}",
                )
