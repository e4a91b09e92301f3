"""Geometry of the audio front end, without TensorFlow."""

from __future__ import annotations

from pydantic import Field, model_validator

from palisade import stage


class Params(stage.Params):
    """Geometry of the front end."""

    sample_rate_hz: int = Field(ge=8000, le=48000, description="samples a second")
    clip_ms: int = Field(ge=100, le=10000, description="length of the network's input")
    window_ms: int = Field(ge=5, le=64, description="length of a frame")
    hop_ms: int = Field(ge=2, le=64, description="step from frame to frame")
    fft_length: int = Field(ge=128, le=4096, description="points of the Fourier transform")
    mel_bands: int = Field(ge=10, le=128, description="triangular filters (HTK mel scale)")
    lowest_hz: float = Field(ge=0, description="lower edge of the first filter")
    highest_hz: float = Field(gt=0, description="upper edge of the last filter")
    coefficients: int = Field(ge=4, le=64, description="cepstral coefficients kept")
    lifter: int = Field(ge=2, le=64, description="L of the sinusoidal lifter (HTK's CEPLIFTER)")
    energy_offset: float = Field(gt=0, description="c in log(x + c), x a filter's energy")

    @model_validator(mode="after")
    def _fits(self) -> Params:
        if self.window > self.fft_length:
            raise ValueError("window_ms must be no longer than fft_length samples")
        if not self.window / 2 <= self.hop <= self.window:
            raise ValueError("hop_ms must be between half of window_ms and window_ms")
        if not self.lowest_hz < self.highest_hz <= self.sample_rate_hz / 2:
            raise ValueError("needs lowest_hz < highest_hz <= sample_rate_hz / 2")
        if self.coefficients > self.mel_bands:
            raise ValueError("coefficients must be at most mel_bands")
        return self

    @property
    def window(self) -> int:
        """Samples in a frame."""
        return self.sample_rate_hz * self.window_ms // 1000

    @property
    def hop(self) -> int:
        """Samples from a frame's start to the next one's."""
        return self.sample_rate_hz * self.hop_ms // 1000

    @property
    def samples(self) -> int:
        """Samples in a clip."""
        return self.sample_rate_hz * self.clip_ms // 1000

    @property
    def frames(self) -> int:
        """Whole frames in a clip."""
        return (self.samples - self.window) // self.hop + 1
