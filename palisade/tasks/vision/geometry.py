"""What a picture is, without TensorFlow."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from palisade import stage


class Params(stage.Params):
    """What a picture is."""

    image_px: int = Field(ge=16, le=96, description="side of the square picture")
    channels: Literal["grey", "colour"] = Field(description="colour is RGB")
