"""Physical attacks on a microphone: how strong they are, and through which air they go.

The default ranges are estimates of an ordinary room and a small loudspeaker, but for one: speech
was found 5 to 15 dB above the background at conversation distances.

References:
    Olsen, Average Speech Levels and Spectra, American Journal of Audiology 7 (1998),
    doi:10.1044/1059-0889(1998/012) (a summary of Pearsons et al., EPA-600/1-77-025).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from palisade import stage
from palisade.ranges import PositiveRange, Range

Decibels = Annotated[float, Field(ge=-60, le=60)]


class Air(stage.Params):
    """What lies between a loudspeaker and the microphone; each draw is uniform in its range."""

    loudspeaker_hz: PositiveRange = Field(description="band that a small loudspeaker radiates")
    crest: float = Field(
        gt=1, le=20, description="times its RMS, the level where a loudspeaker clips softly"
    )
    rt60_ms: PositiveRange = Field(description="of the room: time in which sound falls by 60 dB")
    direct_to_reverberant_db: Range = Field(description="ratio of their energies")
    rooms: int = Field(ge=1, le=1000, description="to craft in, and as many others to score in")
    shift_ms: float = Field(ge=0, le=1000, description="largest lag or lead on what is spoken")
    gain_db: Range = Field(description="level at the microphone, to the one intended")
    background_db: Range = Field(description="clip to pink background noise")


class Ultrasound(stage.Params):
    """A command on an ultrasonic carrier, which the microphone itself demodulates."""

    depth: float = Field(gt=0, le=1, description="modulation index of the carrier")
    levels_db: list[Decibels] = Field(
        min_length=1, description="of what is demodulated, to speech at the microphone"
    )
    reference_db: float = Field(description="the level of the headline figure, one of the list")

    @model_validator(mode="after")
    def _has_reference(self) -> Ultrasound:
        if self.reference_db not in self.levels_db:
            raise ValueError("reference_db must be one of levels_db")
        return self


class Replay(stage.Params):
    """A genuine command, recorded in one room and played in another."""

    rooms_ms: list[Annotated[float, Field(ge=20, le=3000)]] = Field(
        min_length=1, description="RT60 of both rooms"
    )
    reference_ms: float = Field(description="that of the headline figure, one of the list")

    @model_validator(mode="after")
    def _has_reference(self) -> Replay:
        if self.reference_ms not in self.rooms_ms:
            raise ValueError("reference_ms must be one of rooms_ms")
        return self


class Params(stage.Params):
    """Physical attacks on a microphone."""

    sample_rate_hz: int = Field(ge=8000, le=48000, description="of the clips, as in prepare")
    examples: int = Field(ge=1, description="test clips attacked, each class in proportion")
    steps: int = Field(ge=1, le=2000, description="gradients taken for a clip of its own")
    universal_steps: int = Field(ge=1, le=5000, description="gradients for a sound for all clips")
    universal_batch: int = Field(ge=1, le=1000, description="calibration clips in one of them")
    universal_starts: int = Field(
        ge=1, le=100, description="random starts; that worth most to those clips counts"
    )
    budgets_snr_db: list[Decibels] = Field(
        min_length=1, description="clip to sound as meant to arrive; larger is weaker"
    )
    reference_snr_db: float = Field(description="the budget of the headline figures")
    pulse_ms: float = Field(ge=20, le=5000, description="length of the unsynchronised burst")
    speech_rms: float = Field(gt=0, lt=1, description="of ordinary speech at the microphone")
    air: Air
    ultrasound: Ultrasound
    replay: Replay

    @model_validator(mode="after")
    def _has_reference(self) -> Params:
        if self.reference_snr_db not in self.budgets_snr_db:
            raise ValueError("reference_snr_db must be one of budgets_snr_db")
        return self
