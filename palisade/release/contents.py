"""What a release folder holds: plain files by their path inside it, and nothing else."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from palisade.errors import PalisadeError
from palisade.release.failures import (
    ChangedFile,
    MissingFile,
    ReleaseError,
    TooLarge,
    UnsafePath,
    UnsignedFile,
)

# Flash of a microcontroller is some MiB, and a release holds a few models for it.
LARGEST_FILE_BYTES = 256 * 1024 * 1024


def sha256(path: Path) -> str:
    """The SHA-256 (FIPS 180-4) of a file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def shown(name: str) -> str:
    """A file's name, safe to print: a name may hold line breaks and terminal codes."""
    return name if name.isprintable() else ascii(name)


def digests(release: Path) -> dict[str, str]:
    """The SHA-256 of every file, by its path relative to the folder, in the order of paths.

    Raises:
        UnsafePath: The folder holds a symbolic link or a special file; both could give other
            bytes to the device than to the verifier.
        TooLarge: A file is larger than any that a release can hold.
        PalisadeError: The folder is missing or cannot be read.
    """
    if not release.is_dir():
        raise PalisadeError(
            f"{shown(str(release))} is not a folder", "name the folder of a release"
        )
    root = release.resolve()
    try:
        found = {path.relative_to(root).as_posix(): sha256(path) for path in _files(root)}
    except OSError as error:
        raise PalisadeError(
            f"{shown(str(error.filename))} cannot be read ({error.strerror})",
            "make it readable and try again",
        ) from error
    return dict(sorted(found.items()))


def _files(root: Path) -> Iterator[Path]:
    folders = [root]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry.path))
                elif entry.is_file(follow_symlinks=False):
                    _check_length(entry)
                    yield Path(entry.path)
                else:
                    raise _unsafe(entry)


def _check_length(entry: os.DirEntry[str]) -> None:
    if entry.stat(follow_symlinks=False).st_size > LARGEST_FILE_BYTES:
        raise TooLarge(
            f"{shown(entry.path)} is larger than {LARGEST_FILE_BYTES >> 20} MiB",
            "no release holds such a file; get it again from where it was made",
        )


def _unsafe(entry: os.DirEntry[str]) -> UnsafePath:
    if entry.is_symlink():
        return UnsafePath(
            f"{shown(entry.path)} is a symbolic link",
            "a release holds plain files only; if DVC made the link, run `dvc config cache.type "
            "copy` and `dvc checkout --relink`",
        )
    return UnsafePath(f"{shown(entry.path)} is a special file", "a release holds plain files only")


def check_inside(name: str) -> None:
    """Refuse a path that leads out of the release, or that two systems could read differently.

    Raises:
        UnsafePath: The path is absolute, has ``..``, ``.`` or a backslash, or cannot be printed.
    """
    path = PurePosixPath(name)
    plain = name.isprintable() and "\\" not in name and str(path) == name != "."
    if path.is_absolute() or ".." in path.parts or not plain:
        raise UnsafePath(
            f"the path {name!a} leads out of the release or is not plain",
            "the release must be packaged and signed again",
        )


def compare(signed: Mapping[str, str], found: Mapping[str, str], release: Path) -> None:
    """Hold what is there against what was signed; both map a path to its SHA-256.

    Raises:
        ChangedFile, MissingFile, UnsignedFile: They differ. The first of these that applies is
            raised, and its message names every file that is wrong in any of the three ways.
    """
    changed = sorted(name for name in signed if found.get(name, signed[name]) != signed[name])
    missing = sorted(signed.keys() - found.keys())
    unsigned = sorted(found.keys() - signed.keys())
    reasons: tuple[tuple[type[ReleaseError], str, list[str]], ...] = (
        (ChangedFile, "changed", changed),
        (MissingFile, "missing", missing),
        (UnsignedFile, "not signed", unsigned),
    )
    wrong = [(kind, word, names) for kind, word, names in reasons if names]
    if wrong:
        parts = (f"{word} {', '.join(map(shown, names))}" for _, word, names in wrong)
        raise wrong[0][0](
            f"{shown(str(release))} is not what was signed ({'; '.join(parts)})",
            "do not use it; get the release and its signature again from where they were made",
        )
