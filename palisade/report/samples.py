"""Examples to look at and to listen to, small enough to stand in the page itself."""

from __future__ import annotations

import base64
import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

from palisade.report import charts, scales, svg
from palisade.report.charts import Point, Series
from palisade.splits import Split

MOST_CLASSES = 10
ENVELOPE_POINTS = 110
PANEL_PX = 44.0  # high, of a channel


@dataclass(frozen=True)
class Shown:
    """One example.

    Attributes:
        label: its class.
        name: where it came from.
        content: what shows or plays it.
    """

    label: str
    name: str
    content: Markup


@dataclass(frozen=True)
class Exhibit:
    """Some examples of a task, and how they are laid out.

    Attributes:
        layout: ``pictures``, ``clips`` or ``traces``.
        about: what they are.
    """

    layout: str
    about: str
    examples: Sequence[Shown]

    def classes(self) -> list[tuple[str, list[Shown]]]:
        """The examples by class, in order."""
        labels = dict.fromkeys(one.label for one in self.examples)
        return [(label, [x for x in self.examples if x.label == label]) for label in labels]


def spread(split: Split, each: int) -> list[int]:
    """Indices of a few examples of each class, evenly over the split, which groups lie along."""
    chosen: list[int] = []
    for label in range(min(len(split.labels), MOST_CLASSES)):
        places = np.flatnonzero(split.y == label)
        count = min(each, len(places))
        chosen += [int(places[(2 * n + 1) * len(places) // (2 * count)]) for n in range(count)]
    return chosen


def data_uri(kind: str, content: bytes) -> str:
    """A file's content as an address, so that the page needs no other file."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def picture(pixels: NDArray[np.uint8], label: str, name: str) -> Shown:
    """A picture of ``[height, width, channels]`` grey or colour pixels."""
    grey = pixels.shape[-1] == 1
    image = Image.fromarray(pixels[..., 0] if grey else pixels)
    stream = io.BytesIO()
    image.save(stream, format="PNG", optimize=True)
    content = svg.tag(
        "img",
        src=data_uri("image/png", stream.getvalue()),
        alt=f"{label}: {name}",
        width=float(image.width),
        height=float(image.height),
        class_="picture",
    )
    return Shown(label, name, content)


def clip(sound: NDArray[np.int16], sample_rate_hz: int, label: str, name: str) -> Shown:
    """A sound of ``[samples]``, with a player and its envelope."""
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate_hz)
        file.writeframes(sound.astype("<i2").tobytes())
    player = svg.tag(
        "audio",
        Markup(),
        controls="",
        preload="metadata",
        src=data_uri("audio/wav", stream.getvalue()),
        aria_label=f"Play {label}: {name}",
    )
    return Shown(label, name, envelope(sound) + player)


def envelope(sound: NDArray[np.int16]) -> Markup:
    """The outline of a sound, full scale from top to bottom; the player beside it says the rest."""
    pieces = np.array_split(sound.astype(np.float64) / 32768.0, ENVELOPE_POINTS)
    x = [2.0 * place + 1 for place in range(ENVELOPE_POINTS)]
    top = [(a, 24 - 23 * float(one.max())) for a, one in zip(x, pieces, strict=True)]
    bottom = [(a, 24 - 23 * float(one.min())) for a, one in zip(x, pieces, strict=True)]
    outline = " ".join(f"{svg.number(a)},{svg.number(b)}" for a, b in [*top, *bottom[::-1]])
    return svg.tag(
        "svg",
        svg.tag("polygon", points=outline, class_="envelope"),
        viewBox=f"0 0 {2 * ENVELOPE_POINTS} 48",
        preserveAspectRatio="none",
        aria_hidden="true",
        class_="sound",
    )


def trace(
    panels: Sequence[tuple[str, NDArray[np.float64], tuple[float, float]]],
    sample_rate_hz: float,
    label: str,
    name: str,
    slug: str,
) -> Shown:
    """Channels over time, one below the other.

    Args:
        panels: of each channel its name, ``[samples]``, and the ends of its scale.
        slug: unique in the page.
    """
    length_s = len(panels[0][1]) / sample_rate_hz
    time = scales.linear(0.0, length_s, 3)
    content: list[Markup] = []
    top = 0.0
    for channel, signal, ends in panels:
        axis = scales.linear(*ends, 2)
        place = charts.Frame(time, axis, 52, top + 22, svg.WIDTH_PX - 8, top + 22 + PANEL_PX)
        points = [Point(n / sample_rate_hz, float(v)) for n, v in enumerate(signal)]
        last = channel == panels[-1][0]
        content += place.axes("s" if last else "", channel, numbered=last)
        content += charts.lines(place, [Series(channel, 1, points, marked=False)])
        top += PANEL_PX + 30
    names = ", ".join(channel for channel, _, _ in panels)
    drawn = svg.drawing(
        f"trace-{slug}", f"{label}: {name}", f"{names} over {length_s:g} s", top + 28, content
    )
    return Shown(label, name, drawn)
