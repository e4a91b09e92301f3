"""What a lens and a codec do to a picture, differentiable; scores go through libjpeg itself.

References:
    ITU-T T.81 (JPEG), annex K.1 (luminance table) and A.3.3 (the transform); Independent JPEG
    Group, jcparam.c (how a quality scales the table); Athalye et al., arXiv:1802.00420 (rounding
    passed straight through in the gradient).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.fft

from palisade.backend import tf
from palisade.physical import draws
from palisade.tasks.vision.physical.params import Print

_BLOCK = 8
_LUMINANCE = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ],
    np.float32,
)
_DCT = scipy.fft.dct(np.eye(_BLOCK), norm="ortho", axis=0).astype(np.float32)


def blurred(x: Any, seed: Any, params: Print) -> Any:
    """Pictures ``[n, side, side, channels]``, each through a lens of a blur that is drawn."""
    count, side = x.shape[0], x.shape[1]
    sigma = draws.uniform(seed, 10, count, *params.blur_px)[:, tf.newaxis, tf.newaxis]
    apart = tf.range(side, dtype=tf.float32)[:, tf.newaxis] - tf.range(side, dtype=tf.float32)
    weights = tf.exp(-0.5 * tf.square(apart / tf.maximum(sigma, 1e-3)))
    weights /= tf.reduce_sum(weights, axis=2, keepdims=True)  # the edge is what it sees of it
    return tf.einsum("nij,njkc,nlk->nilc", weights, x, weights)


def qualities(seed: Any, count: int, params: Print) -> Any:
    """``[count]`` qualities of libjpeg's, whole numbers."""
    return tf.round(draws.uniform(seed, 11, count, *params.jpeg_quality))


def compressed(x: Any, quality: Any) -> Any:
    """Pictures ``[n, side, side, channels]`` in [0, 1] through JPEG of qualities ``[n]``.

    Every channel as luminance; colours' coarser tables and sampling are left to the scoring.
    """
    side = x.shape[1]
    more = -side % _BLOCK
    padded = tf.pad(x, [[0, 0], [0, more], [0, more], [0, 0]], "SYMMETRIC") if more else x
    across = (side + more) // _BLOCK
    blocks = tf.reshape(padded, [-1, across, _BLOCK, across, _BLOCK, x.shape[3]])
    table = _table(quality)[:, tf.newaxis, :, tf.newaxis, :, tf.newaxis]
    cells = tf.einsum("ui,naibjc,vj->naubvc", _DCT, blocks * 255.0 - 128.0, _DCT)
    rounded = _straight_through(cells / table) * table
    back = tf.einsum("ui,naubvc,vj->naibjc", _DCT, rounded, _DCT)
    whole = tf.reshape(back, tf.shape(padded))[:, :side, :side]
    return tf.clip_by_value((whole + 128.0) / 255.0, 0.0, 1.0)


def _table(quality: Any) -> Any:
    """``[n, 8, 8]`` steps, as libjpeg scales them."""
    percent = tf.where(quality < 50, 5000.0 / quality, 200.0 - 2.0 * quality)
    steps = tf.floor((_LUMINANCE * percent[:, tf.newaxis, tf.newaxis] + 50.0) / 100.0)
    return tf.clip_by_value(steps, 1.0, 255.0)


def _straight_through(x: Any) -> Any:
    return x + tf.stop_gradient(tf.round(x) - x)
