"""Events as a network sees them: windows of raw samples, each with the event that it is part of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from palisade.arrays import write_npz
from palisade.errors import PalisadeError

_FIELDS = ("x", "y", "scenes", "events", "splits", "labels", "aligned")


@dataclass(frozen=True)
class Windows:
    """One task's windows of all events, those of one event side by side.

    Attributes:
        x: ``[n, ...]`` raw samples, as in ``splits.Split``.
        y: ``[n]`` int64 index into ``labels`` of what the sensor witnesses of the whole event.
        scenes: ``[n]`` the event that a window belongs to.
        events: ``[n]`` the event's kind; empty where the corpus has no events.
        splits: ``[n]`` ``calibration`` or ``test``.
        labels: the task's class names.
        aligned: whether ``scenes`` means the same events in other tasks. In a team's own
            recordings it does not; each example then stands for an event of its own.
    """

    x: NDArray[np.generic]
    y: NDArray[np.int64]
    scenes: NDArray[np.str_]
    events: NDArray[np.str_]
    splits: NDArray[np.str_]
    labels: tuple[str, ...]
    aligned: bool

    def __len__(self) -> int:
        return len(self.y)

    def save(self, path: Path) -> None:
        """Write as ``.npz``; reading it back gives the same windows."""
        write_npz(
            path,
            x=self.x,
            y=self.y,
            scenes=self.scenes,
            events=self.events,
            splits=self.splits,
            labels=np.array(self.labels, dtype=np.str_),
            aligned=np.array(self.aligned),
        )


def load(path: Path) -> Windows:
    """Read what ``Windows.save`` wrote.

    Raises:
        PalisadeError: The file is not such a set of windows.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in _FIELDS}
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise PalisadeError(
            f"{path} holds no events ({error})", "remove it and run `dvc repro` again"
        ) from error
    labels = tuple(str(label) for label in arrays.pop("labels"))
    aligned = bool(arrays.pop("aligned"))
    return Windows(**arrays, labels=labels, aligned=aligned)


def owners(windows: Windows) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """``[n]`` the number of each window's event, and ``[m]`` the first window of each event.

    A name that stands in two splits is two events.
    """
    names = np.char.add(np.char.add(windows.splits, "/"), windows.scenes)
    _, first, owner = np.unique(names, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty(len(order), np.intp)
    place[order] = np.arange(len(order))
    return place[owner], first[order]
