"""Files that strangers may have made: read only if they are plain and of a bounded length."""

from __future__ import annotations

import errno
from pathlib import Path


def bounded(path: Path, *, limit_bytes: int) -> bytes:
    """The whole content of a plain file of at most ``limit_bytes``.

    Raises:
        OSError: It is missing, unreadable, no plain file (a pipe would block), or too large;
            ``strerror`` says which.
    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is not a plain file", str(path))
    with path.open("rb") as stream:
        content = stream.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise OSError(errno.EFBIG, f"it is larger than {limit_bytes} bytes", str(path))
    return content
