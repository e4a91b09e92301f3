"""Physical attacks on a door's motion sensors, in the units of what is done to them.

The default ranges are estimates, made to fit the simulated sensors; none was measured.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from palisade import stage
from palisade.ranges import PositiveRange, Range

Share = Annotated[float, Field(gt=0, le=1)]


class Params(stage.Params):
    """Physical attacks on a PIR and an accelerometer."""

    examples: int = Field(ge=1, description="test traces attacked, each class in proportion")
    steps: int = Field(ge=1, le=2000, description="gradients taken for a trace of its own")
    universal_steps: int = Field(ge=1, le=5000, description="and for one waveform for all traces")
    universal_batch: int = Field(ge=1, le=1000, description="calibration traces in one of them")
    universal_starts: int = Field(
        ge=1,
        le=100,
        description="random starts; that worth most to those traces counts",
    )
    person: str = Field(min_length=1, description="the class that heat feigns, and pace hides")
    quiet: list[str] = Field(
        min_length=1, description="classes of nobody about, in whose traces heat is waved"
    )
    shift_ms: float = Field(ge=0, le=60000, description="largest lag or lead of what is crafted")
    gain_db: Range = Field(description="of what is crafted, as it arrives to what was meant")
    heat_shares: list[Share] = Field(
        min_length=1, description="largest swing that a source gives the PIR, of full scale"
    )
    reference_heat: float = Field(description="that of the headline figure, one of the list")
    heat_hz: PositiveRange = Field(description="band in which a source can be moved or switched")
    slow_rates: list[Share] = Field(min_length=1, description="pace to that of the recorded walk")
    reference_rate: float = Field(description="that of the headline figure, one of the list")
    low_cut_hz: float = Field(gt=0, le=50, description="of the PIR's two high-passes")
    masked_shares: list[Annotated[float, Field(ge=0, lt=1)]] = Field(
        min_length=1, description="of the PIR's signal that a cover lets through"
    )
    reference_masked: float = Field(description="that of the headline figure, one of the list")
    vibrations_mg: list[Annotated[float, Field(gt=0)]] = Field(
        min_length=1, description="largest acceleration of an exciter on the door, on each axis"
    )
    reference_mg: float = Field(description="that of the headline figure, one of the list")
    vibration_hz: PositiveRange = Field(description="band of the exciter")

    @model_validator(mode="after")
    def _has_references(self) -> Params:
        pairs = {
            "reference_heat": (self.reference_heat, self.heat_shares),
            "reference_rate": (self.reference_rate, self.slow_rates),
            "reference_masked": (self.reference_masked, self.masked_shares),
            "reference_mg": (self.reference_mg, self.vibrations_mg),
        }
        for name, (value, among) in pairs.items():
            if value not in among:
                raise ValueError(f"{name} must be one of {among}")
        return self
