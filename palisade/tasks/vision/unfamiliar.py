"""Pictures of no kind that training or calibration draws: what a guard should find strange.

Each is ``[px, px, channels]`` uint8, grey in every channel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Grey = NDArray[np.float64]  # [px, px], any range


def _clouds(px: int, dice: Generator) -> Grey:
    """Noise whose amplitude falls with frequency, as in pictures of clouds or bark."""
    across, down = np.meshgrid(np.fft.fftfreq(px), np.fft.fftfreq(px))
    frequency = np.maximum(np.hypot(across, down), 1 / px)
    spectrum = np.fft.fft2(dice.normal(size=(px, px))) / frequency ** dice.uniform(1.0, 1.8)
    return np.asarray(np.fft.ifft2(spectrum).real)


def _stripes(px: int, dice: Generator) -> Grey:
    """Two crossing gratings, hard-edged or soft."""
    across, down = np.meshgrid(np.arange(px), np.arange(px))
    total = np.zeros((px, px))
    for _ in range(2):
        angle, period_px = dice.uniform(0, np.pi), dice.uniform(4, 20)
        place = across * np.cos(angle) + down * np.sin(angle)
        wave = np.sin(2 * np.pi * place / period_px + dice.uniform(0, 6))
        total += np.tanh(dice.uniform(1, 8) * wave) * dice.uniform(0.3, 1)
    return total


def _discs(px: int, dice: Generator) -> Grey:
    """A heap of discs and boxes of all sizes."""
    image = Image.new("F", (px, px), dice.uniform(0, 1))
    pen = ImageDraw.Draw(image)
    for _ in range(dice.integers(12, 40)):
        x, y, half = dice.uniform(0, px), dice.uniform(0, px), dice.uniform(0.03, 0.2) * px
        shape = pen.ellipse if dice.random() < 0.5 else pen.rectangle
        shape((x - half, y - half, x + half, y + half), fill=float(dice.uniform(0, 1)))
    return np.asarray(image, np.float64)


def _writing(px: int, dice: Generator) -> Grey:
    """Lines of letters, dark on light or light on dark."""
    paper, ink = (0.9, 0.1) if dice.random() < 0.5 else (0.1, 0.9)
    image = Image.new("F", (px, px), paper)
    pen = ImageDraw.Draw(image)
    letters = [chr(code) for code in (*range(65, 91), *range(97, 123), *range(48, 58))]
    height = dice.uniform(0.1, 0.3) * px
    font = ImageFont.load_default(float(height))
    for row in np.arange(dice.uniform(-0.5, 0.3) * height, px, 1.2 * height):
        text = "".join(dice.choice(letters, 20))
        pen.text((dice.uniform(-3, 3), row), text, fill=ink, font=font)
    return np.asarray(image, np.float64)


_KINDS: Mapping[str, Callable[[int, Generator], Grey]] = {
    "clouds": _clouds,
    "stripes": _stripes,
    "discs": _discs,
    "writing": _writing,
}
KINDS = tuple(_KINDS)


def draw(kind: str, shape: tuple[int, ...], dice: Generator) -> NDArray[np.uint8]:
    """One picture of a kind, with a mean and a contrast that a camera's exposure would give."""
    grey = _KINDS[kind](shape[0], dice)
    grey = (grey - grey.mean()) / max(float(grey.std()), 1e-9)
    pixels = np.clip(dice.uniform(90, 150) + dice.uniform(25, 60) * grey, 0, 255)
    return np.repeat(np.rint(pixels)[:, :, np.newaxis], shape[2], axis=2).astype(np.uint8)
