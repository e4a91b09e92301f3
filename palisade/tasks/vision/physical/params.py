"""Physical attacks on a camera: how large, how printed, in which light, through which lens.

The default ranges are estimates of an office printer and a small camera indoors; none was measured.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from palisade import stage
from palisade.ranges import PositiveRange, Range

Share = Annotated[float, Field(gt=0, lt=1)]


class Print(stage.Params):
    """A print, and how a camera may meet it; each draw is uniform in its range."""

    grey: Range = Field(description="of ink and of paper, full scale 1: what a printer prints")
    smoothness: float = Field(ge=0, le=10, description="weight of total variation")
    stickers: int = Field(ge=2, le=9, description="among which the same area is shared out")
    rotation_deg: float = Field(ge=0, le=90, description="largest turn, either way")
    scale: PositiveRange = Field(description="of the print's side, nearer or farther")
    brightness: PositiveRange = Field(description="of the light on it")
    shift_share: float = Field(ge=0, le=0.5, description="of the side: off its place, any way")
    blur_px: Range = Field(description="of the lens: standard deviation")
    jpeg_quality: Range = Field(description="of libjpeg")

    @field_validator("grey")
    @classmethod
    def _printable(cls, grey: list[float]) -> list[float]:
        if not 0 <= grey[0] < grey[1] <= 1:
            raise ValueError("needs 0 <= ink < paper <= 1")
        return grey


class Light(stage.Params):
    """Light and shadow, of which the worst that is tried counts."""

    tries: int = Field(ge=1, le=10000, description="members of a family that are tried")
    exposures_ev: list[Annotated[float, Field(gt=0, le=5)]] = Field(
        min_length=1, description="largest change of exposure, either way, stops"
    )
    reference_ev: float = Field(description="that of the headline figure, one of the list")
    gamma: PositiveRange = Field(description="exponent of the tone curve")
    shadows_taken: list[Share] = Field(
        min_length=1, description="share of the light that a shadow takes"
    )
    reference_taken: float = Field(description="that of the headline figure, one of the list")
    penumbra_share: Range = Field(description="softness of its edge, of the picture's side")

    @model_validator(mode="after")
    def _has_references(self) -> Light:
        if self.reference_ev not in self.exposures_ev:
            raise ValueError("reference_ev must be one of exposures_ev")
        if self.reference_taken not in self.shadows_taken:
            raise ValueError("reference_taken must be one of shadows_taken")
        return self


class Sheet(stage.Params):
    """How large a print has to be, for the room."""

    distance_m: float = Field(gt=0, le=20, description="of the print from the camera")
    field_of_view_deg: float = Field(gt=10, lt=170, description="of the picture's side")
    dpi: int = Field(ge=30, le=1200, description="dots an inch")


class Params(stage.Params):
    """Physical attacks on a camera."""

    examples: int = Field(ge=1, description="test pictures attacked, each class in proportion")
    steps: int = Field(ge=1, le=2000, description="gradients taken for a picture's own print")
    universal_steps: int = Field(ge=1, le=5000, description="and for one print for all pictures")
    universal_batch: int = Field(ge=1, le=1000, description="calibration pictures in one of them")
    universal_starts: int = Field(
        ge=1,
        le=100,
        description="random starts; that worth most to those pictures counts",
    )
    person: str = Field(min_length=1, description="the class that prints hide and feign")
    areas_percent: list[Annotated[float, Field(gt=0, le=30)]] = Field(
        min_length=1, description="of the picture, that prints cover at scale 1"
    )
    reference_percent: float = Field(description="that of the headline figures, one of the list")
    prints: Print
    light: Light
    sheet: Sheet

    @model_validator(mode="after")
    def _has_reference(self) -> Params:
        if self.reference_percent not in self.areas_percent:
            raise ValueError("reference_percent must be one of areas_percent")
        return self
