"""The field log that a device keeps, and that ``calibrate`` writes of its own examples.

JSON Lines. The first line is a ``Header``; each further line is one answer, an array of integers
in the order of ``COLUMNS``. ``docs/monitoring.md`` says what is never in it and how long it lives.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from palisade import stage
from palisade.guard.judgement import NO_LABEL, Judgement, Signal

Row = tuple[int, ...]  # by COLUMNS

COLUMNS = ("day", "label", "decision", "reason", *(signal.name.lower() for signal in Signal))
KEPT_BITS = 5  # of a score's magnitude, from its leading one: steps of at most 1/16
LONGEST_DAYS = 92  # that one log may span; a device then begins another
MOST_A_DAY = 128  # answers that a device keeps of a day, whichever they are
CALIBRATION = "0" * 16  # in place of a device's pseudonym

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Header(stage.Params):
    """Whose answers a log holds."""

    format: Literal["palisade-log/1"] = "palisade-log/1"
    task: str = Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")
    model: Digest = Field(description="SHA-256 of model.tflite")
    guard: Digest = Field(description="SHA-256 of guard.json")
    device: str = Field(
        pattern=r"^[0-9a-f]{16}$",
        description="pseudonym: drawn at random for each log, from nothing that the device is",
    )
    firmware: int = Field(ge=0, lt=2**32, description="the firmware's counter against rollback")
    labels: list[Annotated[str, Field(pattern=r"^[^\s\x00-\x1f]{1,64}$")]] = Field(
        min_length=2, max_length=NO_LABEL - 1, description="in the order of the network's outputs"
    )


def digest(path: Path) -> str:
    """What ``Header.model`` and ``Header.guard`` hold."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def coarse(scores: NDArray[np.integer]) -> NDArray[np.int64]:
    """Scores as they are logged: ``KEPT_BITS`` leading bits of the magnitude, toward zero.

    Keeps the order of any two scores, or makes them equal. Applied twice it changes nothing.
    """
    magnitude = np.abs(scores.astype(np.int64))
    shift = np.maximum(np.frexp(magnitude.astype(np.float64))[1] - KEPT_BITS, 0).astype(np.int64)
    return np.asarray(np.sign(scores).astype(np.int64) * (magnitude >> shift << shift))


def rows(judgement: Judgement, *, day: int) -> list[Row]:
    """What is logged of a guard's judgements; ``day`` counts from 1970-01-01 UTC."""
    columns = [judgement.label, judgement.decision, judgement.reason, *coarse(judgement.scores).T]
    return [(day, *map(int, row)) for row in zip(*columns, strict=True)]


def text(header: Header, kept: Sequence[Row]) -> str:
    """A whole log."""
    first = json.dumps(header.model_dump(), separators=(",", ":"))
    return "\n".join([first, *(json.dumps(row, separators=(",", ":")) for row in kept)]) + "\n"


@dataclass
class Keeper:
    """A device's day: a random choice of its answers, in a random order.

    So a busy day is no longer than a quiet one, the order of events within a day is not kept, and
    a burst of like answers counts for less. Memory is bounded by ``MOST_A_DAY`` rows.

    References:
        Vitter, Random sampling with a reservoir, ACM TOMS 11(1), 1985, algorithm R.
    """

    random: np.random.Generator
    _rows: list[Row] = field(default_factory=list)
    _seen: int = 0

    def add(self, row: Row) -> Iterator[Row]:
        """Take an answer; gives back the day before, once a row of a new day comes."""
        if self._rows and row[0] != self._rows[0][0]:
            yield from self.close()
        self._seen += 1
        if len(self._rows) < MOST_A_DAY:
            self._rows.append(row)
        elif (place := int(self.random.integers(self._seen))) < MOST_A_DAY:
            self._rows[place] = row

    def close(self) -> list[Row]:
        """The day's rows; the keeper is then empty."""
        order = self.random.permutation(len(self._rows))
        kept = [self._rows[place] for place in order]
        self._rows, self._seen = [], 0
        return kept
