"""What a sensor delivers: the unit of each channel, and where it saturates."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from palisade import stage

Samples = NDArray[np.int32]  # [samples, channels] as the converters deliver them
Signal = NDArray[np.float64]  # the same, before it is rounded


class Sensor(stage.Params):
    """The channels of a trace, in order."""

    units: list[Literal["mg", "pir"]] = Field(
        min_length=1, description="of each channel: mg of an accelerometer, or counts of a PIR"
    )
    sample_rate_hz: float = Field(gt=0, le=10000, description="samples a second")
    acc_range_mg: float = Field(gt=0, le=200000, description="an accelerometer saturates there")
    pir_full_scale_counts: float = Field(gt=0, le=2**31 - 1, description="largest count of a PIR")

    def having(self, unit: str) -> list[int]:
        """The places of the channels that have a unit."""
        return [place for place, one in enumerate(self.units) if one == unit]

    def delivered(self, signal: Signal) -> Samples:
        """Rounded and saturated: ``[samples, channels]`` int32."""
        low = [-self.acc_range_mg if unit == "mg" else 0.0 for unit in self.units]
        high = [
            self.acc_range_mg if unit == "mg" else self.pir_full_scale_counts for unit in self.units
        ]
        return np.asarray(np.clip(np.rint(signal), low, high), np.int32)
