"""The differentiable twin of what the device does to raw samples first."""

from __future__ import annotations

from palisade.preprocessing import PerCount, Twin
from palisade.stage import Stage
from palisade.tasks.motion import onboard
from palisade.tasks.motion.geometry import Sensors


def twin(this: Stage) -> Twin:
    """The preprocessing, differentiable, on signals as the threat has them."""
    sensors = this.params("threat", Sensors)
    return Twin(onboard.plan(this), PerCount(sensors.mg_per_count))
