"""The camera's preprocessing and front end as the device runs them."""

from __future__ import annotations

from palisade.device.frontend import CHANNELS, FrontEnd, Vision
from palisade.device.plans import PictureParams
from palisade.device.preprocess import Plan
from palisade.stage import Stage
from palisade.tasks.vision.geometry import Params


def front_end(this: Stage) -> FrontEnd:
    """As a stage's sections ``features`` and ``preprocess`` say."""
    params = this.params("features", Params)
    return Vision(params, plan(this))


def plan(this: Stage) -> Plan:
    """What is done to a picture first."""
    params = this.params("features", Params)
    side_px, channels = params.image_px, CHANNELS[params.channels]
    return this.params("preprocess", PictureParams).plan(side_px, side_px, channels)
