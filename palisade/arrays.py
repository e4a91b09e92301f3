"""NumPy arrays on disk; apart from ``files``, which must load where NumPy is not installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from palisade.files import replacing


def write_npz(path: Path, **arrays: np.ndarray) -> None:
    """Write an uncompressed ``.npz``; the same arrays give the same bytes."""
    with replacing(path) as draft, draft.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **arrays)
