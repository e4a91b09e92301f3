"""A labelled set of examples of one task, as every stage from prepare on reads it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from palisade.arrays import write_npz
from palisade.errors import PalisadeError

NAMES = ("train", "validation", "calibration", "test")


@dataclass(frozen=True)
class Split:
    """Examples in the raw domain of their sensor.

    Attributes:
        x: ``[n, ...]`` raw samples: int16 sound, uint8 pixels.
        y: ``[n]`` int64 indices into ``labels``.
        ids: ``[n]`` where each example came from, unique in its split.
        groups: ``[n]`` the speaker, source or scene that may not cross splits.
        labels: the class names, in the order of the network's outputs.
    """

    x: NDArray[np.generic]
    y: NDArray[np.int64]
    ids: NDArray[np.str_]
    groups: NDArray[np.str_]
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        lengths = {len(self.x), len(self.y), len(self.ids), len(self.groups)}
        if len(lengths) != 1:
            raise ValueError(f"arrays of different lengths: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.y)

    def take(self, index: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Split:
        """The examples at an index, a mask or a slice."""
        return Split(self.x[index], self.y[index], self.ids[index], self.groups[index], self.labels)

    def save(self, path: Path) -> None:
        """Write as ``.npz``; reading it back gives the same split."""
        write_npz(
            path,
            x=self.x,
            y=self.y,
            ids=self.ids,
            groups=self.groups,
            labels=np.array(self.labels, dtype=np.str_),
        )


def load(path: Path) -> Split:
    """Read a split that ``Split.save`` wrote.

    Raises:
        PalisadeError: The file is not such a split.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in ("x", "y", "ids", "groups", "labels")}
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise PalisadeError(
            f"{path} is not a split ({error})", "remove it and run `dvc repro` again"
        ) from error
    labels = tuple(str(label) for label in arrays.pop("labels"))
    return Split(**arrays, labels=labels)
