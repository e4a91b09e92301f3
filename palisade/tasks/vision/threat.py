"""The attacker of a camera: any change of any pixel, each by at most a part of full scale.

A budget is the largest change of a pixel (Linf), full scale 1.0, so 4/255 is 0.015686. Beside
it stand the placements that a camera has to bear anyway: a subject a little to the side,
turned, nearer or mirrored. They cost the attacker nothing, and training takes the worst of some.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from pydantic import Field

from palisade import stage
from palisade.attacks.adversary import Adversary
from palisade.attacks.ball import Linf
from palisade.backend import tf
from palisade.ranges import PositiveRange

FULL_SCALE = 255.0


class Params(stage.Params):
    """Placements, drawn uniformly between bounds."""

    shift_share: float = Field(ge=0, le=0.5, description="of the side, in whole pixels")
    rotation_deg: float = Field(ge=0, le=45, description="largest turn, either way")
    zoom: PositiveRange = Field(description="times as large")
    mirror: bool = Field(description="whether half of the pictures are seen in a mirror")


class Threat:
    """Budgets in parts of full scale; pixels in [0, 1]."""

    ball = Linf()

    def __init__(self, params: Params) -> None:
        self.params = params

    def signal(self, raw: Any) -> Any:
        """uint8 pixels as float32 in [0, 1]."""
        return tf.cast(raw, tf.float32) / FULL_SCALE

    def radius(self, x: Any, budget: Any) -> Any:
        """``[n]`` the budget itself, whatever the picture."""
        return tf.fill([tf.shape(x)[0]], tf.cast(budget, tf.float32))

    def clip(self, x: Any) -> Any:
        """Pixels within full scale."""
        return tf.clip_by_value(x, 0.0, 1.0)

    def realise(self, x: Any) -> np.ndarray:
        """Pixels rounded to the uint8 values that a sensor delivers."""
        return np.clip(np.rint(np.asarray(x) * FULL_SCALE), 0, 255).astype(np.uint8)

    def place(self, x: Any, seed: Any) -> Any:
        """Pictures ``[n, px, px, channels]`` shifted, turned, zoomed and mirrored at random.

        What comes in at an edge is the picture reflected there.
        """
        params, count, side = self.params, tf.shape(x)[0], x.shape[1]
        if params.mirror:
            tossed = tf.random.stateless_uniform([count, 1, 1, 1], seed) < 0.5
            x = tf.where(tossed, tf.reverse(x, [2]), x)
        drawn = tf.random.stateless_uniform([4, count], seed, -1.0, 1.0)
        across, down = (tf.round(drawn[i] * (params.shift_share * side)) for i in (0, 1))
        turn = drawn[2] * math.radians(params.rotation_deg)
        low, high = params.zoom
        scale = 2.0 / ((high + low) + drawn[3] * (high - low))  # of the plane that is looked up
        return tf.raw_ops.ImageProjectiveTransformV3(
            images=x,
            transforms=_about_centre(
                tf.cos(turn) * scale, tf.sin(turn) * scale, across, down, side
            ),
            output_shape=[side, side],
            fill_value=0.0,
            interpolation="BILINEAR",
            fill_mode="REFLECT",
        )


def _about_centre(cosine: Any, sine: Any, across: Any, down: Any, side: int) -> Any:
    """``[n, 8]`` transforms from a pixel of the result to its place in the picture."""
    middle = (side - 1) / 2
    right = middle + across - cosine * middle + sine * middle
    below = middle + down - sine * middle - cosine * middle
    nothing = tf.zeros_like(cosine)
    rows = [cosine, -sine, right, sine, cosine, below, nothing, nothing]
    return tf.stack(rows, axis=1)


class InTraining(Adversary):
    """The attacker inside the training loop."""

    epsilon_linf: float = Field(gt=0, le=1, description="largest change of a pixel, full scale 1")

    @property
    def budget(self) -> float:
        """``epsilon_linf``."""
        return self.epsilon_linf
