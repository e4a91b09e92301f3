"""What a sensor delivers, how an attacker may change it, and how a foreign model takes it.

Each domain is a threat (``palisade/attacks/ascent.py``) on NumPy arrays, and makes the model's
input of what the sensor delivers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.ascent import Threat
from palisade.attacks.ball import L2, Ball, Linf
from palisade.backend import tf
from palisade.errors import PalisadeError
from palisade.foreign import mfcc
from palisade.foreign.model import ForeignModel, Int8

PIXEL_SCALE, SOUND_SCALE = 255.0, 32768.0
QUIETEST_RMS = 0.05  # clips below the level of ordinary speech are attacked as if they had it


class Domain(Threat, Protocol):
    """What the search needs to know of a sensor.

    Attributes:
        unit: of a budget, for people.
        weakest_last: whether a larger budget is a weaker one, as in dB.
    """

    unit: ClassVar[str]
    weakest_last: ClassVar[bool]

    def inputs(self, raw: NDArray[Any]) -> Int8:
        """The model's input ``[n, *shape]``."""

    def name(self, budget: float) -> str:
        """Of a budget, in reports: ``linf_4_255``."""


@dataclass
class Pixels:
    """uint8 pictures ``[n, height, width, channels]``; each pixel by a part of full scale.

    Attributes:
        model: what takes them.
        span: the real values that the model wants for pixels of 0 and 255.
    """

    unit: ClassVar[str] = "largest change of a pixel, full scale 1"
    weakest_last: ClassVar[bool] = False
    model: ForeignModel
    span: tuple[float, float]
    ball: Ball = field(default_factory=Linf)

    def signal(self, raw: Any) -> Any:
        return tf.constant(np.asarray(raw, np.float32) / np.float32(PIXEL_SCALE))

    def clip(self, x: Any) -> Any:
        return np.clip(x, 0.0, 1.0)

    def realise(self, x: Any) -> NDArray[Any]:
        return np.asarray(np.clip(np.rint(np.asarray(x) * PIXEL_SCALE), 0, 255), np.uint8)

    def radius(self, x: Any, budget: Any) -> Any:
        return tf.fill([len(x)], np.float32(budget))

    def place(self, x: Any, seed: Any) -> Any:
        return x

    def inputs(self, raw: NDArray[Any]) -> Int8:
        low, high = self.span
        return self.model.quantise(low + np.asarray(raw, np.float64) * (high - low) / PIXEL_SCALE)

    def name(self, budget: float) -> str:
        return f"linf_{_plain(round(budget * PIXEL_SCALE, 2))}_255"


@dataclass
class Sound:
    """int16 clips ``[n, samples]``; added sound whose energy lies some decibels below the clip's.

    Attributes:
        model: what takes them.
        features: what the model wants of a clip; None where it takes the samples.
    """

    unit: ClassVar[str] = "signal-to-noise ratio, dB"
    weakest_last: ClassVar[bool] = True
    model: ForeignModel
    features: Callable[[NDArray[Any]], NDArray[Any]] | None
    ball: Ball = field(default_factory=L2)

    def signal(self, raw: Any) -> Any:
        return tf.constant(np.asarray(raw, np.float32) / np.float32(SOUND_SCALE))

    def clip(self, x: Any) -> Any:
        return np.clip(x, -1.0, 1.0 - 1.0 / SOUND_SCALE)

    def realise(self, x: Any) -> NDArray[Any]:
        steps = np.rint(np.asarray(x) * SOUND_SCALE)
        return np.asarray(np.clip(steps, -SOUND_SCALE, SOUND_SCALE - 1), np.int16)

    def radius(self, x: Any, budget: Any) -> Any:
        rms = np.maximum(np.sqrt(np.mean(np.square(x), axis=1)), QUIETEST_RMS)
        return tf.constant(rms * 10 ** (-budget / 20) * np.sqrt(x.shape[1]), tf.float32)

    def place(self, x: Any, seed: Any) -> Any:
        return x

    def inputs(self, raw: NDArray[Any]) -> Int8:
        values = self.features(raw) if self.features else np.asarray(self.signal(raw))
        return self.model.quantise(values).reshape(-1, *self.model.shape)

    def name(self, budget: float) -> str:
        return f"snr_{_plain(budget)}db"


@dataclass
class Arrays:
    """The model's own input, ``[n, *shape]`` in int8; each value by an amount in its own unit."""

    unit: ClassVar[str] = "largest change of a value, in the input's own unit"
    weakest_last: ClassVar[bool] = False
    model: ForeignModel
    ball: Ball = field(default_factory=Linf)

    def signal(self, raw: Any) -> Any:
        steps = np.asarray(raw, np.float32) - np.float32(self.model.zero_point)
        return tf.constant(steps * np.float32(self.model.scale))

    def clip(self, x: Any) -> Any:
        return np.clip(x, *self.model.ends)

    def realise(self, x: Any) -> NDArray[Any]:
        return self.model.quantise(x)

    def radius(self, x: Any, budget: Any) -> Any:
        return tf.fill([len(x)], np.float32(budget))

    def place(self, x: Any, seed: Any) -> Any:
        return x

    def inputs(self, raw: NDArray[Any]) -> Int8:
        return np.asarray(raw, np.int8)

    def name(self, budget: float) -> str:
        return f"linf_{_plain(budget)}"


def pixels(model: ForeignModel, span: tuple[float, float] | None) -> Pixels:
    """Pictures for a model; by default 0 to 255 fill its input's range.

    Raises:
        PalisadeError: Its input is no picture.
    """
    if len(model.shape) != 3 or model.shape[2] not in (1, 3):
        raise PalisadeError(
            f"{model.name} takes {_shape(model)}, and the data are pictures",
            "give recordings, or its inputs as an .npz file",
        )
    low, high = span or model.ends
    if not (np.isfinite([low, high]).all() and low < high):
        raise PalisadeError(
            f"{low:g} to {high:g} is no range of pixels", "give --pixel-range LOW HIGH, LOW below"
        )
    return Pixels(model, (low, high))


FEATURES = {"none": None, "mlperf-kws": mfcc.features}


def sound(model: ForeignModel, features: str) -> Sound:
    """Recordings for a model.

    Raises:
        PalisadeError: It takes something else than the chosen features.
    """
    if FEATURES[features] is not None and model.shape != mfcc.SHAPE:
        raise PalisadeError(
            f"{model.name} takes {_shape(model)}, and {features} gives {list(mfcc.SHAPE)}",
            "choose other --features, or give its inputs as an .npz file",
        )
    if FEATURES[features] is None and sum(length > 1 for length in model.shape) != 1:
        raise PalisadeError(
            f"{model.name} takes {_shape(model)}, which is no sound",
            "say what it is made of with --features, or give its inputs as an .npz file",
        )
    return Sound(model, FEATURES[features])


def _shape(model: ForeignModel) -> str:
    return f"inputs of {list(model.shape)}"


def _plain(value: float) -> str:
    return f"{value:g}".replace(".", "_")
