"""Training traces as other doors, mountings, sensors and weather would have given them."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from palisade import augmentation
from palisade.splits import Split
from palisade.tasks.motion.distortion import operations, signals
from palisade.tasks.motion.distortion.operations import Operation
from palisade.tasks.motion.samples.sensor import Sensor, Signal

BATCH = 512  # traces a worker takes at a time


class Params(Sensor):
    """How the training set is enlarged.

    The operations act in the order in which they stand here, that in which motion meets them:
    the event in time, the door and the mounting, the PIR and its surroundings, the converters,
    the bus.
    """

    copies: int = Field(ge=0, le=20, description="distorted copies of each trace, beside itself")
    shift: operations.Shift
    stretch: operations.Stretch
    acc_gain: operations.AccGain
    damping: operations.Damping
    rotation: operations.Rotation
    pir_gain: operations.PirGain
    drift: operations.Drift
    noise: operations.Noise
    clipping: operations.Clipping
    dropped: operations.Dropped


def augment(train: Split, params: Params, *, seed: int) -> Split:
    """The training set, then its distorted copies (see ``augmentation.enlarge``).

    Raises:
        PalisadeError: The traces have other channels than the params say.
    """
    signals.check_channels(train.x, params, "augment")
    work = partial(_copies, params=params, seed=seed)
    return augmentation.enlarge(train, work, copies=params.copies, batch=BATCH)


def distort(x: Signal, params: Params, *, seed: int, name: str) -> Signal:
    """One distorted copy of a trace ``[samples, channels]``, drawn by the copy's name."""
    for operation, draw in augmentation.acting(params, Operation, seed=seed, name=name):
        x = operation.apply(x, params, draw)
    return x


def _copies(batch: Split, params: Params, seed: int, *, suffix: str) -> NDArray[np.int32]:
    copies = (
        distort(x, params, seed=seed, name=f"{name}{suffix}")
        for x, name in zip(signals.floats(batch.x), batch.ids, strict=True)
    )
    return np.stack([params.delivered(copy) for copy in copies])
