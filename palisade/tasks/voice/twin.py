"""The differentiable twin of what the device does to raw samples first."""

from __future__ import annotations

from palisade.preprocessing import FullScale, Twin
from palisade.stage import Stage
from palisade.tasks.voice import onboard


def twin(this: Stage) -> Twin:
    """The preprocessing, differentiable, on signals as the threat has them."""
    return Twin(onboard.plan(this), FullScale(32768.0))
