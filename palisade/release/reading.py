"""Files that strangers may have made: plain, of a bounded length, and with one meaning."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any, NoReturn


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


def strict_json(content: bytes) -> Any:
    """Parse JSON that two readers cannot understand in two ways.

    Raises:
        ValueError: It is no JSON in UTF-8, is nested too deeply, gives a key of an object twice
            (RFC 8259 leaves open which one counts), or holds NaN or infinity.
    """
    try:
        return json.loads(
            content.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_constant
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def canonical_json(content: Any) -> bytes:
    """JSON with sorted keys, no spaces and no escapes beyond need, in UTF-8."""
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"it gives the key {twice!a} twice")
    return made


def _no_constant(constant: str) -> NoReturn:
    raise ValueError(f"it holds {constant}")
