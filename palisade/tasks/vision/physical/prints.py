"""Prints before a camera: where they are, what they cover, and how they are made.

A print is a square of its own pixels; several of them share an area out. A camera sees it turned,
nearer or farther, off its place and in other light, through lens and codec.

References:
    Brown et al., Adversarial Patch, arXiv:1712.09665; Eykholt et al., arXiv:1707.08945 (stickers);
    Thys et al., arXiv:1904.08653 (a print that hides a person); Sharif et al., ACM CCS 2016,
    doi:10.1145/2976749.2978392 (printable colours, and total variation for smoothness).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.backend import tf
from palisade.physical import draws
from palisade.tasks.vision.physical.params import Print

MIDDLE = (0.3, 0.7)  # of the picture's side: where the middle of a single print may be


@dataclass(frozen=True)
class Layout:
    """So many square prints that together cover a share of the picture.

    Attributes:
        side_px: of the picture.
        channels: of the picture.
        area: share of the picture that all of them cover at scale 1.
        count: how many.
    """

    side_px: int
    channels: int
    area: float
    count: int

    @property
    def print_px(self) -> float:
        """Side of one print at scale 1, in the picture's pixels."""
        return self.side_px * math.sqrt(self.area / self.count)

    @property
    def dots(self) -> int:
        """Side of one print in its own pixels, about one for each of the picture's."""
        return max(4, math.ceil(self.print_px))

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Of the prints of one picture: ``[count, dots, dots, channels]``."""
        return self.count, self.dots, self.dots, self.channels

    def places(self, dice: np.random.Generator, pictures: int) -> NDArray[np.float32]:
        """``[pictures, count, 2]`` middles, in pixels from the top left, drawn.

        Several prints lie on a ring about one middle, without touching at scale 1.
        """
        middle = dice.uniform(*MIDDLE, (pictures, 1, 2)) * (self.side_px - 1)
        if self.count == 1:
            return np.asarray(middle, np.float32)
        reach = 0.75 * self.print_px / math.sin(math.pi / self.count)
        angle = 2 * np.pi * (np.arange(self.count) / self.count + dice.uniform(size=(pictures, 1)))
        ring = reach * np.stack([np.sin(angle), np.cos(angle)], axis=-1)
        return np.asarray(middle + ring, np.float32)


def seen(
    pictures: Any, prints: Any, places: Any, seed: Any, *, layout: Layout, params: Print
) -> tuple[Any, Any]:
    """Pictures with prints before them, and how much of each pixel the prints cover.

    Args:
        pictures: ``[n, side, side, channels]`` in [0, 1].
        prints: ``[n or 1, count, dots, dots, channels]``.
        places: ``[n, count, 2]`` middles.
        seed: ``[2]`` of this draw.
        layout: how large they are.
        params: how a camera may meet them. All of a picture's prints hang on one surface, and so
            turn, come nearer and are lit together.

    Returns:
        ``[n, side, side, channels]`` and ``[n, side, side, 1]``.
    """
    n = pictures.shape[0]
    turn = draws.uniform(seed, 0, n, -1.0, 1.0) * math.radians(params.rotation_deg)
    scale = draws.uniform(seed, 1, n, *params.scale)
    light = draws.uniform(seed, 2, n, *params.brightness)
    reach = params.shift_share * layout.side_px
    off = tf.stack([draws.uniform(seed, place, n, -reach, reach) for place in (3, 4)], axis=1)
    centre = tf.reduce_mean(places, axis=1)
    cosine, sine = tf.cos(turn), tf.sin(turn)
    covered = tf.zeros([n, layout.side_px, layout.side_px, 1])
    for number in range(layout.count):
        away = (places[:, number] - centre) * scale[:, tf.newaxis]
        turned = tf.stack(
            [cosine * away[:, 0] + sine * away[:, 1], cosine * away[:, 1] - sine * away[:, 0]], 1
        )
        moves = _transforms(centre + turned + off, turn, scale, layout)
        ink = tf.repeat(prints[:, number], n // prints.shape[0], axis=0)
        ink = tf.clip_by_value(ink * light[:, tf.newaxis, tf.newaxis, tf.newaxis], 0.0, 1.0)
        paper = _placed(tf.ones([n, layout.dots, layout.dots, 1]), moves, layout)
        pictures = pictures * (1.0 - paper) + _placed(ink, moves, layout)
        covered = covered + paper * (1.0 - covered)
    return pictures, covered


def printable(prints: Any, params: Print) -> Any:
    """Within what a printer's ink and paper reflect."""
    return tf.clip_by_value(prints, *params.grey)


def roughness(prints: Any) -> Any:
    """Mean total variation of ``[n, count, dots, dots, channels]``, summed over ``n``."""
    down = tf.abs(prints[:, :, 1:] - prints[:, :, :-1])
    right = tf.abs(prints[:, :, :, 1:] - prints[:, :, :, :-1])
    axes = [1, 2, 3, 4]
    return tf.reduce_sum(tf.reduce_mean(down, axes) + tf.reduce_mean(right, axes))


def _transforms(middle: Any, turn: Any, scale: Any, layout: Layout) -> Any:
    """``[n, 8]`` from a pixel of the picture to its place in the print."""
    finer = layout.dots / layout.print_px / scale
    cosine, sine = tf.cos(turn) * finer, tf.sin(turn) * finer
    down, right = middle[:, 0], middle[:, 1]
    own = (layout.dots - 1) / 2
    nothing = tf.zeros_like(cosine)
    rows = [
        cosine, -sine, own - cosine * right + sine * down,
        sine, cosine, own - sine * right - cosine * down,
        nothing, nothing,
    ]  # fmt: skip
    return tf.stack(rows, axis=1)


def _placed(prints: Any, transforms: Any, layout: Layout) -> Any:
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=prints,
        transforms=transforms,
        output_shape=[layout.side_px, layout.side_px],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )
