"""A contact sheet: some of the pictures at twice their extent, to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

NAME = "contact_sheet.png"
_ENLARGED = 2
_GAP_PX = 4
_TITLE_PX, _TITLE_FONT = 26, 16
_CAPTION_PX, _CAPTION_FONT = 18, 12
_PAPER, _INK = 250, 30


@dataclass(frozen=True)
class Section:
    """Pictures of a kind, all of the same extent.

    Attributes:
        title: stands above them.
        pictures: where they are.
        captions: below each; empty for none.
    """

    title: str
    pictures: Sequence[Path]
    captions: Sequence[str] = ()


def draw(sections: Sequence[Section], columns: int, path: Path) -> None:
    """Draw a sheet.

    Args:
        sections: what to show; those without pictures are left out.
        columns: pictures in a row.
        path: where to write the PNG.
    """
    blocks = [_block(section, columns) for section in sections if section.pictures]
    page = Image.new("L", (blocks[0].width, sum(block.height for block in blocks)), _PAPER)
    y = 0
    for block in blocks:
        page.paste(block, (0, y))
        y += block.height
    page.save(path, "PNG", optimize=False, compress_level=6)


def _block(section: Section, columns: int) -> Image.Image:
    images = [_enlarged(picture) for picture in section.pictures]
    wide, tall = images[0].width + _GAP_PX, images[0].height + _GAP_PX
    caption_px = _CAPTION_PX if section.captions else 0
    rows = -(-len(images) // columns)
    extent = (columns * wide + _GAP_PX, _TITLE_PX + rows * (tall + caption_px) + _GAP_PX)
    block = Image.new("L", extent, _PAPER)
    pen = ImageDraw.Draw(block)
    pen.text((_GAP_PX, 3), section.title, fill=_INK, font=ImageFont.load_default(_TITLE_FONT))
    small = ImageFont.load_default(_CAPTION_FONT)
    for place, image in enumerate(images):
        x = _GAP_PX + (place % columns) * wide
        y = _TITLE_PX + (place // columns) * (tall + caption_px)
        block.paste(image, (x, y))
        if section.captions:
            pen.text((x, y + tall), section.captions[place], fill=_INK, font=small)
    return block


def _enlarged(path: Path) -> Image.Image:
    with Image.open(path) as image:
        extent = (image.width * _ENLARGED, image.height * _ENLARGED)
        return image.convert("L").resize(extent, Image.Resampling.BICUBIC)
