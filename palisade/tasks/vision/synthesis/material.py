"""A team's own pictures: backgrounds without people, and people cut out of theirs.

::

    material/backgrounds/*      any image that Pillow reads; becomes grey and square
    material/people/*.png       one person each, with an alpha channel, cut to the person

A file is seen in one split alone. An image's header tells how large it is, so one beyond the
limit is refused before it is decoded.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from palisade import seeds
from palisade.errors import PalisadeError
from palisade.splits import NAMES

BACKGROUNDS, PEOPLE = "backgrounds", "people"
_STORED_PX = 384  # at most, of what is kept of an image; the largest canvas


@dataclass(frozen=True)
class Stock:
    """The material of one split, by file name.

    Attributes:
        backgrounds: grey, ``[h, w]`` uint8, square.
        cutouts: images in mode LA.
    """

    backgrounds: Mapping[str, NDArray[np.uint8]]
    cutouts: Mapping[str, Image.Image]


def read(folder: Path, *, largest_megapixels: float, seed: int) -> dict[str, Stock]:
    """Read a folder of material and share it out among the splits.

    Raises:
        PalisadeError: A file does not decode, is too large, or is a cut-out without an alpha
            channel or with nothing in it.
    """
    backgrounds = _shared(folder / BACKGROUNDS, seed)
    people = _shared(folder / PEOPLE, seed)
    return {
        split: Stock(
            {path.name: _background(path, largest_megapixels) for path in backgrounds[split]},
            {path.name: _cutout(path, largest_megapixels) for path in people[split]},
        )
        for split in NAMES
    }


def _shared(folder: Path, seed: int) -> dict[str, list[Path]]:
    """Files of each split, dealt out in a drawn order: train takes every other one."""
    files = sorted(path for path in folder.glob("*") if path.is_file() and not _note(path))
    order = seeds.generator(seed, "synthesize", "vision", "material", folder.name)
    hands: Sequence[str] = ("train", "test", "train", "calibration", "train", "validation")
    shared: dict[str, list[Path]] = {split: [] for split in NAMES}
    for place, index in enumerate(order.permutation(len(files))):
        shared[hands[place % len(hands)]].append(files[index])
    return {split: sorted(paths) for split, paths in shared.items()}


def _note(path: Path) -> bool:
    """Whether a file is a desktop's, DVC's or a reader's, and no image."""
    return path.name.startswith(".") or path.suffix.lower() in (".dvc", ".md", ".txt")


def _background(path: Path, largest_megapixels: float) -> NDArray[np.uint8]:
    image = _decoded(path, largest_megapixels).convert("L")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    square.thumbnail((_STORED_PX, _STORED_PX))
    return np.asarray(square, np.uint8)


def _cutout(path: Path, largest_megapixels: float) -> Image.Image:
    image = _decoded(path, largest_megapixels)
    if "A" not in image.getbands() and "transparency" not in image.info:
        raise PalisadeError(
            f"{path} is of mode {image.mode}, without an alpha channel",
            "save the cut-out as a PNG whose surroundings are transparent",
        )
    grey = image.convert("RGBA").convert("LA")
    box = grey.getchannel("A").getbbox()
    if box is None:
        raise PalisadeError(f"{path} is wholly transparent", "cut out a person, or take it away")
    grey = grey.crop(box)
    grey.thumbnail((_STORED_PX, _STORED_PX))
    return grey


def _decoded(path: Path, largest_megapixels: float) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit is ours
            image = Image.open(path)
        with image:
            _check_extent(path, image.width * image.height / 1e6, largest_megapixels)
            return image.copy()
    except Image.DecompressionBombError as error:
        raise _too_large(path, str(error), largest_megapixels) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise PalisadeError(
            f"{path} is no image that can be decoded ({' '.join(str(error).split())})",
            "save it anew as PNG or JPEG, or take it away",
        ) from error


def _check_extent(path: Path, megapixels: float, largest: float) -> None:
    if megapixels > largest:
        raise _too_large(path, f"{megapixels:.1f} megapixels", largest)


def _too_large(path: Path, extent: str, largest: float) -> PalisadeError:
    return PalisadeError(
        f"{path} is too large: {extent}",
        f"scale it below {largest:g} megapixels, material.largest_megapixels in params.yaml",
    )
