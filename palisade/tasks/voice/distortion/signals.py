"""What voices, microphones and codecs do to sound, as pure functions.

A waveform is ``[n]`` float32 of full scale 1.0; every function returns a new one as long as
the one it was given. Randomness comes from the generator handed in, and nothing saturates
here: values beyond full scale are cut when samples become int16 again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import librosa
import numpy as np
import scipy.signal
from librosa.effects import pitch_shift, time_stretch
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from palisade.tasks.voice.samples import rooms
from palisade.tasks.voice.samples.pcm import fit

Waveform = NDArray[np.float32]

MU = 255.0  # ITU-T G.711, mu-law
TELEPHONE_HZ = (300.0, 3400.0)  # the voice band of ITU-T G.712
_FILTER_ORDER = 2  # twice this in effect, since filters run forwards and backwards
_FRAME, _HOP = 512, 128


@dataclass(frozen=True)
class Scene:
    """What an operation may know beside the clip.

    Attributes:
        sample_rate_hz: of every clip.
        sounds: ``[m, n]`` int16 clips that may be heard in the background.
    """

    sample_rate_hz: int
    sounds: NDArray[np.int16]


def rms(x: Waveform) -> float:
    """Root mean square over the clip."""
    return float(np.sqrt(np.mean(np.square(x, dtype=np.float64))))


def in_room(x: Waveform, response: Waveform) -> Waveform:
    """The sound in the room of an impulse response, at its own RMS."""
    wet = rooms.reverberate(x, response)
    level = rms(wet)
    return _float32(wet * (rms(x) / level)) if level > 0 else wet


def gain(x: Waveform, gain_db: float) -> Waveform:
    """Louder or, below 0 dB, quieter."""
    return _float32(x * 10 ** (gain_db / 20))


def shift(x: Waveform, samples: int) -> Waveform:
    """Later by so many samples, earlier if negative; zeros come in at the other end."""
    moved = np.zeros_like(x)
    if samples >= 0:
        moved[samples:] = x[: len(x) - samples]
    else:
        moved[:samples] = x[-samples:]
    return moved


def jitter(x: Waveform, jitter_samples: float, knots: int, draw: Generator) -> Waveform:
    """Read at instants that wander by up to ``jitter_samples``, as with an unsteady clock.

    The offset is drawn at ``knots`` instants and interpolated linearly, as are the samples.
    """
    at = np.arange(len(x), dtype=np.float64)
    offsets = draw.uniform(-jitter_samples, jitter_samples, knots)
    wander = np.interp(at, np.linspace(0, len(x) - 1, knots), offsets)
    return _float32(np.interp(at + wander, at, x))


def stretch(x: Waveform, rate: float) -> Waveform:
    """Spoken ``rate`` times as fast at the same pitch (librosa's phase vocoder)."""
    return fit(time_stretch(x, rate=rate, n_fft=_FRAME, hop_length=_HOP), len(x))


def pitch(x: Waveform, semitones: float, sample_rate_hz: int) -> Waveform:
    """Higher by semitones at the same speed (librosa: stretch, then resample)."""
    return _float32(
        pitch_shift(
            x,
            sr=sample_rate_hz,
            n_steps=semitones,
            res_type="soxr_hq",
            n_fft=_FRAME,
            hop_length=_HOP,
        )
    )


def low_pass(x: Waveform, cutoff_hz: float, sample_rate_hz: int) -> Waveform:
    """Fourth-order Butterworth low-pass without delay: -6 dB at the cutoff, 24 dB an octave."""
    return _filtered(x, "lowpass", cutoff_hz, sample_rate_hz)


def telephone_band(x: Waveform, sample_rate_hz: int) -> Waveform:
    """Only the telephone's voice band, by the same kind of filter."""
    return _filtered(x, "bandpass", TELEPHONE_HZ, sample_rate_hz)


def coloured_noise(samples: int, exponent: float, draw: Generator) -> Waveform:
    """Gaussian noise of unit RMS whose power falls as ``1 / f ** exponent``: 0 white, 1 pink."""
    spectrum = np.fft.rfft(draw.standard_normal(samples))
    bins = np.maximum(np.arange(len(spectrum)), 1)
    noise = np.fft.irfft(spectrum * bins ** (-exponent / 2), samples)
    return _float32(noise / np.sqrt(np.mean(noise**2)))


def add_noise(x: Waveform, noise: Waveform, snr_db: float) -> Waveform:
    """With a noise added at a signal-to-noise ratio over the whole clip."""
    level = rms(noise)
    if level == 0:
        return x.copy()
    return _float32(x + noise * (rms(x) * 10 ** (-snr_db / 20) / level))


def babble(voices: Sequence[Waveform]) -> Waveform:
    """Several clips at once, each at the same RMS; silent ones add nothing."""
    return _float32(np.sum([voice / max(rms(voice), 1e-9) for voice in voices], axis=0))


def clip_peaks(x: Waveform, clipped_share: float) -> Waveform:
    """Cut off at the level that this share of the samples exceed."""
    level = np.quantile(np.abs(x), 1 - clipped_share)
    return _float32(np.clip(x, -level, level))


def mu_law(x: Waveform) -> Waveform:
    """Through eight bits of companded sound (the continuous law that G.711 approximates)."""
    squeezed = np.sign(x) * np.log1p(MU * np.minimum(np.abs(x), 1)) / np.log1p(MU)
    coarse = requantize(_float32(squeezed), 8)
    return _float32(np.sign(coarse) * np.expm1(np.abs(coarse) * np.log1p(MU)) / MU)


def requantize(x: Waveform, bits: int) -> Waveform:
    """Rounded to ``bits`` bits, full scale 1.0."""
    steps = 2.0 ** (bits - 1)
    return _float32(np.clip(np.rint(x * steps), -steps, steps - 1) / steps)


def perturb_spectrum(x: Waveform, snr_db: float, draw: Generator) -> Waveform:
    """Magnitude and phase of every cell of the spectrogram moved at random.

    Magnitudes are scaled by ``exp(g)`` and phases turned by ``h``, ``g`` and ``h`` standard
    normal, then the change of the waveform is scaled to ``snr_db`` below the clip: its L2
    norm is ``10 ** (-snr_db / 20)`` of the clip's.
    """
    spectrum = librosa.stft(x, n_fft=_FRAME, hop_length=_HOP)
    g, h = draw.standard_normal((2, *spectrum.shape), dtype=np.float32)
    change = librosa.istft(spectrum * np.expm1(g + 1j * h), hop_length=_HOP, length=len(x))
    return add_noise(x, _float32(change), snr_db)


def notch(x: Waveform, centre_hz: float, width_hz: float, sample_rate_hz: int) -> Waveform:
    """Without a band of frequencies."""
    spectrum = np.fft.rfft(x)
    hz = np.fft.rfftfreq(len(x), 1 / sample_rate_hz)
    spectrum[np.abs(hz - centre_hz) <= width_hz / 2] = 0
    return _float32(np.fft.irfft(spectrum, len(x)))


def within(x: Waveform, changed: Waveform, snr_db: float) -> Waveform:
    """The change scaled down, where it is larger, to ``snr_db`` below the clip (L2)."""
    change = changed - x
    largest, norm = rms(x) * 10 ** (-snr_db / 20), rms(change)
    return changed if norm <= largest else _float32(x + change * (largest / norm))


def _filtered(
    x: Waveform,
    kind: Literal["lowpass", "bandpass"],
    edge_hz: float | tuple[float, float],
    sample_rate_hz: int,
) -> Waveform:
    # An edge at or above half the rate leaves nothing to cut: keep it just below.
    edge = np.minimum(edge_hz, 0.499 * sample_rate_hz)
    sections = scipy.signal.butter(_FILTER_ORDER, edge, kind, fs=sample_rate_hz, output="sos")
    return _float32(scipy.signal.sosfiltfilt(sections, x))


def _float32(x: ArrayLike) -> Waveform:
    return np.asarray(x, dtype=np.float32)
