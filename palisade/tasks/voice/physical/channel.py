"""From an attacker's loudspeaker to the converter of the microphone, differentiable.

A sound is limited to the loudspeaker's band, clipped softly where its amplifier ends, and limited
again, as the cone radiates no more of what clipping adds. Air gives it a room, a lag and a gain;
at the microphone it is added to what is spoken there, and to a background.

References:
    Yakura and Sakuma, Robust Audio Adversarial Example for a Physical Attack, arXiv:1810.11793
    (band-pass, room impulse responses and noise as the transformations of an expectation);
    Qin et al., arXiv:1903.10346 (simulated rooms for robust audio examples).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from palisade.backend import tf
from palisade.physical import draws
from palisade.ranges import between
from palisade.seeds import generator
from palisade.tasks.voice.distortion.signals import coloured_noise
from palisade.tasks.voice.physical.params import Air
from palisade.tasks.voice.samples import rooms

NOISES = 16  # pieces of background in a channel
PINK = 1.0
_EDGE_HZ = 50.0  # over which the band falls to nothing, inside it


@dataclass(frozen=True)
class Channel:
    """The air of one purpose: what is crafted in never meets the draws that it is scored in.

    Attributes:
        air: its ranges.
        sample_rate_hz: of every sound.
        samples: of a clip.
        length: of the Fourier transforms.
        responses: ``[rooms, length // 2 + 1]`` spectra of impulse responses of unit energy.
        noises: ``[pieces, samples]`` of unit RMS.
    """

    air: Air
    sample_rate_hz: int
    samples: int
    length: int
    responses: NDArray[np.complex64]
    noises: NDArray[np.float32]

    def played(self, sound: Any, sounding: int) -> Any:
        """What the loudspeaker radiates of ``[n, samples]``, of which so many samples sound.

        Its knee is so many times the RMS of what sounds; a silence after it counts for nothing.
        """
        limited = self.banded(sound)
        energy = tf.reduce_sum(tf.square(limited), axis=1, keepdims=True)
        knee = self.air.crest * tf.sqrt(energy / sounding + 1e-12)
        return self.banded(knee * tf.tanh(limited / knee))

    def banded(self, sound: Any) -> Any:
        """``[n, samples]`` within the loudspeaker's band and with nothing outside it."""
        hz = np.fft.rfftfreq(self.samples, 1 / self.sample_rate_hz)
        low, high = self.air.loudspeaker_hz
        inside = np.clip(np.minimum(hz - low, high - hz) / _EDGE_HZ, 0, 1)
        mask = tf.constant(np.sin(inside * np.pi / 2) ** 2, tf.complex64)
        return tf.signal.irfft(tf.signal.rfft(sound) * mask, [self.samples])

    def heard(self, played: Any, seed: Any, *, count: int, shift_ms: tuple[float, float]) -> Any:
        """``[count, samples]`` of the played sound at the microphone, in rooms drawn anew.

        Args:
            played: ``[count, samples]``, or ``[1, samples]`` of which each meets another draw.
            seed: ``[2]`` of this draw.
            count: how many draws.
            shift_ms: bounds of its lag.
        """
        low_ms, high_ms = shift_ms
        lag = draws.uniform(seed, 0, count, low_ms, high_ms) * self.sample_rate_hz / 1000
        room = draws.whole(seed, 1, count, len(self.responses))
        gain = 10.0 ** (draws.uniform(seed, 2, count, *self.air.gain_db) / 20.0)
        turn = np.arange(self.length // 2 + 1, dtype=np.float32) * (-2 * np.pi / self.length)
        angle = tf.round(lag)[:, tf.newaxis] * tf.constant(turn, tf.float32)
        path = tf.gather(tf.constant(self.responses), room)
        path *= tf.complex(tf.cos(angle), tf.sin(angle))
        spectrum = tf.signal.rfft(played, [self.length]) * path
        return tf.signal.irfft(spectrum, [self.length])[:, : self.samples] * gain[:, tf.newaxis]

    def background(self, x: Any, seed: Any) -> Any:
        """``[n, samples]`` noise below each clip by a ratio that is drawn."""
        count = x.shape[0]
        noise = tf.gather(tf.constant(self.noises), draws.whole(seed, 3, count, len(self.noises)))
        snr_db = draws.uniform(seed, 4, count, *self.air.background_db)
        level = tf.sqrt(tf.reduce_mean(tf.square(x), axis=1)) * 10.0 ** (-snr_db / 20.0)
        return noise * level[:, tf.newaxis]


def channel(air: Air, *, sample_rate_hz: int, samples: int, seed: int, purpose: str) -> Channel:
    """The air of a purpose, which its rooms and noises are drawn by."""
    impulses = []
    for number in range(air.rooms):
        draw = generator(seed, "physical", purpose, "room", number)
        response = rooms.impulse_response(
            rt60_ms=between(air.rt60_ms, draw),
            direct_to_reverberant_db=between(air.direct_to_reverberant_db, draw),
            sample_rate_hz=sample_rate_hz,
            draw=draw,
        )
        impulses.append(response / np.sqrt(np.sum(response**2)))
    # What leads comes in from the end, and what lags longest must not come round again.
    late = round(air.shift_ms * sample_rate_hz / 1000)
    length = 2 * scipy.fft.next_fast_len((samples + max(map(len, impulses)) + late) // 2 + 1)
    noises = [
        coloured_noise(samples, PINK, generator(seed, "physical", purpose, "noise", number))
        for number in range(NOISES)
    ]
    return Channel(
        air=air,
        sample_rate_hz=sample_rate_hz,
        samples=samples,
        length=length,
        responses=np.stack([scipy.fft.rfft(one, length) for one in impulses]).astype(np.complex64),
        noises=np.stack(noises),
    )
