"""The sections of the checklist, in its order."""

from __future__ import annotations

from palisade.release.rules import (
    data,
    delivery,
    detection,
    diversity,
    preprocessing,
    tests,
    threats,
    training,
)

SECTIONS = tuple(
    module.SECTION
    for module in (
        *(threats, data, training, preprocessing),
        *(detection, diversity, delivery, tests),
    )
)
