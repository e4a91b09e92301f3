"""The microphone's preprocessing and front end as the device runs them."""

from __future__ import annotations

from palisade.device.frontend import FrontEnd, Voice
from palisade.device.plans import SoundParams
from palisade.device.preprocess import Plan
from palisade.stage import Stage
from palisade.tasks.voice.geometry import Params


def front_end(this: Stage) -> FrontEnd:
    """As a stage's sections ``features`` and ``preprocess`` say."""
    params = this.params("features", Params)
    return Voice(params, plan(this))


def plan(this: Stage) -> Plan:
    """What is done to a clip first."""
    params = this.params("features", Params)
    return this.params("preprocess", SoundParams).plan(params.samples, params.sample_rate_hz)
