"""What a trace and its sensors are, without TensorFlow."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from palisade import stage
from palisade.ranges import Range


class Params(stage.Params):
    """Geometry of the front end, and what counts as small."""

    units: list[Literal["mg", "pir"]] = Field(
        min_length=1, description="of each channel: mg of an accelerometer, or counts of a PIR"
    )
    samples: int = Field(ge=8, le=100000, description="of a trace")
    frame_samples: int = Field(ge=1, le=1000, description="samples in a frame")
    acc_offset_mg: float = Field(gt=0, description="c in log(1 + (a / c)^4)")
    pir_offset_mg: float = Field(
        gt=0, description="c in asinh(x / c), in the mg that counts go with (see threat)"
    )

    @model_validator(mode="after")
    def _fits(self) -> Params:
        if self.frames < 4:
            raise ValueError("frame_samples must leave at least 4 frames in a trace")
        return self

    @property
    def frames(self) -> int:
        """Whole frames in a trace."""
        return self.samples // self.frame_samples


class Sensors(stage.Params):
    """What the channels are, where they saturate, and what a budget means to each."""

    units: list[Literal["mg", "pir"]] = Field(
        min_length=1, description="of each channel: mg of an accelerometer, or counts of a PIR"
    )
    acc_range_mg: float = Field(gt=0, le=200000, description="an accelerometer saturates there")
    pir_full_scale_counts: float = Field(gt=0, le=2**31 - 1, description="largest count of a PIR")
    pir_share_per_mg: float = Field(
        gt=0, le=1, description="of the PIR's full scale, that goes with 1 mg of a budget"
    )
    sample_rate_hz: float = Field(gt=0, le=10000, description="samples a second")
    shift_ms: Range = Field(description="how much later a training trace may be placed")

    @property
    def full_scale_pir_mg(self) -> float:
        """mg of a budget that go with the PIR's full scale."""
        return 1.0 / self.pir_share_per_mg

    @property
    def mg_per_count(self) -> tuple[float, ...]:
        """mg that go with one count of each channel."""
        pir = self.full_scale_pir_mg / self.pir_full_scale_counts
        return tuple(1.0 if unit == "mg" else pir for unit in self.units)

    @property
    def rails_mg(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Least and largest of what each channel delivers, in mg."""
        acc, pir = (-self.acc_range_mg, self.acc_range_mg), (0.0, self.full_scale_pir_mg)
        pairs = [acc if unit == "mg" else pir for unit in self.units]
        return tuple(low for low, _ in pairs), tuple(high for _, high in pairs)

    @property
    def rails(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Least and largest of what each channel's converter delivers, in counts."""
        low, high = (
            tuple(round(one / mg) for one, mg in zip(ends, self.mg_per_count, strict=True))
            for ends in self.rails_mg
        )
        return low, high
