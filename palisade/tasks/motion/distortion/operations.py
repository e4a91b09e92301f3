"""The operations of augmentation: how often each acts, how strongly, and what it does.

Every strength is drawn uniformly between two bounds; ``signals`` holds the signal processing.
An operation on a kind of channel that a sensor does not have changes nothing.
"""

from __future__ import annotations

from numpy.random import Generator
from pydantic import Field, field_validator

from palisade import augmentation
from palisade.ranges import PositiveRange, Range, between
from palisade.tasks.motion.distortion import signals
from palisade.tasks.motion.samples.sensor import Sensor, Signal


class Operation(augmentation.Operation):
    """One operation on a trace."""

    def apply(self, x: Signal, sensor: Sensor, draw: Generator) -> Signal:
        """The trace after it, at a strength that is drawn."""
        raise NotImplementedError


class Shift(Operation):
    """Another moment at which the device woke up."""

    shift_ms: Range = Field(description="later; negative is earlier")

    def apply(self, x: Signal, sensor: Sensor, draw: Generator) -> Signal:
        later_s = between(self.shift_ms, draw) / 1000
        return signals.shift(x, round(later_s * sensor.sample_rate_hz))


class Stretch(Operation):
    """Another pace; the trace's middle stays where it is."""

    rate: PositiveRange = Field(description="times as fast")

    def apply(self, x: Signal, sensor: Sensor, draw: Generator) -> Signal:
        return signals.stretch(x, between(self.rate, draw), fixed=(len(x) - 1) / 2)


class AccGain(Operation):
    """A door, or a mounting on it, that is stiffer or softer."""

    factor: PositiveRange = Field(description="on departures from gravity")

    def apply(self, x: Signal, sensor: Sensor, draw: Generator) -> Signal:
        return signals.gain(x, sensor.having("mg"), between(self.factor, draw))


class Damping(Operation):
    """A soft pad behind the accelerometer."""

    cutoff_hz: PositiveRange = Field(description="where it takes 3 dB away")

    def apply(self, x: Signal, sensor: Sensor, draw: Generator) -> Signal:
        cutoff_hz = between(self.cutoff_hz, draw)
        return signals.low_pass(x, sensor.having("mg"), cutoff_hz, sensor.sample_rate_hz)


class Rotation(Operation):
    """A crooked mounting of the accelerometer, about any line."""

    angle_deg: Range = Field(description="by which it is turned")

    def apply(self, x: Signal, sensor: Sensor, draw: Generator) -> Signal:
        return signals.turn(x, sensor.having("mg"), between(self.angle_deg, draw), draw)


class PirGain(Operation):
    """Another PIR, another lens, or a body that stands out more or less."""

    factor: PositiveRange = Field(description="on departures from its middle")

    def apply(self, x: Signal, sensor: Sensor, draw: Generator) -> Signal:
        return signals.gain(x, sensor.having("pir"), between(self.factor, draw))


class Drift(Operation):
    """Sun, heating or a draught, slower than a trace is long."""

    rise_counts: Range = Field(description="of the PIR, over the trace; negative falls")

    def apply(self, x: Signal, sensor: Sensor, draw: Generator) -> Signal:
        return signals.ramp(x, sensor.having("pir"), between(self.rise_counts, draw))


class Noise(Operation):
    """Noisier sensors."""

    acc_mg: PositiveRange = Field(description="root mean square, of each axis")
    pir_counts: PositiveRange = Field(description="root mean square, of each PIR")

    def apply(self, x: Signal, sensor: Sensor, draw: Generator) -> Signal:
        acc_mg, pir_counts = between(self.acc_mg, draw), between(self.pir_counts, draw)
        x = signals.add_noise(x, sensor.having("mg"), acc_mg, draw)
        return signals.add_noise(x, sensor.having("pir"), pir_counts, draw)


class Clipping(Operation):
    """An accelerometer set to a smaller range, and an amplifier that saturates early."""

    acc_mg: PositiveRange = Field(description="largest acceleration, gravity in it")
    pir_share: Range = Field(description="of a PIR's full scale, lost at either end")

    @field_validator("pir_share")
    @classmethod
    def _leaves_some(cls, bounds: list[float]) -> list[float]:
        if bounds[0] < 0 or bounds[1] >= 0.5:
            raise ValueError("the shares lost at either end are from 0 to below 0.5")
        return bounds

    def apply(self, x: Signal, sensor: Sensor, draw: Generator) -> Signal:
        acc_mg, lost_share = between(self.acc_mg, draw), between(self.pir_share, draw)
        x = signals.clip(x, sensor.having("mg"), -acc_mg, acc_mg)
        full = sensor.pir_full_scale_counts
        return signals.clip(x, sensor.having("pir"), lost_share * full, (1 - lost_share) * full)


class Dropped(Operation):
    """A bus or a queue that loses samples; the value before is read again."""

    lost_share: PositiveRange = Field(description="of the samples")

    @field_validator("lost_share")
    @classmethod
    def _leaves_some(cls, bounds: list[float]) -> list[float]:
        if bounds[1] > 0.9:
            raise ValueError("at most 0.9 of the samples may be lost")
        return bounds

    def apply(self, x: Signal, sensor: Sensor, draw: Generator) -> Signal:
        return signals.hold(x, between(self.lost_share, draw), draw)
