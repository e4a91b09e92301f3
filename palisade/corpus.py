"""What a task finds in a folder of recordings, before any is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Recording:
    """One example to be, as it lies in the corpus.

    Attributes:
        path: the file.
        id: its name in the corpus.
        label: the class it counts as.
        group: the speaker, source or scene, which may not cross splits.
        split: one of ``splits.NAMES``.
        start_ms: where the example begins in a longer file; None where the file is the example.
    """

    path: Path
    id: str
    label: str
    group: str
    split: str
    start_ms: int | None = None


@dataclass(frozen=True)
class LeftOut:
    """A file that is not used: its name in the corpus, and the reason in one word."""

    id: str
    reason: str


@dataclass(frozen=True)
class Found:
    """What a corpus holds.

    Attributes:
        recordings: in a fixed order.
        left_out: files that are no recordings.
        conflicting: groups that the lists of two splits name.
    """

    recordings: tuple[Recording, ...]
    left_out: tuple[LeftOut, ...]
    conflicting: tuple[str, ...]


class Unusable(Exception):
    """A recording that cannot become an example.

    Args:
        reason: one of the task's ``REASONS``.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
