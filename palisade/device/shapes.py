"""Runs of the library's functions at shapes and on values that are drawn at random.

Each says which work it is, so that instructions can be fitted to units of work, or held against
what such a fit predicts.
"""

from __future__ import annotations

from collections.abc import Iterator

from palisade.device import front_shapes, guard_shapes, listen_shapes
from palisade.device.case import Case, Rng

DRAWN = (
    front_shapes.clip, front_shapes.push, front_shapes.picture, front_shapes.trace,
    guard_shapes.look, guard_shapes.look_at_texture, guard_shapes.judge, guard_shapes.settle,
    guard_shapes.step, guard_shapes.attest,
    listen_shapes.margins, listen_shapes.confirmed,
)  # fmt: skip


def cases(rng: Rng, repeats: int) -> Iterator[Case]:
    """So many runs of each function, at shapes that are drawn."""
    for draw in DRAWN:
        for _ in range(repeats):
            yield draw(rng)
    for plan in front_shapes.plans(rng, repeats):
        yield front_shapes.filtered(rng, plan)
