"""What is done to a task's raw samples before the front end, from params; by default nothing."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from palisade import stage
from palisade.device.preprocess import Filter, Kind, Plan, low_pass_taps

LARGEST_BLOCK_PX = 64


def _off_or(least: int, most: int) -> AfterValidator:
    def check(value: int) -> int:
        if value != 0 and not least <= value <= most:
            raise ValueError(f"must be 0 (off), or from {least} to {most}")
        return value

    return AfterValidator(check)


def _odd(value: int) -> int:
    if value % 2 == 0:
        raise ValueError("must be odd")
    return value


Taps = Annotated[int, Field(ge=3, le=255, description="of the low-pass, odd"), AfterValidator(_odd)]
CutOff = Annotated[float, Field(ge=0, description="where a low-pass halves; 0: none")]


class PictureParams(stage.Params):
    """Filters of a picture, in the order in which they are applied."""

    median: bool = Field(default=False, description="of 3 x 3 pixels")
    downsample: Annotated[int, _off_or(2, LARGEST_BLOCK_PX)] = Field(
        default=0, description="side of the blocks that become their mean, pixels; 0: off"
    )
    squeeze_bits: Annotated[int, _off_or(1, 8)] = Field(
        default=0, description="bits of a pixel that are kept; 0: off"
    )

    def plan(self, height: int, width: int, channels: int) -> Plan:
        """For uint8 pictures ``[height, width, channels]``."""
        found = [Filter(Kind.MEDIAN)] if self.median else []
        found += [Filter(Kind.DOWNSAMPLE, self.downsample)] if self.downsample else []
        found += _squeeze(self.squeeze_bits)
        shape = (height, width, channels)
        return Plan("uint8", shape, (0,) * channels, (255,) * channels, tuple(found))


class SoundParams(stage.Params):
    """Filters of sound, in the order in which they are applied."""

    low_pass_hz: CutOff = 0.0
    low_pass_taps: Taps = 31
    mu_law_bits: Annotated[int, _off_or(4, 10)] = Field(
        default=0, description="of a companded sample, 8 is ITU-T G.711; 0: off"
    )
    squeeze_bits: Annotated[int, _off_or(1, 15)] = Field(
        default=0, description="bits of a sample that are kept; 0: off"
    )

    def plan(self, samples: int, sample_rate_hz: float) -> Plan:
        """For int16 sound ``[samples]``.

        Raises:
            PalisadeError: ``low_pass_hz`` is not below half the sampling rate.
        """
        found = _low_pass(self.low_pass_hz, sample_rate_hz, self.low_pass_taps)
        found += [Filter(Kind.MU_LAW, self.mu_law_bits)] if self.mu_law_bits else []
        found += _squeeze(self.squeeze_bits)
        return Plan("int16", (samples,), (-32768,), (32767,), tuple(found))


class TraceParams(stage.Params):
    """Filters of traces, in the order in which they are applied."""

    median: bool = Field(default=False, description="of 3 values in time, channel by channel")
    low_pass_hz: CutOff = 0.0
    low_pass_taps: Taps = 31
    squeeze_bits: Annotated[int, _off_or(1, 16)] = Field(
        default=0, description="bits of a sample that are kept; 0: off"
    )

    def plan(
        self, samples: int, sample_rate_hz: float, low: tuple[int, ...], high: tuple[int, ...]
    ) -> Plan:
        """For int32 traces ``[samples, channels]`` between ``low`` and ``high`` of each channel.

        Raises:
            PalisadeError: ``low_pass_hz`` is not below half the sampling rate.
        """
        found = [Filter(Kind.MEDIAN)] if self.median else []
        found += _low_pass(self.low_pass_hz, sample_rate_hz, self.low_pass_taps)
        found += _squeeze(self.squeeze_bits)
        return Plan("int32", (samples, len(low)), low, high, tuple(found))


def _squeeze(bits: int) -> list[Filter]:
    return [Filter(Kind.SQUEEZE, bits)] if bits else []


def _low_pass(cutoff_hz: float, sample_rate_hz: float, count: int) -> list[Filter]:
    if cutoff_hz == 0:
        return []
    return [Filter(Kind.LOW_PASS, taps=low_pass_taps(cutoff_hz, sample_rate_hz, count))]
