"""The operations of augmentation: how often each acts, how strongly, and what it does.

Every strength is drawn uniformly between two bounds; ``signals`` holds the signal processing.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from pydantic import Field

from palisade import augmentation
from palisade.ranges import PositiveRange, Range, between
from palisade.tasks.voice.distortion import signals
from palisade.tasks.voice.distortion.signals import Scene, Waveform
from palisade.tasks.voice.samples import pcm, rooms


class Operation(augmentation.Operation):
    """One operation on a clip."""

    def apply(self, x: Waveform, scene: Scene, draw: Generator) -> Waveform:
        """The clip after it, at a strength that is drawn."""
        raise NotImplementedError


class Pitch(Operation):
    """Another voice."""

    semitones: Range = Field(description="higher; negative is lower")

    def apply(self, x: Waveform, scene: Scene, draw: Generator) -> Waveform:
        return signals.pitch(x, between(self.semitones, draw), scene.sample_rate_hz)


class Stretch(Operation):
    """Another pace."""

    rate: PositiveRange = Field(description="times as fast")

    def apply(self, x: Waveform, scene: Scene, draw: Generator) -> Waveform:
        return signals.stretch(x, between(self.rate, draw))


class Shift(Operation):
    """Another place in the clip."""

    shift_ms: Range = Field(description="later; negative is earlier")

    def apply(self, x: Waveform, scene: Scene, draw: Generator) -> Waveform:
        samples = between(self.shift_ms, draw) * scene.sample_rate_hz / 1000
        return signals.shift(x, round(samples))


class Reverberation(Operation):
    """Another room."""

    rt60_ms: PositiveRange = Field(description="time in which sound decays by 60 dB")
    direct_to_reverberant_db: Range = Field(description="ratio of their energies")

    def apply(self, x: Waveform, scene: Scene, draw: Generator) -> Waveform:
        response = rooms.impulse_response(
            rt60_ms=between(self.rt60_ms, draw),
            direct_to_reverberant_db=between(self.direct_to_reverberant_db, draw),
            sample_rate_hz=scene.sample_rate_hz,
            draw=draw,
        )
        return signals.in_room(x, response)


class Noise(Operation):
    """Other sounds, recorded or coloured noise."""

    snr_db: Range = Field(description="clip to noise")
    recorded_share: float = Field(ge=0, le=1, description="that is the scene's sounds")
    spectral_exponent: Range = Field(description="of coloured noise: 0 white, 1 pink, 2 brown")

    def apply(self, x: Waveform, scene: Scene, draw: Generator) -> Waveform:
        snr_db = between(self.snr_db, draw)
        if draw.random() < self.recorded_share and len(scene.sounds):
            recorded = pcm.to_float(scene.sounds[draw.integers(len(scene.sounds))])
            # Turned by a random lag, so that the same samples are rarely met twice.
            return signals.add_noise(x, np.roll(recorded, draw.integers(len(x))), snr_db)
        exponent = between(self.spectral_exponent, draw)
        return signals.add_noise(x, signals.coloured_noise(len(x), exponent, draw), snr_db)


class Gain(Operation):
    """Another distance, or another microphone's sensitivity."""

    gain_db: Range = Field(description="louder; negative is quieter")

    def apply(self, x: Waveform, scene: Scene, draw: Generator) -> Waveform:
        return signals.gain(x, between(self.gain_db, draw))


class Clipping(Operation):
    """An overdriven microphone."""

    clipped_share: PositiveRange = Field(description="of the samples")

    def apply(self, x: Waveform, scene: Scene, draw: Generator) -> Waveform:
        return signals.clip_peaks(x, between(self.clipped_share, draw))


class LowPass(Operation):
    """A covered microphone."""

    cutoff_hz: PositiveRange = Field(description="where it takes 6 dB away")

    def apply(self, x: Waveform, scene: Scene, draw: Generator) -> Waveform:
        return signals.low_pass(x, between(self.cutoff_hz, draw), scene.sample_rate_hz)


class Codec(Operation):
    """A telephone's G.711, or its narrow band at few bits."""

    mu_law_share: float = Field(ge=0, le=1, description="that is G.711")
    bits: PositiveRange = Field(description="a sample of the narrow band")

    def apply(self, x: Waveform, scene: Scene, draw: Generator) -> Waveform:
        if draw.random() < self.mu_law_share:
            return signals.mu_law(x)
        narrow = signals.telephone_band(x, scene.sample_rate_hz)
        return signals.requantize(narrow, round(between(self.bits, draw)))


class Jitter(Operation):
    """An unsteady clock."""

    jitter_ms: PositiveRange = Field(description="largest offset from an even clock")
    knots: int = Field(ge=2, le=1000, description="offsets drawn over the clip")

    def apply(self, x: Waveform, scene: Scene, draw: Generator) -> Waveform:
        samples = between(self.jitter_ms, draw) * scene.sample_rate_hz / 1000
        return signals.jitter(x, samples, self.knots, draw)


class Spectrum(Operation):
    """Magnitude and phase of every cell of the spectrogram moved a little."""

    snr_db: Range = Field(description="clip to change")

    def apply(self, x: Waveform, scene: Scene, draw: Generator) -> Waveform:
        return signals.perturb_spectrum(x, between(self.snr_db, draw), draw)


class Notch(Operation):
    """A band of frequencies taken away, as far as a bound on the change allows."""

    width_hz: PositiveRange = Field(description="of the band")
    snr_db: Range = Field(description="clip to change, at least")

    def apply(self, x: Waveform, scene: Scene, draw: Generator) -> Waveform:
        centre_hz = draw.uniform(0, scene.sample_rate_hz / 2)
        width_hz = between(self.width_hz, draw)
        cut = signals.notch(x, centre_hz, width_hz, scene.sample_rate_hz)
        return signals.within(x, cut, between(self.snr_db, draw))
