"""Compiles the device's C library once with the system's compiler, and loads it through cffi.

The library goes into a cache folder under a name that is a digest of its sources, headers,
compiler and flags, so it is never stale and no stage waits for it twice. The flags forbid
fused multiply-adds, as ``-march=native`` would bring them: with those, float32 results would
depend on the machine.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import cffi  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray

from palisade.errors import PalisadeError

DEVICE = Path(__file__).parents[2] / "device"
FLAGS = ("-std=c99", "-O2", "-ffp-contract=off")
# On top of those, for a compiler that is to find fault with the sources.
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wconversion")
COMPILERS = ("cc", "gcc", "clang")
_C_TYPES = {
    np.dtype(np.uint8): "uint8_t[]",
    np.dtype(np.int8): "int8_t[]",
    np.dtype(np.uint16): "uint16_t[]",
    np.dtype(np.int16): "int16_t[]",
    np.dtype(np.uint32): "uint32_t[]",
    np.dtype(np.int32): "int32_t[]",
    np.dtype(np.uint64): "uint64_t[]",
    np.dtype(np.int64): "int64_t[]",
    np.dtype(np.float32): "float[]",
}
_CPLUSPLUS = re.compile(r"^#ifdef __cplusplus\n.*?^#endif\n", re.MULTILINE | re.DOTALL)
_INCLUDE = re.compile(r'^#include "palisade/(\w+\.h)"', re.MULTILINE)


class Fault(RuntimeError):
    """A function of the library did not answer ``PAL_OK``.

    Attributes:
        status: the name of what it answered, such as ``PAL_FAULT_LENGTH``.
    """

    def __init__(self, function: str, status: str) -> None:
        super().__init__(f"{function} answered {status}")
        self.status = status


@cache
def load() -> tuple[Any, Any]:
    """The cffi ``(ffi, lib)`` of the library, compiled first if its cache has none.

    Raises:
        PalisadeError: There is no C compiler, it refuses the sources, or the cache folder
            cannot be written.
    """
    ffi = cffi.FFI()
    ffi.cdef(declarations())
    return ffi, ffi.dlopen(str(build()))


def require(status: int, function: str) -> None:
    """Raise ``Fault`` unless a function answered ``PAL_OK``."""
    if status != 0:
        ffi, _ = load()
        raise Fault(function, ffi.string(ffi.cast("pal_status", status)))


def pointer(array: NDArray[Any]) -> Any:
    """A C pointer to an array's own memory, which must be contiguous; it keeps the array alive.

    Raises:
        ValueError: The array is not C-contiguous, or C has no such type.
    """
    if array.dtype not in _C_TYPES or not array.flags.c_contiguous:
        raise ValueError(f"C cannot read an array of {array.dtype} with strides {array.strides}")
    ffi, _ = load()
    return ffi.from_buffer(_C_TYPES[array.dtype], array)


def sources(device: Path = DEVICE) -> list[Path]:
    """The library's C files, sorted."""
    return sorted((device / "src").glob("*.c"))


def headers(device: Path = DEVICE) -> list[Path]:
    """The public headers, each after those that it includes."""
    folder = device / "include" / "palisade"
    ordered: list[Path] = []

    def visit(path: Path) -> None:
        for name in _INCLUDE.findall(path.read_text()):
            visit(folder / name)
        if path not in ordered:
            ordered.append(path)

    for path in sorted(folder.glob("*.h")):
        visit(path)
    return ordered


def declarations(device: Path = DEVICE) -> str:
    """The public headers as one text for cffi: no line of the preprocessor is left."""
    texts = [_CPLUSPLUS.sub("", path.read_text()) for path in headers(device)]
    lines = "\n".join(texts).splitlines()
    return "\n".join(line for line in lines if not line.startswith("#"))


def compiler() -> list[str]:
    """The command of the C compiler: ``$CC``, else the first of cc, gcc and clang.

    Raises:
        PalisadeError: There is none.
    """
    named = shlex.split(os.environ.get("CC", ""))
    for command in [named] if named else [[name] for name in COMPILERS]:
        if shutil.which(command[0]):
            return command
    problem = f"CC is {named[0]}, which is not there" if named else "there is no C compiler"
    raise PalisadeError(problem, "install gcc or clang (Debian: apt-get install gcc)")


def build(device: Path = DEVICE) -> Path:
    """The compiled shared library, from the cache or made now.

    Raises:
        PalisadeError: As for ``load``.
    """
    return made([*compiler(), *FLAGS, "-fPIC", "-shared"], device, "so")


def made(command: list[str], device: Path, ending: str) -> Path:
    """What a compiler's command makes of all sources, from the cache or now.

    Raises:
        PalisadeError: The compiler refuses the sources, or the cache cannot be written.
    """
    place = _cache() / f"device-{_digest(command, device)}.{ending}"
    if not place.exists():
        _compile(command, device, place)
    return place


def _cache() -> Path:
    """``$PALISADE_BUILD``, else the user's cache folder."""
    if named := os.environ.get("PALISADE_BUILD"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "palisade"


def _digest(command: list[str], device: Path) -> str:
    version = _run([*command, "--version"]) + _run([*command, "-dumpmachine"])
    digest = hashlib.sha256(repr((command, version)).encode())
    for path in [*sources(device), *sorted((device / "src").glob("*.h")), *headers(device)]:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(device).as_posix()} {content}\n".encode())
    return digest.hexdigest()[:32]


def _compile(command: list[str], device: Path, place: Path) -> None:
    """Compile into a folder of one's own, then rename: parallel processes do not meet."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".draft-") as folder:
            draft = Path(folder) / place.name
            files = [str(path) for path in sources(device)]
            _run([*command, f"-I{device / 'include'}", "-o", str(draft), *files])
            os.replace(draft, place)
    except OSError as error:
        raise PalisadeError(
            f"cannot write the device's library to {place.parent} ({error.strerror})",
            "set PALISADE_BUILD to a folder that can be written",
        ) from error


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if "error" in line]
        reason = lines[0].strip() if lines else f"status {done.returncode}"
        raise PalisadeError(f"{command[0]} failed: {reason}", "mend it, or set CC to gcc or clang")
    return done.stdout
