"""The features that MLPerf Tiny's keyword model was trained on: 49 frames of 10 coefficients.

References:
    github.com/mlcommons/tiny, benchmark/training/keyword_spotting/get_dataset.py: a clip over its
    largest sample, Hann windows of 30 ms every 20 ms, magnitudes of a 512-point FFT, 40 mel bands
    from 20 Hz to 4 kHz, the logarithm of band + 1e-6, a DCT.
    TensorFlow's linear_to_mel_weight_matrix (triangles in HTK mel) and
    mfccs_from_log_mel_spectrograms (DCT-II over sqrt(2 * bands)).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.fft import dct

RATE_HZ, CLIP_SAMPLES = 16000, 16000
FRAME, STEP, FFT = 480, 320, 512
BANDS, LOWEST_HZ, HIGHEST_HZ = 40, 20.0, 4000.0
COEFFICIENTS, OFFSET = 10, 1e-6
SHAPE = (1 + (CLIP_SAMPLES - FRAME) // STEP, COEFFICIENTS, 1)
QUIETEST = 1e-9  # a silent clip is divided by no less

Floats = NDArray[np.float64]


def features(sound: NDArray[Any]) -> Floats:
    """``[n, 49, 10, 1]`` of sound ``[n, 16000]`` at 16 kHz, in any unit."""
    loud = np.asarray(sound, np.float64)
    loud = loud / np.maximum(loud.max(axis=1, keepdims=True), QUIETEST)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME)  # periodic
    frames = sliding_window_view(loud, FRAME, axis=1)[:, ::STEP] * window
    energies = np.abs(np.fft.rfft(frames, FFT)) @ _MEL
    coefficients = dct(np.log(energies + OFFSET), type=2, axis=-1) / np.sqrt(2 * BANDS)
    return np.asarray(coefficients[..., :COEFFICIENTS, np.newaxis])


def _mel(hz: Any) -> Any:
    return 1127.0 * np.log1p(np.asarray(hz) / 700.0)


def _bands() -> Floats:
    """``[bins, bands]`` triangles in mel."""
    bins = _mel(np.arange(FFT // 2 + 1) * RATE_HZ / FFT)[:, np.newaxis]
    edges = np.linspace(_mel(LOWEST_HZ), _mel(HIGHEST_HZ), BANDS + 2)
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (bins - low) / (middle - low), (high - bins) / (high - middle)
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)))


_MEL = _bands()
