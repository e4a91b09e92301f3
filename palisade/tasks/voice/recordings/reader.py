"""Spoken commands in the layout of Speech Commands (Warden 2018, arXiv:1804.03209).

::

    <corpus>/unlock/ab12_nohash_0.flac     a command, said by speaker ab12
    <corpus>/seven/ab12_nohash_0.wav       any other word counts as _unknown_
    <corpus>/_silence_/room3_nohash_0.ogg  no speech
    <corpus>/_background_noise_/rain.wav   a long noise, cut into clips of _silence_
    <corpus>/_scenes_/07c2f1a09b3e.flac    a whole event, listed in scenes.csv; no label
    <corpus>/validation_list.txt, testing_list.txt, calibration_list.txt    all optional

Long noises are shared out among the splits by time: see ``background``.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import librosa
import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from palisade import preparation
from palisade.corpus import Found, LeftOut, Recording, Unusable
from palisade.errors import PalisadeError
from palisade.hardness import linear_accuracy
from palisade.partition import LISTS, Partition, read_lists
from palisade.scenes.listing import FOLDER as SCENES
from palisade.splits import Split
from palisade.tasks.voice.recordings import background, decoding
from palisade.tasks.voice.recordings.background import BACKGROUND_NOISE
from palisade.tasks.voice.recordings.decoding import ENDINGS
from palisade.tasks.voice.samples import pcm
from palisade.tasks.voice.samples.labels import SILENCE, UNKNOWN

REASONS = ("wrong_type", "corrupt", "empty", "too_short", "not_finite")
GROUP = "speaker"
ASSIGNED_BY = ", ".join(LISTS.values())


class Params(preparation.Params):
    """What ``prepare`` takes from a corpus of speech."""

    commands: list[str] = Field(min_length=1, description="label folders, in the model's order")
    sample_rate_hz: int = Field(ge=8000, le=48000, description="of the clips made, Hz")
    clip_ms: int = Field(ge=100, le=10000, description="length of the clips made, ms")
    shortest_ms: int = Field(ge=1, description="shorter recordings are left out, ms")
    silence_clips: int = Field(ge=0, description="at most so many clips from _background_noise_")
    silence_guard_ms: int = Field(ge=0, description="gap between two splits' noise, ms")
    scene_hop_ms: int = Field(
        default=250, ge=10, le=10000, description="from one clip of an event to the next, ms"
    )

    @field_validator("commands")
    @classmethod
    def _distinct(cls, commands: list[str]) -> list[str]:
        if len(set(commands)) != len(commands) or any(word.startswith("_") for word in commands):
            raise ValueError("name each command once, none beginning with _")
        return commands

    @property
    def clip_samples(self) -> int:
        """Samples in a clip."""
        return self.sample_rate_hz * self.clip_ms // 1000


def labels(params: Params) -> tuple[str, ...]:
    """The class names in the order of the network's outputs."""
    return (*params.commands, UNKNOWN, SILENCE)


def speaker_of(stem: str) -> str:
    """The speaker in a file's stem: before ``_nohash_``, else before the first ``_``."""
    speaker, marker, _ = stem.partition("_nohash_")
    return speaker if marker else stem.partition("_")[0]


def scan(folder: Path, params: Params) -> Found:
    """List the recordings of a corpus, sorted, each with its label, speaker and split.

    Raises:
        PalisadeError: The folder or a command's folder is not there.
    """
    for path in (folder, *(folder / command for command in params.commands)):
        if not path.is_dir():
            raise PalisadeError(
                f"the corpus has no folder {path}",
                "a corpus holds one folder a command, named as in prepare's `commands`",
            )
    partition = read_lists(folder, lambda path: speaker_of(path.stem))
    files = [path for path in sorted(folder.glob("*/*")) if _counts(path)]
    found = [_recording(path, partition, params) for path in files if _is_sound(path)]
    odd = [LeftOut(_name(path), "wrong_type") for path in files if not _is_sound(path)]
    noises, unread = background.windows(
        folder,
        params,
        clip_ms=params.clip_ms,
        guard_ms=params.silence_guard_ms,
        at_most=params.silence_clips,
    )
    speakers = {recording.group for recording in found}
    return Found(
        recordings=(*found, *noises),
        left_out=(*odd, *unread),
        conflicting=tuple(sorted(speakers & partition.conflicting)),
    )


def decode(recording: Recording, params: Params) -> NDArray[np.int16]:
    """A recording as ``[clip_samples]`` int16.

    Channels are averaged, the rate is changed by soxr, a shorter clip is padded with zeros at
    its end, and of a longer one the loudest stretch is kept (see ``pcm.fit``).

    Raises:
        Unusable: The reason is one of ``REASONS``.
    """
    window = recording.start_ms is not None
    samples, rate_hz = decoding.read(
        recording.path,
        start_ms=recording.start_ms or 0,
        length_ms=params.clip_ms if window else None,
    )
    if len(samples) * 1000 < params.shortest_ms * rate_hz:
        raise Unusable("too_short")
    samples = decoding.resample(samples, rate_hz, params.sample_rate_hz)
    return pcm.to_int16(pcm.fit(samples, params.clip_samples))


def decode_scene(path: Path, params: Params) -> NDArray[np.int16]:
    """The clips of a whole event, ``[windows, clip_samples]`` int16, each ``scene_hop_ms`` on.

    The last one ends where the recording does; a recording shorter than a clip is padded with
    zeros at its end.

    Raises:
        Unusable: The reason is one of ``REASONS``.
    """
    samples, rate_hz = decoding.read(path)
    if len(samples) * 1000 < params.shortest_ms * rate_hz:
        raise Unusable("too_short")
    samples = decoding.resample(samples, rate_hz, params.sample_rate_hz)
    last = max(0, len(samples) - params.clip_samples)
    hop = params.sample_rate_hz * params.scene_hop_ms // 1000
    starts = [*range(0, last, hop), last]
    clips = [samples[at : at + params.clip_samples] for at in starts]
    return pcm.to_int16(np.stack([pcm.fit(clip, params.clip_samples) for clip in clips]))


def hardness(train: Split, test: Split, params: Params) -> float:
    """Test accuracy of a logistic regression on mean features."""
    return linear_accuracy(train, test, partial(mean_features, params=params))


def mean_features(x: NDArray[np.int16], params: Params) -> NDArray[np.float32]:
    """Mean and deviation over time of 20 MFCCs, ``[n, 40]``: what a linear probe may use."""
    return np.stack([_mean_mfcc(clip, params.sample_rate_hz) for clip in pcm.to_float(x)])


def facts(train: Split, params: Params) -> dict[str, float]:
    """Figures of the training split that are peculiar to sound.

    ``command_rms_median`` is the median over commands' clips of a clip's root mean square,
    full scale 1.0.
    """
    commands = pcm.to_float(np.asarray(train.x[train.y < len(params.commands)], np.int16))
    rms = np.sqrt(np.mean(np.square(commands, dtype=np.float64), axis=1))
    return {"command_rms_median": float(np.median(rms))}


def _mean_mfcc(clip: NDArray[np.float32], sample_rate_hz: int) -> NDArray[np.float32]:
    mel = librosa.feature.melspectrogram(
        y=clip, sr=sample_rate_hz, n_fft=512, hop_length=320, n_mels=40
    )
    mfcc = librosa.feature.mfcc(S=librosa.power_to_db(mel, top_db=None), n_mfcc=20)
    return np.concatenate([mfcc.mean(axis=1), mfcc.std(axis=1)]).astype(np.float32)


def _counts(path: Path) -> bool:
    """Whether a file stands in a label's folder; hidden ones are a desktop's, not a person's."""
    hidden = path.name.startswith(".") or path.parent.name.startswith(".")
    no_label = path.parent.name == BACKGROUND_NOISE or path.parent.name.startswith(SCENES)
    return path.is_file() and not hidden and not no_label


def _is_sound(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _recording(path: Path, partition: Partition, params: Params) -> Recording:
    folder = path.parent.name
    label = folder if folder in (*params.commands, SILENCE) else UNKNOWN
    speaker = speaker_of(path.stem)
    return Recording(path, _name(path), label, speaker, partition.split_of(speaker, params))
