"""What of an event the device sees one after the other: its pictures."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray


def in_time(windows: NDArray[Any], _threat: Any) -> NDArray[Any]:
    """``[k, ...]`` raw windows of one event in order of time, of its ``[k, ...]`` as prepared."""
    return windows
