"""A sheet of traces, a few of each class, for a person to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from palisade.tasks.motion.synthesis.detector import FULL_SCALE_COUNTS

NAME = "contact_sheet.png"
COLUMNS = 5
ACC_MG = 400.0  # half of the height of the accelerometer's panel

_WIDTH, _ACC, _PIR, _GAP, _LEFT, _TOP = 250, 76, 76, 14, 92, 54
_SCALE = 2  # drawn larger, then made smaller, for smooth lines
_PAPER, _INK, _GREY, _FAINT = "#ffffff", "#202020", "#808080", "#e4e4e4"
_AXES = ("#c0392b", "#2471a3", "#1e8449")
_PIR_INK = "#6c3483"


def draw(path: Path, traces: Mapping[str, Sequence[NDArray[np.int32]]], seconds: float) -> None:
    """Write the sheet as PNG.

    Args:
        path: of the picture.
        traces: ``[samples, 4]`` by class; the first few are drawn.
        seconds: their length.
    """
    tall = _ACC + _PIR + _GAP
    wide = _LEFT + COLUMNS * (_WIDTH + _GAP)
    sheet = Image.new("RGB", (wide * _SCALE, (_TOP + len(traces) * tall) * _SCALE), _PAPER)
    pen = ImageDraw.Draw(sheet)
    _write(pen, (_GAP, 8), f"Traces of {seconds:g} s, a grid line a second", _INK, 15)
    scale = f"Accelerometer: x red, y blue, z green, without its mean, {ACC_MG:.0f} mg up and down"
    _write(pen, (_GAP, 29), f"{scale}. PIR: violet, 0 to {FULL_SCALE_COUNTS} counts.", _GREY, 12)
    for row, (label, examples) in enumerate(traces.items()):
        top = _TOP + row * tall
        _write(pen, (_GAP, top + _ACC - 9), label, _INK, 14)
        for column, samples in enumerate(examples[:COLUMNS]):
            _panel(pen, (_LEFT + column * (_WIDTH + _GAP), top), samples, seconds)
    sheet.resize((sheet.width // _SCALE, sheet.height // _SCALE), Image.Resampling.LANCZOS).save(
        path
    )


def _panel(
    pen: ImageDraw.ImageDraw, corner: tuple[int, int], samples: NDArray[np.int32], seconds: float
) -> None:
    left, top = corner
    for second in range(1, int(np.ceil(seconds))):
        x = left + second / seconds * _WIDTH
        _line(pen, [(x, top), (x, top + _ACC + _PIR)], _FAINT)
    for height in (0, _ACC, _ACC + _PIR):
        _line(pen, [(left, top + height), (left + _WIDTH, top + height)], _FAINT)
    moving = samples[:, :3] - samples[:, :3].mean(axis=0)
    for axis, ink in enumerate(_AXES):
        share = np.clip(0.5 - 0.5 * moving[:, axis] / ACC_MG, 0, 1)
        _curve(pen, left, top, share * _ACC, ink)
    share = 1 - samples[:, 3] / FULL_SCALE_COUNTS
    _curve(pen, left, top + _ACC, share * _PIR, _PIR_INK)


def _curve(
    pen: ImageDraw.ImageDraw, left: int, top: int, down: NDArray[np.float64], ink: str
) -> None:
    across = left + np.linspace(0, _WIDTH, len(down))
    _line(pen, list(zip(across.tolist(), (top + down).tolist(), strict=True)), ink)


def _line(pen: ImageDraw.ImageDraw, points: Sequence[tuple[float, float]], ink: str) -> None:
    pen.line([(x * _SCALE, y * _SCALE) for x, y in points], fill=ink, width=_SCALE)


def _write(
    pen: ImageDraw.ImageDraw, at: tuple[float, float], text: str, ink: str, height: int
) -> None:
    font = ImageFont.load_default(height * _SCALE)
    pen.text((at[0] * _SCALE, at[1] * _SCALE), text, fill=ink, font=font)
