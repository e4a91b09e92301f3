"""The knobs of the synthetic corpus."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from palisade import stage
from palisade.ranges import PositiveRange, Range
from palisade.tasks.voice.synthesis.words import ORDINARY

_Word = Annotated[str, Field(pattern=r"^[a-z][a-z' -]*$")]


class Amounts(stage.Params):
    """How much there is of one split."""

    command_clips: int = Field(ge=1, description="of each command")
    unknown_clips: int = Field(ge=1, description="of other words")
    running_clips: int = Field(ge=0, description="cut from sentences of other words")
    silence_clips: int = Field(ge=1, description="without speech near by")
    voices: int = Field(ge=2, description="families of voices, heard in this split alone")


class Acoustics(stage.Params):
    """What is drawn for each clip, uniformly between two bounds."""

    rate_wpm: PositiveRange = Field(description="words a minute")
    pitch: PositiveRange = Field(description="0 to 99, 50 is the voice's own")
    pitch_range: PositiveRange = Field(description="0 (monotone) to 99, 50 is the voice's own")
    tract_scale: PositiveRange = Field(description="of the voice's formants and pitch")
    rt60_ms: PositiveRange = Field(description="time in which a room's sound decays by 60 dB")
    direct_to_reverberant_db: Range = Field(description="ratio of their energies")
    high_pass_hz: PositiveRange = Field(description="the microphone's lower edge")
    low_pass_hz: PositiveRange = Field(description="its upper edge")
    tilt_db: Range = Field(description="its treble against its bass")
    peak_hz: PositiveRange = Field(description="its resonance")
    peak_db: Range = Field(description="gain at its resonance")
    snr_db: Range = Field(description="speech to background other than babble, over the clip")
    babble_snr_db: Range = Field(description="speech to a babble of voices, over the clip")
    gain_db: Range = Field(description="speech to speech_rms, over the clip")
    clipping_probability: float = Field(ge=0, le=1, description="share of overdriven clips")
    clipping_knee: PositiveRange = Field(description="of the clip's peak, where it saturates")


class Params(stage.Params):
    """The synthetic corpus."""

    commands: list[_Word] = Field(min_length=1, description="what the device obeys")
    sound_alikes: list[_Word] = Field(description="other words, easily mistaken for a command")
    sound_alike_share: float = Field(ge=0, le=1, description="of the clips of other words")
    unseen_share: float = Field(ge=0, le=0.9, description="of the other words, test split only")
    longest_word_ms: int = Field(ge=100, le=1000, description="longer ones are said faster")
    speech_rms: float = Field(gt=0, le=0.2, description="over a clip of 1 s; full scale is 1")
    acoustics: Acoustics
    train: Amounts
    validation: Amounts
    calibration: Amounts
    test: Amounts

    @model_validator(mode="after")
    def _distinct(self) -> Params:
        if len(set(self.commands)) < len(self.commands):
            raise ValueError("name each command once")
        both = sorted(set(self.commands) & set(self.sound_alikes))
        if both:
            raise ValueError(f"{both[0]} is a command and a sound-alike: take one away")
        if not set(ORDINARY) - set(self.commands) - set(self.sound_alikes):
            raise ValueError("no ordinary word is left: name fewer")
        if self.sound_alike_share and not self.sound_alikes:
            raise ValueError("sound_alikes is empty: set sound_alike_share to 0")
        return self
