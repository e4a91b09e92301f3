"""What was drawn for each clip, as a table that a person can read and sort."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from palisade.tasks.voice.synthesis.scene import Scene

NAME = "manifest.csv"


@dataclass(frozen=True)
class Row:
    """One clip.

    Attributes:
        path: in the corpus.
        speaker: eight hexadecimal digits, voice and accent together.
        scene: what was drawn.
        rate_wpm: at which the word was said in the end, faster than drawn if it was too long.
        unseen: the word is said in the test split alone.
        onset_ms, word_ms: where the word begins and how long it is, without its reverberation;
            running speech begins before the clip.
        babble_voices: the voices in the background.
    """

    path: str
    speaker: str
    scene: Scene
    rate_wpm: int
    unseen: bool
    onset_ms: float
    word_ms: float
    babble_voices: tuple[str, ...]

    def cells(self) -> dict[str, str]:
        """The row's columns and their text."""
        scene = {field.name: str(getattr(self.scene, field.name)) for field in fields(Scene)}
        return {
            "path": self.path,
            "speaker": self.speaker,
            **scene,
            "babble": " ".join(map(str, self.scene.babble)),
            "rate_wpm": str(self.rate_wpm),
            "unseen": str(int(self.unseen)),
            "running": str(int(self.scene.running)),
            "onset_ms": f"{self.onset_ms:.3f}",
            "word_ms": f"{self.word_ms:.3f}",
            "babble_voices": "|".join(self.babble_voices),
        }


def write(path: Path, rows: Sequence[Row]) -> None:
    """Write the rows as CSV (RFC 4180, but for its line ends, which are plain newlines)."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0].cells()), lineterminator="\n")
        table.writeheader()
        table.writerows(row.cells() for row in rows)
