"""The motion sensors' preprocessing and front end as the device runs them."""

from __future__ import annotations

from palisade.device.frontend import FrontEnd, Motion
from palisade.device.plans import TraceParams
from palisade.device.preprocess import Plan
from palisade.stage import Stage
from palisade.tasks.motion.geometry import Params, Sensors


def front_end(this: Stage) -> FrontEnd:
    """As a stage's sections ``features``, ``threat`` and ``preprocess`` say."""
    params = this.params("features", Params)
    sensors = this.params("threat", Sensors)
    return Motion(params, sensors, plan(this))


def plan(this: Stage) -> Plan:
    """What is done to a trace first."""
    params = this.params("features", Params)
    sensors = this.params("threat", Sensors)
    low, high = sensors.rails
    return this.params("preprocess", TraceParams).plan(
        params.samples, sensors.sample_rate_hz, low, high
    )
