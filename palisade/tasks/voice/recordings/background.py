"""Long background noises, cut into clips without speech.

There are few of them, so each is shared out among the splits by time: train gets its
beginning, then validation, calibration and test, with a guard gap between neighbours. Clips
of two splits may therefore hold the same room's sound, though never the same moment of it.
"""

from __future__ import annotations

from pathlib import Path

import soundfile

from palisade.corpus import LeftOut, Recording
from palisade.partition import Params, shares_percent
from palisade.splits import NAMES
from palisade.tasks.voice.recordings.decoding import ENDINGS
from palisade.tasks.voice.samples.labels import SILENCE

BACKGROUND_NOISE = "_background_noise_"


def windows(
    corpus: Path, params: Params, *, clip_ms: int, guard_ms: int, at_most: int
) -> tuple[list[Recording], list[LeftOut]]:
    """Non-overlapping clips of all the noises of a corpus, none if it has no noises.

    Args:
        corpus: holds the noises in its folder ``_background_noise_``.
        params: how large the splits are.
        clip_ms: length of a clip.
        guard_ms: gap between the clips of two splits.
        at_most: where there are more clips, so many are taken, evenly over all.

    Returns:
        The clips, and the files that cannot be read. A file of another type is no noise.
    """
    cut: list[Recording] = []
    unread: list[LeftOut] = []
    for path in sorted((corpus / BACKGROUND_NOISE).glob("*")):
        if path.suffix.lower() not in ENDINGS or path.name.startswith("."):
            continue
        try:
            length_ms = int(soundfile.info(path).duration * 1000)
        except soundfile.LibsndfileError:
            unread.append(LeftOut(f"{BACKGROUND_NOISE}/{path.name}", "corrupt"))
            continue
        for split, begin_ms, end_ms in blocks(length_ms, params, guard_ms=guard_ms):
            starts = range(begin_ms, end_ms - clip_ms + 1, clip_ms)
            cut += [_window(path, split, at_ms) for at_ms in starts]
    if len(cut) > at_most:
        cut = [cut[place * len(cut) // at_most] for place in range(at_most)]
    return cut, unread


def blocks(length_ms: int, params: Params, *, guard_ms: int) -> list[tuple[str, int, int]]:
    """Cut a noise into ``(split, begin_ms, end_ms)``, in the order of ``splits.NAMES``."""
    share = shares_percent(params)
    cut, border_ms = [], 0.0
    for split in NAMES:
        begin_ms = int(border_ms) + (guard_ms if border_ms else 0)
        border_ms += length_ms * share[split] / 100
        cut.append((split, begin_ms, int(border_ms)))
    return cut


def _window(path: Path, split: str, at_ms: int) -> Recording:
    name = f"{BACKGROUND_NOISE}/{path.name}@{at_ms}ms"
    return Recording(path, name, SILENCE, f"{path.stem}@{split}", split, at_ms)
