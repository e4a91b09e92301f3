"""One sound file to one clip: any rate, depth and channel count to int16 of a fixed length."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from palisade.corpus import Unusable

ENDINGS = (".flac", ".wav", ".ogg")

_UNRECOGNISED_FORMAT = 1  # SF_ERR_UNRECOGNISED_FORMAT of libsndfile's sndfile.h


def read(
    path: Path, *, start_ms: int = 0, length_ms: int | None = None
) -> tuple[NDArray[np.float32], int]:
    """Read a sound file, mixed down to one channel.

    Args:
        path: anything that libsndfile reads.
        start_ms: where to begin.
        length_ms: how much to read; None reads to the end.

    Returns:
        ``[n]`` samples, full scale 1.0, and their rate in Hz.

    Raises:
        Unusable: ``wrong_type``, ``corrupt``, ``empty`` or ``not_finite``.
    """
    if path.stat().st_size == 0:
        raise Unusable("empty")
    try:
        with soundfile.SoundFile(path) as sound:
            rate_hz = sound.samplerate
            sound.seek(min(start_ms * rate_hz // 1000, sound.frames))
            frames = -1 if length_ms is None else length_ms * rate_hz // 1000
            samples = sound.read(frames, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        unknown = error.code == _UNRECOGNISED_FORMAT
        raise Unusable("wrong_type" if unknown else "corrupt") from error
    if not len(samples):
        raise Unusable("empty")
    if not np.isfinite(samples).all():
        raise Unusable("not_finite")
    return samples.mean(axis=1, dtype=np.float32), rate_hz


def resample(samples: NDArray[np.float32], from_hz: int, to_hz: int) -> NDArray[np.float32]:
    """Change the sample rate (soxr, "HQ": band-limited, linear phase)."""
    if from_hz == to_hz:
        return samples
    return np.asarray(soxr.resample(samples, from_hz, to_hz, quality="HQ"), dtype=np.float32)
