"""What covers a trunk: garments, their patterns, and what shows of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from palisade.tasks.vision.synthesis.brush import Layer, Point
from palisade.tasks.vision.synthesis.palette import Palette
from palisade.tasks.vision.synthesis.people import Person

# Where the lower edge is, and how far out against the hips.
_HEMS = {
    "jacket": (0.475, 1.02),
    "coat": (0.31, 1.25),
    "dress": (0.27, 1.55),
    "shirt": (0.5, 0.98),
    "vest": (0.5, 1.02),
}


def clothe(layer: Layer, person: Person, wide: float, sink: float, palette: Palette) -> None:
    """Draw a person's trunk and what it wears.

    Args:
        layer: its unit is the body's height.
        person: who.
        wide: breadth against an average body seen from the front.
        sink: how much lower the trunk is than of one who stands.
        palette: how the camera sees materials.
    """
    outline = _outline(person, wide, sink)
    tone = palette.cloth(person.top_tone)
    layer.polygon(outline, tone)
    if person.pattern:
        spacing = max(4.0, 0.07 * layer.unit_px)
        layer.within(
            outline, pattern(person.pattern, layer, spacing), palette.cloth(person.pattern_tone)
        )
    if person.garment == "vest":  # reflecting bands, as on a courier's or worker's
        for height in (0.6, 0.68):
            layer.box(-0.1 * wide, height - sink, 0.1 * wide, height + 0.025 - sink, 0.95)
    if person.garment in ("jacket", "coat") and person.facing == "front":
        seam = tone * 0.6 if tone > 0.25 else tone + 0.14
        layer.line([(0, 0.82 - sink), (0.004, outline[5][1] + 0.01)], 0.008, seam)
    elif person.garment == "shirt" and person.bottoms == "trousers":
        belt = 0.505 - sink
        layer.box(-0.1 * wide, belt - 0.008, 0.1 * wide, belt + 0.012, tone * 0.4)


def _outline(person: Person, wide: float, sink: float) -> list[Point]:
    hem, flare = _HEMS[person.garment]
    hips = 0.103 * wide * flare
    waist = 0.112 if person.garment in ("coat", "jacket", "vest") else 0.096
    half = [
        (0.03, 0.85),
        (0.075 * wide, 0.835),
        (0.128 * wide, 0.805),
        (0.125 * wide, 0.74),
        (waist * wide, 0.61),
        (hips, hem + (sink / 2 if hem < 0.4 else 0)),
    ]
    right = [(u, v - sink) for u, v in half]
    return right + [(-u, v) for u, v in reversed(right)]


def pattern(kind: str, layer: Layer, spacing_px: float) -> NDArray[np.bool_]:
    """Where a pattern has its second grey: ``[extent_px, extent_px]``."""
    extent = layer.extent_px
    x = (np.arange(extent) - layer.x_px)[None, :] % spacing_px < spacing_px / 2
    y = (np.arange(extent) - layer.y_px)[:, None] % spacing_px < spacing_px / 2
    both = np.ones((extent, extent), bool)
    return {
        "stripes": y & both,
        "bars": x & both,
        "checks": x ^ y,
        "dots": x & y,
    }[kind]
