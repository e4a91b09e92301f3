"""Commands that nobody speaks: from an ultrasonic carrier, and from a recording.

References:
    Zhang et al., DolphinAttack, ACM CCS 2017, arXiv:1708.09537 (a microphone's ``s + a s^2``
    demodulates amplitude-modulated ultrasound); Roy et al., Inaudible Voice Commands, USENIX
    NSDI 2018 (the square of the command that comes with it); ISO 3382-2 (RT60); Kinnunen et al.,
    The ASVspoof 2017 Challenge, Interspeech 2017,
    doi:10.21437/Interspeech.2017-1111 (replay through other rooms and loudspeakers).
"""

from __future__ import annotations

import numpy as np
import scipy.signal
from numpy.random import Generator
from numpy.typing import NDArray

from palisade.tasks.voice.distortion import signals
from palisade.tasks.voice.physical.params import Air
from palisade.tasks.voice.samples import rooms

Waveform = NDArray[np.float32]

_OVERSAMPLED = 2  # squaring doubles the band
# Estimates, as are the levels below: of a small microphone before a converter at 16 kHz.
MICROPHONE_HZ = (50.0, 7500.0)  # DC and rumble are filtered before the converter, as is aliasing
CRITICAL_RT60_MS = 400.0  # at which direct and reverberant sound are equal, as in the field copies
REPLAY_SNR_DB = (20.0, 30.0)  # of the attacker's recording


def demodulated(command: Waveform, *, depth: float, sample_rate_hz: int) -> Waveform:
    """What a microphone makes of a carrier that a command modulates, of unit RMS.

    The carrier ``(1 + m v(t)) cos(w t)``, with ``v`` the command of peak 1 and ``m`` the depth,
    passes ``s + a s^2``. Of that the linear term, and the square's part about ``2 w``, lie above
    40 kHz and are gone before the converter; what is left is ``a / 2 (1 + m v)^2``, which is
    ``a m (v + m v^2 / 2)`` beside DC. So no carrier has to be sampled: the envelope's square, at
    twice the rate as its band is twice as wide, and the microphone's band, are exact for any
    carrier far above the band. ``a`` and the carrier's power only set the level, which is given.
    """
    voice = command / max(float(np.abs(command).max()), 1e-9)
    fine = scipy.signal.resample_poly(voice, _OVERSAMPLED, 1)
    square = fine + depth / 2 * fine**2
    heard = scipy.signal.resample_poly(square - square.mean(), 1, _OVERSAMPLED)
    heard = microphone(np.asarray(heard, np.float32), sample_rate_hz)
    return np.asarray(heard / max(signals.rms(heard), 1e-9), np.float32)


def microphone(x: Waveform, sample_rate_hz: int) -> Waveform:
    """Within the band of a microphone and its filters."""
    return _banded(x, MICROPHONE_HZ, sample_rate_hz)


def replayed(
    command: Waveform, *, rt60_ms: float, air: Air, sample_rate_hz: int, draw: Generator
) -> Waveform:
    """A command, at its own RMS, out of a loudspeaker in a second room.

    Recorded in a first room by a microphone with noise of its own; then the loudspeaker's soft
    clipping and band, and a second room. Both rooms have the same RT60.
    """
    first = signals.in_room(command, _room(rt60_ms, sample_rate_hz, draw))
    hiss = signals.coloured_noise(len(command), 0.0, draw)
    recorded = signals.add_noise(first, hiss, float(draw.uniform(*REPLAY_SNR_DB)))
    recorded = microphone(recorded, sample_rate_hz)
    knee = air.crest * max(signals.rms(recorded), 1e-9)
    clipped = np.asarray(knee * np.tanh(recorded / knee), np.float32)
    played = _banded(clipped, (air.loudspeaker_hz[0], air.loudspeaker_hz[1]), sample_rate_hz)
    second = signals.in_room(played, _room(rt60_ms, sample_rate_hz, draw))
    return signals.gain(
        second, 20 * np.log10(signals.rms(command) / max(signals.rms(second), 1e-9))
    )


def _room(rt60_ms: float, sample_rate_hz: int, draw: Generator) -> Waveform:
    """A room in which distance is such that RT60 sets how much of the sound is direct."""
    return rooms.impulse_response(
        rt60_ms=rt60_ms,
        direct_to_reverberant_db=10 * float(np.log10(CRITICAL_RT60_MS / rt60_ms)),
        sample_rate_hz=sample_rate_hz,
        draw=draw,
    )


def _banded(x: Waveform, hz: tuple[float, float], sample_rate_hz: int) -> Waveform:
    edges = (hz[0], min(hz[1], 0.499 * sample_rate_hz))
    sections = scipy.signal.butter(2, edges, "bandpass", fs=sample_rate_hz, output="sos")
    return np.asarray(scipy.signal.sosfiltfilt(sections, x), np.float32)
