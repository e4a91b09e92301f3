"""The front end of a trace: how hard the door was shaken and what the PIR saw, frame by frame.

A few products a sample, and a logarithm a frame: it can be reproduced in C on one trace, of which
each channel's mean, gravity and the PIR's rest, is first taken away.

It is a defence, as the offset of the logarithm is in voice. Shaking enters by its fourth power,
so that what stays below ``acc_offset_mg`` hardly counts however long it lasts, and what rises
above it counts by its peaks. A frame of the PIR is averaged, which takes from a perturbation
what changes its sign from sample to sample, and is compressed beyond ``pir_offset_mg`` alone, so
that a perturbation is as small beside a signal as its budget is beside full scale.
"""

from __future__ import annotations

from typing import Any

from palisade.backend import tf
from palisade.errors import PalisadeError
from palisade.tasks.motion.geometry import Params


class FrontEnd:
    """Differentiable: signals ``[n, samples, channels]`` in mg to the network's input.

    Each channel gives one feature a frame: an axis of an accelerometer, how hard it was shaken;
    a PIR, its mean with its sign.

    Attributes:
        shape: ``(frames, 1, features)``.
    """

    def __init__(self, params: Params) -> None:
        self.params = params
        self.shape = (params.frames, 1, len(params.units))

    def __call__(self, x: Any) -> Any:
        """Features ``[n, frames, 1, features]``.

        Raises:
            PalisadeError: The traces have other samples or channels than the params say.
        """
        expected = (self.params.samples, len(self.params.units))
        if tuple(x.shape[1:]) != expected:
            raise PalisadeError(
                f"traces have {x.shape[1]} samples of {x.shape[2]} channels, and features "
                f"expects {expected[0]} of {expected[1]}",
                "give features and prepare the same samples and channels",
            )
        moving = x - tf.reduce_mean(x, axis=1, keepdims=True)
        units = enumerate(self.params.units)
        found = [self._of(unit, moving[..., place]) for place, unit in units]
        return tf.stack(found, axis=-1)[:, :, tf.newaxis]

    def _of(self, unit: str, x: Any) -> Any:
        """``[n, frames]`` of one channel ``[n, samples]`` without its mean."""
        if unit == "mg":
            return 0.25 * tf.math.log1p(self._framed((x / self.params.acc_offset_mg) ** 4))
        return tf.asinh(self._framed(x) / self.params.pir_offset_mg)

    def _framed(self, x: Any) -> Any:
        """``[n, frames]`` mean of each frame of ``[n, samples]``."""
        count, length = self.params.frames, self.params.frame_samples
        frames = tf.reshape(x[:, : count * length], [-1, count, length])
        return tf.reduce_mean(frames, axis=2)
