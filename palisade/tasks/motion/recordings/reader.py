"""Traces in CSV files, anywhere in the corpus's folder, one row a trace.

::

    home,label,split,acc_x_0,acc_x_1, ...,pir_149
    3fa9c01d,knock,test,12,11, ...,2050

Which columns these are, params name: a channel's samples are ``<channel>_<n>``. Other columns,
files in the corpus's root that are no CSV, its ``manifest.csv`` and folders whose name begins
with ``_scenes_`` or a dot are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

from palisade import partition, preparation
from palisade.corpus import Found, LeftOut, Recording, Unusable
from palisade.errors import PalisadeError
from palisade.partition import PRECEDENCE
from palisade.splits import NAMES, Split
from palisade.tasks.motion.recordings import rows, thresholds
from palisade.tasks.motion.recordings.rows import ENDINGS, Table
from palisade.tasks.motion.samples import columns

REASONS = ("wrong_type", "not_a_number", "out_of_range", "constant", "other_label", "no_home")
GROUP = "home"
ASSIGNED_BY = "the column that split_column names"
MANIFEST = "manifest.csv"
SCENES = "_scenes_"


class Params(preparation.Params):
    """How the rows of a corpus are read."""

    classes: list[str] = Field(
        min_length=2, description="as they stand in the label column, in the model's order"
    )
    positive: str = Field(description="the class that hardness tells from the rest")
    channels: list[str] = Field(min_length=1, description="samples are in columns <channel>_<n>")
    samples: int = Field(ge=8, le=100000, description="of a trace, in each channel")
    first_sample: int = Field(ge=0, le=1, description="n of a channel's first column")
    label_column: str = Field(min_length=1, description="holds the class")
    group_column: str = Field(description="holds the home; empty: blocks of rows are homes")
    group_rows: int = Field(ge=1, description="consecutive rows in a block, without group_column")
    split_column: str = Field(description="holds the split; empty: homes are shared out by hash")
    plausible: list[list[float]] = Field(
        description="of each channel, bounds beyond which a row is left out"
    )
    most_bad_percent: float = Field(
        ge=0, le=100, description="% of the rows that may be left out as no trace at all"
    )

    @field_validator("classes", "channels")
    @classmethod
    def _distinct(cls, names: list[str]) -> list[str]:
        if len(set(names)) != len(names) or not all(names):
            raise ValueError("name each once")
        return names

    @model_validator(mode="after")
    def _fits(self) -> Params:
        if self.positive not in self.classes:
            raise ValueError("positive must be one of classes")
        if len(self.plausible) != len(self.channels):
            raise ValueError("plausible needs two bounds a channel")
        if any(len(pair) != 2 or pair[0] >= pair[1] for pair in self.plausible):
            raise ValueError("write plausible's bounds lower first")
        return self


@dataclass(frozen=True)
class Trace(Recording):
    """A row of a file, with its samples: ``[samples, channels]`` int32 as bytes."""

    samples: bytes = b""


@dataclass(frozen=True)
class _Row:
    """A row before it is known which split its group goes to; ``said`` is the split it names."""

    path: Path
    id: str
    label: str
    group: str
    said: str
    samples: bytes


def labels(params: Params) -> tuple[str, ...]:
    """The class names in the order of the network's outputs."""
    return tuple(params.classes)


def scan(folder: Path, params: Params) -> Found:
    """Read every row of a corpus, file by file in order of their names.

    Raises:
        PalisadeError: There is no such folder or no CSV in it; a file lacks columns, is empty,
            or names a split that there is not; too many rows are bad; a channel never changes.
    """
    if not folder.is_dir():
        raise PalisadeError(f"the corpus has no folder {folder}", "set tasks' corpus to one")
    files = [path for path in sorted(folder.rglob("*")) if _counts(path, folder)]
    tables = [path for path in files if path.name.lower().endswith(ENDINGS)]
    odd = [
        LeftOut(path.relative_to(folder).as_posix(), "wrong_type")
        for path in files
        if path not in set(tables) and path.parent != folder
    ]
    found: list[_Row] = []
    bad: list[LeftOut] = []
    for path in tables:
        for one in _read(path, path.relative_to(folder).as_posix(), params):
            if isinstance(one, LeftOut):
                bad.append(one)
            else:
                found.append(one)
    if not found and not bad:
        raise PalisadeError(f"{folder} has no rows in CSV files", "add *.csv or *.csv.gz")
    _check_channels(found, folder, params)
    bad += [LeftOut(one.id, reason) for one in found if (reason := _fault(one, params))]
    left = {one.id for one in bad}
    found = [one for one in found if one.id not in left]
    _check_share(bad, len(found), folder, params)
    splits, conflicting = _splits(found, params)
    recordings = tuple(
        Trace(one.path, one.id, one.label, one.group, splits[one.group], samples=one.samples)
        for one in found
    )
    return Found(recordings, (*odd, *bad), conflicting)


def decode(recording: Recording, params: Params) -> NDArray[np.int32]:
    """A row as ``[samples, channels]`` int32; ``scan`` has left out those that are bad."""
    assert isinstance(recording, Trace)
    return _values(recording.samples, params)


def decode_scene(path: Path, params: Params) -> NDArray[np.int32]:
    """One event, a file of one row, as ``[windows, samples, channels]`` int32.

    Windows follow each other; what is left at the event's end is not used.

    Raises:
        PalisadeError: The file does not hold one row with whole windows of plausible numbers.
    """
    table = Table(path)
    first = columns.names(params.channels[:1], len(table.columns), first=params.first_sample)
    windows = sum(name in set(table.columns) for name in first) // params.samples
    length = max(windows, 1) * params.samples
    places = table.places(columns.names(params.channels, length, first=params.first_sample))
    several = list(table.rows())
    if len(several) != 1:
        raise PalisadeError(f"{path} has {len(several)} rows", "an event is a file of one row")
    try:
        values = rows.samples(_cells(several[0][1], places), len(params.channels))
        if not _plausible(values, params):
            raise Unusable("out_of_range")
    except Unusable as error:
        raise PalisadeError(f"{path} is unusable ({error.reason})", "mend it") from error
    return values.reshape(-1, params.samples, len(params.channels))


def hardness(train: Split, test: Split, params: Params) -> float:
    """Balanced accuracy of the best threshold on one figure, ``positive`` against the rest."""
    positive = params.classes.index(params.positive)
    return thresholds.balanced_accuracy(train.x, train.y == positive, test.x, test.y == positive)


def facts(train: Split, params: Params) -> dict[str, float]:
    """Figures of the training split: the median swing, largest less smallest, of each channel."""
    swing = np.median(np.ptp(np.asarray(train.x, np.float64), axis=1), axis=0)
    return {
        f"{channel}_swing_median": float(value)
        for channel, value in zip(params.channels, swing, strict=True)
    }


def _counts(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    hidden = any(part.startswith((".", SCENES)) for part in parts)
    return path.is_file() and not hidden and parts != (MANIFEST,)


def _read(path: Path, name: str, params: Params) -> Iterator[_Row | LeftOut]:
    """The rows of one file; an id is the file's name and the row's line."""
    table = Table(path)
    wanted = columns.names(params.channels, params.samples, first=params.first_sample)
    optional = [column for column in (params.group_column, params.split_column) if column]
    at = dict(
        zip(
            [params.label_column, *optional],
            table.places([params.label_column, *optional]),
            strict=True,
        )
    )
    places = table.places(wanted)
    for number, (line, cells) in enumerate(table.rows()):
        row_id = f"{name}:{line}"
        try:
            said = _cells(cells, list(at.values()))
            values = rows.samples(_cells(cells, places), len(params.channels))
        except Unusable as error:
            yield LeftOut(row_id, error.reason)
            continue
        of = dict(zip(at, map(str.strip, said), strict=True))
        label = of[params.label_column]
        if label not in params.classes:
            yield LeftOut(row_id, "other_label")
            continue
        group = f"{name}:block{number // params.group_rows}"
        if params.group_column:
            group = of[params.group_column]
        if not group:
            yield LeftOut(row_id, "no_home")
            continue
        split = of[params.split_column] if params.split_column else ""
        if params.split_column and split not in NAMES:
            raise PalisadeError(
                f"{path}, line {line}: {params.split_column} is {split!r}",
                f"the splits are {', '.join(NAMES)}",
            )
        yield _Row(path, row_id, label, group, split, values.tobytes())


def _cells(cells: Sequence[str], places: Sequence[int]) -> list[str]:
    """The cells at some places; a row that ends early lacks numbers."""
    if len(cells) <= max(places):
        raise Unusable("not_a_number")
    return [cells[place] for place in places]


def _values(content: bytes, params: Params) -> NDArray[np.int32]:
    return np.frombuffer(content, np.int32).reshape(params.samples, -1)


def _plausible(values: NDArray[np.int32], params: Params) -> bool:
    low, high = np.array(params.plausible).T
    return bool(np.all(values.min(axis=0) >= low) and np.all(values.max(axis=0) <= high))


def _fault(one: _Row, params: Params) -> str:
    """Why a row of numbers is no example; empty if it is one."""
    values = _values(one.samples, params)
    if not _plausible(values, params):
        return "out_of_range"
    # A quiet channel may be flat; a trace of which every channel is was never recorded.
    return "" if np.any(np.ptp(values, axis=0)) else "constant"


def _check_share(bad: Sequence[LeftOut], good: int, folder: Path, params: Params) -> None:
    broken = [one for one in bad if one.reason != "other_label"]
    share = 100 * len(broken) / max(1, len(bad) + good)
    if share > params.most_bad_percent:
        raise PalisadeError(
            f"{folder}: {share:.3g} % of the rows are bad, the first {broken[0].id} "
            f"({broken[0].reason}), more than most_bad_percent: {params.most_bad_percent:g}",
            "mend the file, or check prepare's channels and samples",
        )


def _check_channels(found: Sequence[_Row], folder: Path, params: Params) -> None:
    """A channel that is flat in every row is a sensor that is not connected."""
    moved = np.zeros(len(params.channels), bool)
    for one in found:
        moved |= np.ptp(_values(one.samples, params), axis=0) > 0
    for channel, does in zip(params.channels, moved, strict=True):
        if found and not does:
            raise PalisadeError(
                f"{folder}: channel {channel} never changes within a row",
                "check its sensor, or take it out of prepare's channels",
            )


def _splits(found: Sequence[_Row], params: Params) -> tuple[dict[str, str], tuple[str, ...]]:
    """The split of each group, and the groups that rows put into two."""
    if not params.split_column:
        groups = {one.group for one in found}
        return {group: partition.by_hash(group, params) for group in groups}, ()
    said: dict[str, set[str]] = {}
    for one in found:
        said.setdefault(one.group, set()).add(one.said)
    chosen = {group: min(splits, key=PRECEDENCE.index) for group, splits in said.items()}
    return chosen, tuple(sorted(group for group, splits in said.items() if len(splits) > 1))
