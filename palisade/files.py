"""Files that are whole or absent: written beside their place, then renamed into it."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from palisade.errors import PalisadeError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path; on success rename it to ``path``, on failure remove it.

    The temporary path is a sibling with the same ending, and may be made a file or a folder.
    A folder that already stands at ``path`` is replaced as a whole, by a folder.

    Raises:
        PalisadeError: The disk is full, or a file was made where a folder stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".draft-{path.name}")
    _remove(draft)  # of a run that was killed
    try:
        yield draft
        if _is_folder(path):
            if not draft.is_dir():
                raise PalisadeError(
                    f"{path} is a folder, where a file goes", "move it away and run it again"
                )
            _remove(path)
        os.replace(draft, path)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise PalisadeError(
                f"the disk is full; {path} was not written", "free some space and run it again"
            ) from error
        raise
    finally:
        _remove(draft)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _remove(path: Path) -> None:
    if _is_folder(path):
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes, whole or not at all."""
    with replacing(path) as draft:
        draft.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write UTF-8 text, whole or not at all."""
    write_bytes(path, content.encode())


def write_json(path: Path, content: Any) -> None:
    """Write JSON with sorted keys, two spaces of indent and a final newline; refuses NaN."""
    write_text(path, json.dumps(content, indent=2, sort_keys=True, allow_nan=False) + "\n")
