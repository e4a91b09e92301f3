"""Some time of a stream as the network hears it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray


@dataclass(frozen=True)
class Said:
    """Something in a recording that is to be accepted.

    Attributes:
        label: the class.
        begin_ms, end_ms: where it is.
    """

    label: str
    begin_ms: float
    end_ms: float


@dataclass(frozen=True)
class Recording:
    """The frames of some time, computed once, and how windows are taken of them.

    Attributes:
        kind: of what is heard, to count by.
        rows: ``[n, ...]`` int8, a frame each.
        frames: in a window.
        step: frames from a window's first to the next one's.
        said: what is to be accepted, in order of time; empty where nothing is.
    """

    kind: str
    rows: NDArray[np.int8]
    frames: int
    step: int
    said: tuple[Said, ...] = ()

    def __len__(self) -> int:
        """Number of windows."""
        return max(0, (len(self.rows) - self.frames) // self.step + 1)

    @property
    def windows(self) -> NDArray[np.int8]:
        """``[windows, frames, ...]`` the network's input, a view."""
        if not len(self):
            return np.zeros((0, self.frames, *self.rows.shape[1:]), np.int8)
        views = sliding_window_view(self.rows, self.frames, axis=0)[:: self.step]
        return np.moveaxis(views, -1, 1)
