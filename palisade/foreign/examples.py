"""Labelled examples for a foreign model: folders of pictures or recordings, or arrays.

::

    FOLDER/cat/0001.jpg        a folder a class; deeper folders are of the same class
    FOLDER/yes/ab12_nohash_0.wav
    FILE.npz                   x: [n, *shape], y: [n] whole numbers from 0

Of a folder only the chosen examples are decoded. Folders that begin with ``_`` are no classes
unless a labels file names them.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from palisade.corpus import Unusable
from palisade.errors import PalisadeError
from palisade.foreign import labels, mfcc
from palisade.foreign.model import ForeignModel
from palisade.seeds import generator
from palisade.tasks.vision.recordings import decoding as picture_files
from palisade.tasks.voice.recordings import decoding as sound_files

PICTURES, SOUND, ARRAYS = "pictures", "sound", "arrays"
ENDINGS = {PICTURES: picture_files.ENDINGS, SOUND: sound_files.ENDINGS}
LARGEST_PIXELS = 100_000_000
SOUND_RATE_HZ = mfcc.RATE_HZ
# What numpy raises of files that are no archive of arrays, or one that was spoilt.
_NO_ARRAYS = (
    *(OSError, EOFError, KeyError, MemoryError, RuntimeError, TypeError, ValueError),
    *(BadZipFile, TokenError, zlib.error),
)


@dataclass(frozen=True)
class Examples:
    """Examples as the sensor delivers them.

    Attributes:
        raw: ``[n, ...]``.
        y: ``[n]`` classes.
        available: how many there were to choose from.
        missing: classes without an example.
    """

    raw: NDArray[Any]
    y: NDArray[np.int64]
    available: int
    missing: tuple[int, ...]


@dataclass(frozen=True)
class Listing:
    """Files of one kind, by folder."""

    kind: str
    files: dict[str, list[Path]]


def kind_of(path: Path) -> str:
    """Pictures, sound or arrays.

    Raises:
        PalisadeError: None of them, or several.
    """
    return ARRAYS if path.suffix == ".npz" else listing(path, ()).kind


def listing(folder: Path, named: tuple[str, ...]) -> Listing:
    """The files of a folder of classes.

    Raises:
        PalisadeError: There are none, or pictures and recordings.
    """
    if not folder.is_dir():
        raise PalisadeError(
            f"{folder} is not a folder", "give a folder with a folder a class, or an .npz file"
        )
    found: dict[str, dict[str, list[Path]]] = {kind: {} for kind in ENDINGS}
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        if place.name.startswith("_") and place.name not in named:
            continue
        for path in sorted(place.rglob("*")):
            for kind, endings in ENDINGS.items():
                if path.suffix.lower() in endings:
                    found[kind].setdefault(place.name, []).append(path)
    kinds = [kind for kind, files in found.items() if files]
    if not kinds:
        raise PalisadeError(
            f"{folder} holds no pictures and no recordings",
            "lay them out as one folder a class: FOLDER/CLASS/FILE.png",
        )
    if len(kinds) > 1:
        raise PalisadeError(f"{folder} holds {' and '.join(kinds)}", "give one kind at a time")
    return Listing(kinds[0], found[kinds[0]])


def from_folder(
    folder: Path,
    model: ForeignModel,
    *,
    labels_file: Path | None,
    count: int,
    stretch: bool,
    seed: int,
) -> Examples:
    """At most ``count`` examples, as many of each class as there are, drawn by the seed.

    Raises:
        PalisadeError: Folders are not the model's classes, or a file cannot be read.
    """
    found = listing(folder, labels.named(labels_file))
    classes = labels.read(labels_file, model.classes, list(found.files), model.name)
    files = [(path, classes[name]) for name, paths in found.files.items() for path in paths]
    y = np.array([label for _, label in files])
    chosen = choose(y, count, seed)
    read = _picture(model, stretch) if found.kind == PICTURES else _clip(model)
    raw = np.stack([_read(read, files[place][0]) for place in chosen])
    return _examples(raw, y, chosen, model)


def from_arrays(path: Path, model: ForeignModel, *, count: int, seed: int) -> Examples:
    """Inputs of the model: real values, or the model's own integers where they are int8.

    Raises:
        PalisadeError: The file does not hold them.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            x, y = np.asarray(archive["x"]), np.asarray(archive["y"])
    except _NO_ARRAYS as error:
        reason = " ".join(str(error).split())[:100]
        raise PalisadeError(
            f"{path} does not hold the arrays x and y ({reason})", "write it with numpy.savez"
        ) from error
    _demand(x.ndim > 0 and x.dtype.kind in "fiu", path, "x is no array of numbers")
    _demand(
        x.shape[1:] == model.shape, path, f"x is {list(x.shape)}, not [n, *{list(model.shape)}]"
    )
    _demand(y.shape == x.shape[:1] and y.dtype.kind in "iu", path, "y is not a whole number an x")
    _demand(len(y) > 0, path, "there are no examples")
    _demand(bool(np.isfinite(x).all()), path, "x is not finite everywhere")
    inside = bool((y >= 0).all() and (y < model.classes).all())
    _demand(inside, path, f"y is not from 0 to {model.classes - 1}")
    chosen = choose(y, count, seed)
    raw = x[chosen] if x.dtype == np.int8 else model.quantise(x[chosen])
    return _examples(raw, y, chosen, model)


def choose(y: NDArray[Any], count: int, seed: int) -> NDArray[np.intp]:
    """At most ``count`` places, one of each class in turn, in order."""
    order = generator(seed, "examples").permutation(len(y))
    turns: defaultdict[int, int] = defaultdict(int)
    ranked = []
    for place in order:
        label = int(y[place])
        ranked.append((turns[label], label, int(place)))
        turns[label] += 1
    return np.sort([place for _, _, place in sorted(ranked)[:count]]).astype(np.intp)


def _examples(
    raw: NDArray[Any], y: NDArray[Any], chosen: NDArray[np.intp], model: ForeignModel
) -> Examples:
    mine = y[chosen].astype(np.int64)
    missing = tuple(sorted(set(range(model.classes)) - set(mine.tolist())))
    return Examples(raw, mine, len(y), missing)


def _demand(fulfilled: bool, path: Path, problem: str) -> None:
    if not fulfilled:
        raise PalisadeError(
            f"{path}: {problem}", "give x as the model takes it and y as its classes"
        )


def _read(read: Callable[[Path], NDArray[Any]], path: Path) -> NDArray[Any]:
    try:
        return read(path)
    except Unusable as error:
        raise PalisadeError(
            f"{path} cannot be read ({error.reason})", "repair it or take it out of the folder"
        ) from error


def _picture(model: ForeignModel, stretch: bool) -> Callable[[Path], NDArray[np.uint8]]:
    height, width, channels = model.shape
    mode = "L" if channels == 1 else "RGB"
    bilinear = Image.Resampling.BILINEAR

    def read(path: Path) -> NDArray[np.uint8]:
        picture = picture_files.read(path, mode=mode, largest_pixels=LARGEST_PIXELS)
        if stretch:
            picture = picture.resize((width, height), bilinear)
        elif picture.size != (width, height):
            picture = ImageOps.fit(picture, (width, height), bilinear)
        return np.asarray(picture, np.uint8).reshape(height, width, channels)

    return read


def _clip(model: ForeignModel) -> Callable[[Path], NDArray[np.int16]]:
    samples = mfcc.CLIP_SAMPLES if model.shape == mfcc.SHAPE else int(np.prod(model.shape))

    def read(path: Path) -> NDArray[np.int16]:
        found, rate_hz = sound_files.read(path)
        sound = sound_files.resample(found, rate_hz, SOUND_RATE_HZ)[:samples]
        sound = np.pad(sound, (0, samples - len(sound)))
        return np.asarray(np.clip(np.rint(sound * 32768.0), -32768, 32767), np.int16)

    return read
