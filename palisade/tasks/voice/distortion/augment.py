"""Training clips as other voices, rooms, microphones and codecs would have given them."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from palisade import parallel, seeds, stage
from palisade.splits import Split
from palisade.tasks.voice.distortion import operations
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

    A copy keeps its clip's label and speaker. The background sounds are clips of
    ``_silence_`` of the training set itself.
    """
    sounds = np.asarray(train.x[train.y == train.labels.index(SILENCE)], dtype=np.int16)
    scene = Scene(params.sample_rate_hz, sounds)
    batches = [train.take(slice(at, at + BATCH)) for at in range(0, len(train), BATCH)]
    x, ids = [train.x], [train.ids]
    for copy in range(1, params.copies + 1):
        work = partial(_copies, scene=scene, params=params, seed=seed, suffix=f"+{copy}")
        x += parallel.each(work, batches, f"augment, copy {copy}")
        ids.append(np.array([f"{name}+{copy}" for name in train.ids], dtype=np.str_))
    times = params.copies + 1
    return Split(
        x=np.concatenate(x),
        y=np.tile(train.y, times),
        ids=np.concatenate(ids),
        groups=np.tile(train.groups, times),
        labels=train.labels,
    )


def distort(x: Waveform, scene: Scene, params: Params, *, seed: int, name: str) -> Waveform:
    """One distorted copy of a clip.

    Each operation draws by the copy's ``name`` and its own, so neither other clips nor the
    settings of other operations change what it draws.
    """
    for title, operation in params:
        if isinstance(operation, operations.Operation):
            draw = seeds.generator(seed, "augment", title, name)
            if draw.random() < operation.probability:
                x = operation.apply(x, scene, draw)
    return x


def _copies(
    batch: Split, scene: Scene, params: Params, seed: int, suffix: str
) -> NDArray[np.int16]:
    clips = pcm.to_float(np.asarray(batch.x, dtype=np.int16))
    copies = (
        distort(x, scene, params, seed=seed, name=f"{name}{suffix}")
        for x, name in zip(clips, batch.ids, strict=True)
    )
    return np.stack([pcm.to_int16(copy) for copy in copies])
