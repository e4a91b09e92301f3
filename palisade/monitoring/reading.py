"""Reading a log that strangers may have made: every line is checked before any is believed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from palisade.errors import PalisadeError
from palisade.guard.judgement import NO_LABEL, Decision, Reason, Signal
from palisade.monitoring.log import COLUMNS, LONGEST_DAYS, Header, coarse
from palisade.release.contents import shown
from palisade.release.reading import bounded, strict_json
from palisade.stage import checked

MOST_EVENTS = 50_000
LONGEST_LINE, LONGEST_HEADER = 200, 20_000  # bytes
MOST_BYTES = LONGEST_HEADER + 100 * MOST_EVENTS
SCORES = COLUMNS.index("margin")
_ARRAYS = ("day", "label", "decision", "reason", "scores")


@dataclass(frozen=True)
class Log:
    """What a log holds.

    Attributes:
        header: whose answers they are.
        day: ``[n]`` since 1970-01-01 UTC, never falling.
        label: ``[n]`` the network's choice; ``NO_LABEL`` for a fault.
        decision: ``[n]`` see ``Decision``.
        reason: ``[n]`` see ``Reason``.
        scores: ``[n, 5]`` by ``Signal``, coarse.
    """

    header: Header
    day: NDArray[np.int64]
    label: NDArray[np.int64]
    decision: NDArray[np.int64]
    reason: NDArray[np.int64]
    scores: NDArray[np.int32]

    @classmethod
    def of(cls, header: Header, table: NDArray[np.int64]) -> Log:
        """From rows ``[n, columns]`` as ``COLUMNS`` orders them."""
        day, label, decision, reason = table[:, :SCORES].T
        return cls(header, day, label, decision, reason, table[:, SCORES:].astype(np.int32))

    def __len__(self) -> int:
        return len(self.day)

    def take(self, index: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Log:
        """The answers at an index, a mask or a slice."""
        return Log(self.header, *(getattr(self, one)[index] for one in _ARRAYS))

    def then(self, later: Log) -> Log:
        """These answers, and after them another log's."""
        both = ((getattr(self, one), getattr(later, one)) for one in _ARRAYS)
        return Log(self.header, *(np.concatenate(pair) for pair in both))

    @property
    def rejected(self) -> NDArray[np.bool_]:
        """``[n]`` answers that the guard rejects."""
        return np.asarray(self.decision == Decision.REJECT)

    @property
    def faults(self) -> NDArray[np.bool_]:
        """``[n]`` answers that the device could not come by."""
        return np.asarray(self.label == NO_LABEL)


def read(path: Path, *, today: int) -> Log:
    """Read a log.

    Args:
        path: the file.
        today: days since 1970-01-01 UTC. A clock may be a day ahead.

    Raises:
        PalisadeError: It is missing, too large, empty, or a line of it is wrong; says which line.
    """
    try:
        lines = bounded(path, limit_bytes=MOST_BYTES).split(b"\n")
    except OSError as error:
        raise PalisadeError(
            f"{shown(str(path))} cannot be read: {error.strerror}", "name a device's log"
        ) from error
    if lines.pop() != b"":
        raise _wrong(path, len(lines) + 1, "it is cut off: the last line has no end")
    if not lines:
        raise _wrong(path, 1, "there is no header")
    header = _header(path, lines[0])
    if not 1 <= len(lines) - 1 <= MOST_EVENTS:
        raise PalisadeError(
            f"{shown(str(path))} holds {len(lines) - 1} answers",
            f"a log holds 1 to {MOST_EVENTS}",
        )
    table = np.array(
        [_row(path, at, line, header) for at, line in enumerate(lines[1:], start=2)], np.int64
    )
    _check_days(path, table[:, 0], today)
    _check_coarse(path, table[:, SCORES:])
    return Log.of(header, table)


def _wrong(path: Path, line: int, reason: str) -> PalisadeError:
    return PalisadeError(
        f"{shown(str(path))}, line {line}: {reason}",
        "get the log again from the device; its format is in docs/monitoring.md",
    )


def _header(path: Path, line: bytes) -> Header:
    if len(line) > LONGEST_HEADER:
        raise _wrong(path, 1, f"it is longer than {LONGEST_HEADER} bytes")
    try:
        return checked(Header, strict_json(line), f"{shown(str(path))}, line 1")
    except ValueError as error:
        raise _wrong(path, 1, f"it is no header ({' '.join(str(error).split())})") from error


def _row(path: Path, at: int, line: bytes, header: Header) -> list[int]:
    try:
        if len(line) > LONGEST_LINE:
            raise ValueError(f"it is longer than {LONGEST_LINE} bytes")
        row = strict_json(line)
    except ValueError as error:
        raise _wrong(path, at, f"it cannot be read ({error})") from error
    if not (isinstance(row, list) and len(row) == len(COLUMNS)):
        raise _wrong(path, at, f"it is not an array of {len(COLUMNS)}: {', '.join(COLUMNS)}")
    if not all(type(value) is int for value in row):  # True and 1.0 are none
        raise _wrong(path, at, "it holds something other than whole numbers")
    if reason := _strange(row, len(header.labels)):
        raise _wrong(path, at, reason)
    return row


def _strange(row: list[int], classes: int) -> str:
    day, label, decision, reason, *scores = row
    if not 0 <= day < 2**31:
        return f"day is {day}"
    if (label == NO_LABEL) != (decision == Decision.FAULT):
        return f"label {label} does not go with decision {decision}"
    if label != NO_LABEL and not 0 <= label < classes:
        return f"label is {label}, and the model has {classes} classes"
    if not Decision.FAULT <= decision <= Decision.ACCEPT:
        return f"decision is {decision}"
    if not Reason.NONE <= reason <= max(Reason):
        return f"reason is {reason}"
    far = [value for value in scores if not -(2**31) <= value < 2**31]
    return f"score {far[0]} takes more than 32 bits" if far else ""


def _check_days(path: Path, day: NDArray[np.int64], today: int) -> None:
    if (falls := np.flatnonzero(np.diff(day) < 0)).size:
        raise _wrong(path, int(falls[0]) + 3, "its day is before that of the line above")
    if day[-1] > today + 1:
        late = int(np.argmax(day > today + 1))
        raise _wrong(path, late + 2, f"day {day[late]} is in the future, as today is {today}")
    if day[-1] - day[0] >= LONGEST_DAYS:
        raise PalisadeError(
            f"{shown(str(path))} spans {day[-1] - day[0] + 1} days",
            f"a device begins a new log after {LONGEST_DAYS} days, and deletes the old one",
        )


def _check_coarse(path: Path, scores: NDArray[np.int64]) -> None:
    fine = np.argwhere(coarse(scores) != scores)
    if fine.size:
        at, signal = fine[0]
        raise _wrong(
            path, int(at) + 2, f"{Signal(signal).name.lower()} is finer than a log may hold"
        )
