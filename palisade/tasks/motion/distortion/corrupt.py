"""What sites, weather and ageing do to the test traces, by kind and severity.

Natural corruption rather than an attack, after Hendrycks and Dietterich (arXiv:1903.12261).
Nothing is drawn by a name that the training set's augmentation draws by, and vibration is a
kind that it does not know.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from pydantic import Field

from palisade import parallel, seeds
from palisade.splits import Split
from palisade.stratified import stratified
from palisade.tasks.motion.distortion import signals
from palisade.tasks.motion.samples.sensor import Sensor, Signal

# The physical value of each kind at severity 1, 2 and 3. A share is of the PIR's full scale.
SEVERITIES: dict[str, tuple[float, float, float]] = {
    "acc_noise": (10.0, 25.0, 50.0),  # a cheaper accelerometer: root mean square, mg
    "pir_noise": (0.005, 0.01, 0.02),  # radio and supply: root mean square, share
    "pir_drift": (0.05, 0.1, 0.2),  # sun on the lens, up or down over the trace, share
    "rotation": (5.0, 15.0, 30.0),  # a crooked mounting, about any line, degrees
    "low_contrast": (0.7, 0.5, 0.35),  # dirty lens, or a day near skin's warmth: PIR's gain left
    "dropped": (0.05, 0.15, 0.3),  # samples that the bus lost, share of all
    "clock": (2.0, 5.0, 10.0),  # a sample rate that is too high or too low, %
    "vibration": (10.0, 30.0, 80.0),  # an appliance nearby: peak, mg
}
# Which channels a kind acts on; the rest act on all.
ACTS_ON: dict[str, Literal["mg", "pir"]] = {
    "acc_noise": "mg",
    "pir_noise": "pir",
    "pir_drift": "pir",
    "rotation": "mg",
    "low_contrast": "pir",
    "vibration": "mg",
}
# The drums of washing machines spin at some 800 to 1400 turns a minute.
SPIN_HZ = (13.0, 23.0)
BATCH = 64  # traces a worker takes at a time


class Params(Sensor):
    """How much of the test split is corrupted."""

    traces: int = Field(ge=1, description="test traces, each in every kind and severity")


def kinds(sensor: Sensor) -> tuple[str, ...]:
    """The kinds that can befall a sensor: a PIR that is not there does not drift."""
    return tuple(kind for kind in SEVERITIES if ACTS_ON.get(kind, sensor.units[0]) in sensor.units)


def corrupt(test: Split, params: Params, *, seed: int) -> Split:
    """The same test traces under every kind and severity, ids ``<kind>/<severity>/<id>``.

    Severities are 1, 2 and 3. Which samples are lost, or how an appliance shakes, is drawn
    once a kind, so nothing but the severity changes with it. Kinds that act on channels that
    the sensor does not have are left out.

    Raises:
        PalisadeError: The traces have other channels than the params say.
    """
    signals.check_channels(test.x, params, "corrupt")
    chosen = test.take(stratified(test, params.traces, seed=seed))
    cells = [(kind, severity) for kind in kinds(params) for severity in (1, 2, 3)]
    batches = [chosen.take(slice(at, at + BATCH)) for at in range(0, len(chosen), BATCH)]
    work = partial(_corrupted, cells=cells, sensor=params, seed=seed)
    x = np.concatenate(parallel.each(work, batches, "corrupt"), axis=1)
    ids = [f"{kind}/{severity}/{name}" for kind, severity in cells for name in chosen.ids]
    return Split(
        x=x.reshape(-1, *x.shape[2:]),
        y=np.tile(chosen.y, len(x)),
        ids=np.array(ids, dtype=np.str_),
        groups=np.tile(chosen.groups, len(x)),
        labels=test.labels,
    )


def distort(x: Signal, kind: str, value: float, sensor: Sensor, *, seed: int, name: str) -> Signal:
    """One trace under one kind of corruption at a physical value, unit as in ``SEVERITIES``."""
    return KINDS[kind](x, value, sensor, seeds.generator(seed, "field", kind, name))


def _corrupted(
    batch: Split, cells: list[tuple[str, int]], sensor: Sensor, seed: int
) -> NDArray[np.int32]:
    """``[kinds * severities, traces, samples, channels]``."""
    named = list(zip(signals.floats(batch.x), batch.ids, strict=True))
    return np.array(
        [
            [
                sensor.delivered(
                    distort(x, kind, SEVERITIES[kind][severity - 1], sensor, seed=seed, name=name)
                )
                for x, name in named
            ]
            for kind, severity in cells
        ]
    )


def _acc_noise(x: Signal, rms_mg: float, sensor: Sensor, draw: Generator) -> Signal:
    return signals.add_noise(x, sensor.having("mg"), rms_mg, draw)


def _pir_noise(x: Signal, share: float, sensor: Sensor, draw: Generator) -> Signal:
    rms_counts = share * sensor.pir_full_scale_counts
    return signals.add_noise(x, sensor.having("pir"), rms_counts, draw)


def _pir_drift(x: Signal, share: float, sensor: Sensor, draw: Generator) -> Signal:
    rise_counts = share * sensor.pir_full_scale_counts * float(draw.choice((-1, 1)))
    return signals.ramp(x, sensor.having("pir"), rise_counts)


def _rotation(x: Signal, angle_deg: float, sensor: Sensor, draw: Generator) -> Signal:
    return signals.turn(x, sensor.having("mg"), angle_deg, draw)


def _low_contrast(x: Signal, factor: float, sensor: Sensor, draw: Generator) -> Signal:
    return signals.gain(x, sensor.having("pir"), factor)


def _dropped(x: Signal, share: float, sensor: Sensor, draw: Generator) -> Signal:
    return signals.hold(x, share, draw)


def _clock(x: Signal, percent: float, sensor: Sensor, draw: Generator) -> Signal:
    return signals.stretch(x, 1 + percent / 100 * float(draw.choice((-1, 1))), fixed=0.0)


def _vibration(x: Signal, peak_mg: float, sensor: Sensor, draw: Generator) -> Signal:
    return signals.hum(
        x,
        sensor.having("mg"),
        peak=peak_mg,
        hz=draw.uniform(*SPIN_HZ),
        sample_rate_hz=sensor.sample_rate_hz,
        draw=draw,
    )


KINDS: dict[str, Callable[[Signal, float, Sensor, Generator], Signal]] = {
    "acc_noise": _acc_noise,
    "pir_noise": _pir_noise,
    "pir_drift": _pir_drift,
    "rotation": _rotation,
    "low_contrast": _low_contrast,
    "dropped": _dropped,
    "clock": _clock,
    "vibration": _vibration,
}
