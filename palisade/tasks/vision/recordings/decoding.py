"""One picture file to a square of pixels: any size, mode and orientation to uint8.

A file is somebody else's: its header is believed about nothing but what to refuse. The number
of pixels is read there and compared before any of them is decoded, since a file of some 100
bytes may claim gigabytes.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from palisade.corpus import Unusable

Fit = Literal["crop", "stretch", "pad"]

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff")
MODES = {"grey": "L", "colour": "RGB"}

_FORMATS = ("PNG", "JPEG", "BMP", "WEBP", "TIFF")
_PREFIX_BYTES = 16  # as many as Pillow looks at to tell a format
# Modes with a full scale of their own; of 32-bit integers and floats a file does not say it.
_KNOWN = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr"}
_SIXTEEN_BITS = "I;16"
_MID_GREY = 128


def read(path: Path, *, mode: str, largest_pixels: int) -> Image.Image:
    """Decode a picture, upright as its EXIF orientation says.

    Transparent parts show mid grey; of 16 bits the upper 8 are kept; colour becomes grey by
    the luma weights of ITU-R BT.601.

    Args:
        path: a PNG, JPEG, BMP, WebP or TIFF, by its content.
        mode: ``L`` (grey) or ``RGB``.
        largest_pixels: width times height; a larger picture is not decoded.

    Raises:
        Unusable: ``wrong_type``, ``corrupt``, ``empty``, ``too_large`` or ``animated``.
    """
    if path.stat().st_size == 0:
        raise Unusable("empty")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # damaged metadata of a picture that is whole
        try:
            with Image.open(path, formats=_FORMATS) as picture:
                _refuse(picture, largest_pixels)
                return _converted(ImageOps.exif_transpose(picture), mode)
        except Unusable:
            raise
        except Image.DecompressionBombError as error:  # more than twice what Pillow allows
            raise Unusable("too_large") from error
        except Image.UnidentifiedImageError as error:
            raise Unusable("corrupt" if _is_picture(path) else "wrong_type") from error
        except Exception as error:  # a damaged file makes decoders raise almost anything
            raise Unusable("corrupt") from error


def square(picture: Image.Image, *, side_px: int, fit: Fit) -> NDArray[np.uint8]:
    """A picture as ``[side_px, side_px, channels]``.

    Pixels are averaged under a triangle that is as wide as the step between them, so that a
    large picture leaves no moiré; a picture that is such a square already stays as it is.

    Args:
        picture: of mode ``L`` or ``RGB``.
        side_px: of the square.
        fit: ``crop`` cuts the square in the middle, ``stretch`` squeezes the longer side, and
            ``pad`` continues the edges of the shorter one.
    """
    width, height = picture.size
    if fit == "crop":
        short = min(width, height)
        left, top = (width - short) // 2, (height - short) // 2
        return _scaled(picture, (side_px, side_px), (left, top, left + short, top + short))
    if fit == "stretch":
        return _scaled(picture, (side_px, side_px), (0, 0, width, height))
    # Scaled before it is padded: a line of a million pixels is a small picture.
    scale = side_px / max(width, height)
    target = max(1, round(width * scale)), max(1, round(height * scale))
    pixels = _scaled(picture, target, (0, 0, width, height))
    missing = [side_px - length for length in pixels.shape[:2]]
    margins = [(gap // 2, gap - gap // 2) for gap in missing]
    return np.pad(pixels, (*margins, (0, 0)), mode="edge")


def _scaled(
    picture: Image.Image, target: tuple[int, int], box: tuple[int, int, int, int]
) -> NDArray[np.uint8]:
    pixels = np.asarray(picture.resize(target, Image.Resampling.BILINEAR, box), dtype=np.uint8)
    return pixels.reshape(target[1], target[0], -1)


def _refuse(picture: Image.Image, largest_pixels: int) -> None:
    """By its header alone."""
    width, height = picture.size
    if width * height > largest_pixels:
        raise Unusable("too_large")
    # A telephone's MPO is a JPEG with previews behind the picture.
    if getattr(picture, "n_frames", 1) > 1 and picture.format != "MPO":
        raise Unusable("animated")
    if picture.mode not in _KNOWN and not picture.mode.startswith(_SIXTEEN_BITS):
        raise Unusable("wrong_type")


def _converted(picture: Image.Image, mode: str) -> Image.Image:
    if picture.mode.startswith(_SIXTEEN_BITS):
        return Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8)).convert(mode)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        ground = Image.new("RGBA", picture.size, (_MID_GREY, _MID_GREY, _MID_GREY, 255))
        picture = Image.alpha_composite(ground, picture)
    return picture.convert(mode)


def _is_picture(path: Path) -> bool:
    """Whether a file that cannot be opened begins as one of the formats."""
    with path.open("rb") as stream:
        prefix = stream.read(_PREFIX_BYTES)
    Image.init()
    return any(accept and accept(prefix) for _, accept in map(Image.OPEN.__getitem__, _FORMATS))
