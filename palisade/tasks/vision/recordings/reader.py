"""Labelled pictures: a folder a class.

::

    <corpus>/person/porch3_nohash_0.png    a picture of scene porch3
    <corpus>/nobody/porch3_nohash_1.jpg    another of the same scene, kept in the same split
    <corpus>/nobody/0007.jpg               a scene of its own, named nobody/0007
    <corpus>/_scenes_/07c2f1a09b3e.png     frames of one event, one below the other; no label
    <corpus>/validation_list.txt, testing_list.txt, calibration_list.txt    all optional

Folders that begin with ``_`` are no labels.
"""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import Field, field_validator

from palisade import preparation
from palisade.corpus import Found, LeftOut, Recording, Unusable
from palisade.errors import PalisadeError
from palisade.hardness import linear_accuracy
from palisade.partition import LISTS, Partition, read_lists
from palisade.splits import Split
from palisade.tasks.vision.recordings import decoding
from palisade.tasks.vision.recordings.decoding import ENDINGS, MODES, Fit
from palisade.tasks.vision.samples.pixels import FULL_SCALE, to_float

REASONS = (
    "wrong_type",
    "other_label",
    "corrupt",
    "empty",
    "too_large",
    "animated",
    "too_small",
    "blank",
)
GROUP = "scene"
ASSIGNED_BY = ", ".join(LISTS.values())

_PROBE_PX = 16  # side of the picture that the linear probe sees


class Params(preparation.Params):
    """What ``prepare`` takes from a folder of pictures."""

    classes: list[str] = Field(min_length=2, description="label folders, in the model's order")
    image_px: int = Field(ge=16, le=96, description="side of the square pictures made, px")
    channels: Literal["grey", "colour"] = Field(description="colour is RGB")
    fit: Fit = Field(description="how a picture becomes square: crop, stretch or pad")
    shortest_side_px: int = Field(ge=1, description="pictures with a shorter side are left out, px")
    largest_pixels: int = Field(
        ge=1,
        le=100_000_000,
        description="width times height; a picture with more is left out and never decoded",
    )

    @field_validator("classes")
    @classmethod
    def _distinct(cls, classes: list[str]) -> list[str]:
        if len(set(classes)) != len(classes) or any(name.startswith("_") for name in classes):
            raise ValueError("name each class once, none beginning with _")
        return classes


def labels(params: Params) -> tuple[str, ...]:
    """The class names in the order of the network's outputs."""
    return tuple(params.classes)


def scene_of(path: PurePath) -> str:
    """The scene of a picture ``<label>/<file>``: before ``_nohash_``, else a scene of its own."""
    scene, marker, _ = path.stem.partition("_nohash_")
    return scene if marker else f"{path.parent.name}/{path.stem}"


def scan(folder: Path, params: Params) -> Found:
    """List the pictures of a corpus, sorted, each with its label, scene and split.

    Raises:
        PalisadeError: The folder or a class's folder is not there.
    """
    for path in (folder, *(folder / name for name in params.classes)):
        if not path.is_dir():
            raise PalisadeError(
                f"the corpus has no folder {path}",
                "a corpus holds one folder a class, named as in prepare's `classes`",
            )
    partition = read_lists(folder, scene_of)
    found: list[Recording] = []
    odd: list[LeftOut] = []
    for path in filter(_counts, sorted(folder.glob("*/*"))):
        if path.parent.name not in params.classes:
            odd.append(LeftOut(_name(path), "other_label"))
        elif path.suffix.lower() not in ENDINGS:
            odd.append(LeftOut(_name(path), "wrong_type"))
        else:
            found.append(_recording(path, partition, params))
    scenes = {one.group for one in found}
    return Found(tuple(found), tuple(odd), tuple(sorted(scenes & partition.conflicting)))


def decode(recording: Recording, params: Params) -> NDArray[np.uint8]:
    """A picture as ``[image_px, image_px, channels]`` uint8, channels 1 or 3.

    Raises:
        Unusable: The reason is one of ``REASONS``.
    """
    picture = _read(recording.path, params)
    pixels = decoding.square(picture, side_px=params.image_px, fit=params.fit)
    if (pixels == pixels[0, 0]).all():
        raise Unusable("blank")
    return pixels


def decode_scene(path: Path, params: Params) -> NDArray[np.uint8]:
    """The frames of one event, ``[frames, image_px, image_px, channels]`` uint8.

    Frames are squares, one below the other in the order of time. One of them may be blank: a
    covered lens is an event too.

    Raises:
        Unusable: The reason is one of ``REASONS``.
        PalisadeError: The picture is no whole number of squares.
    """
    strip = _read(path, params)
    width, height = strip.size
    if height % width:
        raise PalisadeError(
            f"{path} is {width} px wide and {height} px high",
            "an event is a strip of square frames, so its height is a multiple of its width",
        )
    boxes = [(0, top, width, top + width) for top in range(0, height, width)]
    return np.stack(
        [decoding.square(strip.crop(box), side_px=params.image_px, fit=params.fit) for box in boxes]
    )


def hardness(train: Split, test: Split, params: Params) -> float:
    """Test accuracy of a logistic regression on pictures of 16 x 16 grey pixels."""
    return linear_accuracy(train, test, small_pictures)


def small_pictures(x: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Each of ``[n, px, px, channels]`` pictures as 16 x 16 grey pixels, ``[n, 256]`` in [0, 1]."""
    small = [
        Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels)
        .convert("L")
        .resize((_PROBE_PX, _PROBE_PX), Image.Resampling.BOX)
        for pixels in x
    ]
    return to_float(np.stack([np.asarray(picture) for picture in small])).reshape(len(x), -1)


def facts(train: Split, params: Params) -> dict[str, float]:
    """Figures of the training split that are peculiar to pictures, as shares of full scale.

    ``brightness_mean`` is the mean over all pixels, ``contrast_mean`` the mean over pictures of
    their pixels' standard deviation (RMS contrast, Peli 1990, doi:10.1364/JOSAA.7.002032).
    """
    flat = np.asarray(train.x).reshape(len(train), -1)
    contrast = [float(pixels.std(dtype=np.float64)) for pixels in flat]
    return {
        "brightness_mean": float(flat.mean(dtype=np.float64)) / FULL_SCALE,
        "contrast_mean": float(np.mean(contrast)) / FULL_SCALE,
    }


def _read(path: Path, params: Params) -> Image.Image:
    picture = decoding.read(path, mode=MODES[params.channels], largest_pixels=params.largest_pixels)
    if min(picture.size) < params.shortest_side_px:
        raise Unusable("too_small")
    return picture


def _counts(path: Path) -> bool:
    """Whether a file stands in a label's folder; hidden ones are a desktop's, not a person's."""
    return path.is_file() and not path.name.startswith(".") and path.parent.name[0] not in "._"


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _recording(path: Path, partition: Partition, params: Params) -> Recording:
    scene = scene_of(path)
    split = partition.split_of(scene, params)
    return Recording(path, _name(path), path.parent.name, scene, split)
