"""A sound as the bytes of a FLAC file: mono, 16 kHz, 16 bits."""

from __future__ import annotations

import io

import numpy as np
import soundfile
from numpy.typing import NDArray

from palisade.tasks.voice.samples import pcm
from palisade.tasks.voice.synthesis.speech import SAMPLE_RATE_HZ


def encode(sound: NDArray[np.float32]) -> bytes:
    """Samples ``[n]`` of full scale 1.0, rounded and saturated, as a FLAC file."""
    # By way of memory: soundfile asks the disk to have written every file it closes.
    file = io.BytesIO()
    soundfile.write(file, pcm.to_int16(sound), SAMPLE_RATE_HZ, format="FLAC", subtype="PCM_16")
    return file.getvalue()
