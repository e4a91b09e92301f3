"""The knobs of the continuous sound and of the decision over it."""

from __future__ import annotations

from pydantic import Field

from palisade import stage
from palisade.ranges import Range
from palisade.stream import decision


class Amounts(stage.Params):
    """How much is drawn with the voices of one split."""

    hours: float = Field(ge=0, description="that a decision is made in, without a command")
    commands: int = Field(ge=1, description="said in further sound, all commands alike")


class Params(stage.Params):
    """Section ``stream``."""

    block_s: float = Field(ge=5, le=600, description="of sound that is drawn at once, in one room")
    speech_share: float = Field(ge=0, le=1, description="of the hours, running speech")
    sound_alike_share: float = Field(ge=0, le=1, description="of its content words")
    loudspeaker_share: float = Field(ge=0, le=1, description="of it, from a television")
    talk_share: float = Field(ge=0, le=1, description="of the commands, said after other speech")
    transients_per_minute: Range = Field(description="knocks, dishes, chimes; without speech")
    transient_db: Range = Field(description="their level to that of speech, over a second")
    gain_change_db: Range = Field(description="of the background, from time to time")
    decision: decision.Params
    train: Amounts
    validation: Amounts
    calibration: Amounts
    test: Amounts
