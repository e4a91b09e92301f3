"""The fixed matrices of the audio front end: mel filters and the cepstral transform.

The differentiable front end and the device's tables are both made of them. No TensorFlow here.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import scipy.fft
from librosa.filters import mel
from numpy.typing import NDArray


class Geometry(Protocol):
    """What they depend on; see the front end's params."""

    @property
    def sample_rate_hz(self) -> int: ...
    @property
    def fft_length(self) -> int: ...
    @property
    def mel_bands(self) -> int: ...
    @property
    def lowest_hz(self) -> float: ...
    @property
    def highest_hz(self) -> float: ...
    @property
    def coefficients(self) -> int: ...
    @property
    def lifter(self) -> int: ...


def mel_filters(params: Geometry) -> NDArray[Any]:
    """``[fft_length // 2 + 1, mel_bands]`` triangular filters with unit peaks (librosa, HTK).

    The first and the last bin, which carry no sign of phase, are left out.
    """
    filters = mel(
        sr=params.sample_rate_hz,
        n_fft=params.fft_length,
        n_mels=params.mel_bands,
        fmin=params.lowest_hz,
        fmax=params.highest_hz,
        htk=True,
        norm=None,
    ).T
    filters[[0, -1]] = 0
    return np.asarray(filters)


def cepstral_matrix(params: Geometry) -> NDArray[Any]:
    """``[mel_bands, coefficients]`` DCT-II over ``sqrt(mel_bands)``, liftered.

    The lifter ``1 + L / 2 * sin(pi k / L)`` brings the coefficients to like sizes, so that one
    int8 scale serves them all.
    """
    matrix = scipy.fft.dct(np.eye(params.mel_bands), type=2, norm="ortho", axis=1)
    order = np.arange(params.coefficients)
    lifter = 1 + params.lifter / 2 * np.sin(np.pi * order / params.lifter)
    return np.asarray(matrix[:, : params.coefficients] * lifter / np.sqrt(params.mel_bands))
