"""Training clips as other voices, rooms, microphones and codecs would have given them."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from palisade import augmentation, stage
from palisade.splits import Split
from palisade.tasks.voice.distortion import operations
from palisade.tasks.voice.distortion.operations import Operation
from palisade.tasks.voice.distortion.signals import Scene, Waveform
from palisade.tasks.voice.samples import pcm
from palisade.tasks.voice.samples.labels import SILENCE

BATCH = 128  # clips a worker takes at a time


class Params(stage.Params):
    """How the training set is enlarged.

    The operations act in the order in which they stand here, that in which sound meets them:
    mouth, room, microphone, codec; last come small changes to the spectrum that stand for
    none of these.
    """

    sample_rate_hz: int = Field(ge=8000, le=48000, description="of the clips, as in prepare")
    copies: int = Field(ge=0, le=20, description="distorted copies of each clip, beside itself")
    pitch: operations.Pitch
    stretch: operations.Stretch
    shift: operations.Shift
    reverberation: operations.Reverberation
    noise: operations.Noise
    gain: operations.Gain
    clipping: operations.Clipping
    low_pass: operations.LowPass
    codec: operations.Codec
    jitter: operations.Jitter
    spectrum: operations.Spectrum
    notch: operations.Notch


def augment(train: Split, params: Params, *, seed: int) -> Split:
    """The training set, then its distorted copies, whose ids end in ``+1``, ``+2``, ...

    The background sounds are clips of
    ``_silence_`` of the training set itself.
    """
    sounds = np.asarray(train.x[train.y == train.labels.index(SILENCE)], dtype=np.int16)
    scene = Scene(params.sample_rate_hz, sounds)
    work = partial(_copies, scene=scene, params=params, seed=seed)
    return augmentation.enlarge(train, work, copies=params.copies, batch=BATCH)


def distort(x: Waveform, scene: Scene, params: Params, *, seed: int, name: str) -> Waveform:
    """One distorted copy of a clip, drawn by the copy's name."""
    for operation, draw in augmentation.acting(params, Operation, seed=seed, name=name):
        x = operation.apply(x, scene, draw)
    return x


def _copies(
    batch: Split, scene: Scene, params: Params, seed: int, *, suffix: str
) -> NDArray[np.int16]:
    clips = pcm.to_float(np.asarray(batch.x, dtype=np.int16))
    copies = (
        distort(x, scene, params, seed=seed, name=f"{name}{suffix}")
        for x, name in zip(clips, batch.ids, strict=True)
    )
    return np.stack([pcm.to_int16(copy) for copy in copies])
