"""What is wrong with a folder of recordings, before anyone trains on it.

It is read as the stage ``prepare`` reads it, but to the end, where ``prepare`` stops at the first
problem. Problems are what it would stop at. Warnings are what it would let pass although it is
often a mistake; their limits are rules of thumb.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from palisade import partition, preparation
from palisade.errors import PalisadeError
from palisade.preparation import Reading, some
from palisade.scenes import gathering, listing
from palisade.splits import NAMES

LEFT_OUT_SHARE = 0.05
GROUP_SHARE = 0.5  # of a class's training examples, of one speaker, scene or home
IMBALANCE = 10.0  # examples of the largest class to those of the smallest, in training
OF_THE_SYNTHESIZER = ("manifest.csv", "contact_sheet.png")  # which no reader reads


@dataclass(frozen=True)
class Inspection:
    """What a folder holds and what is wrong with it.

    Attributes:
        labels: the classes, in the model's order.
        counts: usable examples by class and split.
        groups: how many speakers, scenes or homes by class.
        left_out: names of what is not used, by reason.
        problems: what ``prepare`` would stop at, a sentence each.
        warnings: what it would let pass.
    """

    labels: Sequence[str]
    counts: Mapping[tuple[str, str], int]
    groups: Mapping[str, int]
    left_out: Mapping[str, Sequence[str]]
    problems: Sequence[str]
    warnings: Sequence[str]


def inspect(task: Any, folder: Path, params: Any) -> Inspection:
    """Read a folder.

    Args:
        task: its part ``recordings``.
        params: what ``prepare`` takes.

    Raises:
        PalisadeError: Its layout is not the task's, so that nothing can be read.
    """
    reading = preparation.read(task, folder, params)
    labels = task.labels(params)
    problems = [str(one) for one in preparation.shortages(task, reading.kept, params)]
    warnings = list(_warnings(task, folder, reading, labels))
    if not problems:  # what follows needs all splits
        problems += _of_events(task, folder, params, reading)
        warnings += _of_hardness(task, params, reading)
    left_out: dict[str, list[str]] = defaultdict(list)
    for one in reading.left_out:
        left_out[one.reason].append(one.id)
    found = [one.recording for one in reading.kept]
    return Inspection(
        labels=labels,
        counts=Counter((one.label, one.split) for one in found),
        groups=Counter(label for label, _ in {(one.label, one.group) for one in found}),
        left_out=dict(sorted(left_out.items())),
        problems=problems,
        warnings=warnings,
    )


def _warnings(task: Any, folder: Path, reading: Reading, labels: Sequence[str]) -> Iterator[str]:
    kept, left_out = len(reading.kept), len(reading.left_out)
    if left_out > LEFT_OUT_SHARE * (kept + left_out):
        yield f"{left_out} of {kept + left_out} are left out"
    if unread := _unread(task, folder, reading, labels):
        yield f"{len(unread)} files lie where nothing reads them ({some(unread)})"
    lower = {label.lower(): label for label in labels}
    for path in sorted(folder.iterdir()):
        meant = lower.get(path.name.strip().lower())
        if path.is_dir() and meant not in (None, path.name):
            yield f"the folder {path.name} is not the class {meant}"
    if absent := _absent(folder, reading):
        yield f"lists name {len(absent)} files that are not there ({some(absent)})"
    if reading.conflicting:
        yield preparation.torn(task, reading)
    yield from _of_balance(task.GROUP, reading, labels)


def _unread(task: Any, folder: Path, reading: Reading, labels: Sequence[str]) -> list[str]:
    """Files of the task's kind that are neither used nor left out with a reason."""
    used = {one.recording.path for one in reading.kept}
    named = {one.id for one in reading.left_out}
    named |= {name.rpartition(":")[0] for name in named}  # of a row, the file
    found = []
    for path in (path for path in sorted(folder.rglob("*")) if path.is_file()):
        name = path.relative_to(folder).as_posix()
        first, inside, _ = name.partition("/")
        hidden = path.name.startswith(".") or first.startswith(".")
        special = inside and first.startswith("_") and first not in labels  # events, noises
        kind = path.name.lower().endswith(tuple(task.ENDINGS)) and name not in OF_THE_SYNTHESIZER
        if kind and not hidden and not special and path not in used and name not in named:
            found.append(name)
    return found


def _absent(folder: Path, reading: Reading) -> list[str]:
    """Lines of the lists that name no file of the corpus, whatever its ending."""
    there = {path.relative_to(folder).with_suffix("") for path in folder.glob("*/*")}
    lines = [
        line.strip()
        for name in partition.LISTS.values()
        if (folder / name).is_file()
        for line in (folder / name).read_text("utf-8-sig", errors="replace").splitlines()
    ]
    return [
        line for line in lines if line and Path(PurePosixPath(line).with_suffix("")) not in there
    ]


def _of_balance(group: str, reading: Reading, labels: Sequence[str]) -> Iterator[str]:
    training = [one.recording for one in reading.kept if one.recording.split == "train"]
    counts = Counter(one.label for one in training)
    for label in labels:
        groups = Counter(one.group for one in training if one.label == label)
        name, most = next(iter(groups.most_common(1)), ("", 0))
        if len(groups) > 1 and most > GROUP_SHARE * counts[label]:
            yield f"{most} of {counts[label]} training examples of {label} are of {group} {name}"
    largest, smallest = (pick(labels, key=lambda one: counts[one]) for pick in (max, min))
    if counts[smallest] and counts[largest] > IMBALANCE * counts[smallest]:
        yield (
            f"{largest} has {counts[largest]} training examples, and {smallest} only "
            f"{counts[smallest]}"
        )


def _of_events(task: Any, folder: Path, params: Any, reading: Reading) -> list[str]:
    splits = preparation.split(reading.kept, task.labels(params))
    try:
        gathering.gather(task, folder, params, splits)
    except PalisadeError as error:
        return [f"{listing.FOLDER}: {error}"]
    return []


def _of_hardness(task: Any, params: Any, reading: Reading) -> list[str]:
    splits = preparation.split(reading.kept, task.labels(params))
    accuracy = task.hardness(splits["train"], splits["test"], params)
    limit = params.simple_accuracy_limit
    if accuracy <= limit:
        return []
    return [
        f"a simple model is right on {accuracy:.2f} of test, more than simple_accuracy_limit "
        f"{limit:g}: data this easy shows little"
    ]


def table(found: Inspection, group: str) -> list[str]:
    """Usable examples by class and split, as lines of aligned columns."""
    rows = [["class", *NAMES, f"{group}s"]]
    for label in found.labels:
        counts = [str(found.counts[label, name]) for name in NAMES]
        rows.append([label, *counts, str(found.groups[label])])
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return ["  ".join(_aligned(row, widths)) for row in rows]


def _aligned(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    yield row[0].ljust(widths[0])
    yield from (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
