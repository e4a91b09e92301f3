"""The knobs of the synthetic corpus of pictures."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from palisade import stage
from palisade.ranges import PositiveRange, Range

Share = Annotated[float, Field(ge=0, le=1)]
_Weights = Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=3, max_length=3)]


class Amounts(stage.Params):
    """How much there is of one split."""

    person_images: int = Field(ge=1, description="with somebody in them")
    nobody_images: int = Field(ge=1, description="without")
    homes: int = Field(ge=1, description="places, and cameras, seen in this split alone")


class Homes(stage.Params):
    """What is drawn for each home: where its camera hangs and what it is like."""

    focal: PositiveRange = Field(description="focal length in image heights")
    camera_m: PositiveRange = Field(description="height of the lens over the ground")
    horizon: PositiveRange = Field(description="its row, from the top, share of the height")
    backdrop_m: PositiveRange = Field(description="distance of the wall, fence or hedge behind")
    barrel: Range = Field(description="of the lens: how much nearer the edge's content moves in")
    vignette: Range = Field(description="light that is lost in the corners, share")
    blur_px: Range = Field(description="standard deviation of the lens' blur")
    infrared_share: Share = Field(description="of homes without a lamp: infrared at night")

    @model_validator(mode="after")
    def _possible(self) -> Homes:
        if self.horizon[1] >= 1:
            raise ValueError("the horizon must lie within the image, below 1")
        if not 0 <= self.barrel[0] <= self.barrel[1] <= 0.5:
            raise ValueError("write barrel as shares from 0 to 0.5")
        if not 0 <= self.vignette[0] <= self.vignette[1] <= 1:
            raise ValueError("write vignette as shares from 0 to 1")
        if self.blur_px[0] < 0:
            raise ValueError("write blur_px from 0")
        return self


class People(stage.Params):
    """What is drawn for each person, and for whatever stands in one's place."""

    number_weights: _Weights = Field(description="of one, two and three in a picture")
    distance_m: PositiveRange = Field(description="from the camera; its logarithm is uniform")
    across: Range = Field(description="where the middle stands, share of the image's width")
    height_m: PositiveRange = Field(description="of a person")
    build: PositiveRange = Field(description="breadth against that of an average person")
    lean: Range = Field(description="sideways, per unit of height")
    tone: PositiveRange = Field(description="grey of cloth, 0 is black")
    skin: PositiveRange = Field(description="grey of skin, 0 is black")
    pattern_share: Share = Field(description="whose clothes have a pattern")
    hat_share: Share = Field(description="who wear a hat, a helmet or a hood")
    umbrella_share: Share = Field(description="who hold an umbrella; thrice as many in rain")
    carrying_share: Share = Field(description="who carry a parcel, a bag or a rucksack")

    @model_validator(mode="after")
    def _somebody(self) -> People:
        if sum(self.number_weights) <= 0:
            raise ValueError("one of number_weights must be above 0")
        return self


class Things(stage.Params):
    """What else there is, as often with somebody as without."""

    lookalike_weights: _Weights = Field(
        description="of none, one and two coat stands, posters and shadows in a picture"
    )
    pet_share: Share = Field(description="pictures with a cat or a dog")
    litter_share: Share = Field(description="pictures with a parcel, a bin or a pot beside")
    car_share: Share = Field(description="pictures with a car, where there is a street")
    hidden_share: Share = Field(description="pictures with a post, a hedge or a parcel before all")

    @model_validator(mode="after")
    def _any(self) -> Things:
        if sum(self.lookalike_weights) <= 0:
            raise ValueError("one of lookalike_weights must be above 0")
        return self


class Light(stage.Params):
    """What is drawn for each picture of its light, weather and electronics."""

    light_weights: _Weights = Field(description="of day, dusk and night")
    weather_weights: _Weights = Field(description="of calm, wind and rain")
    sun_share: Share = Field(description="of days with a sun that casts shadows")
    backlight_share: Share = Field(description="of days and dusks with the light behind")
    brightness: PositiveRange = Field(description="mean that the exposure aims at, 1 is white")
    contrast_least: Share = Field(description="between a thing and what is behind it")
    defocus_px: Range = Field(description="standard deviation of blur beside the lens' own")
    sharpening: Range = Field(description="of the camera: how much of the finest detail it adds")
    noise: PositiveRange = Field(description="of the sensor by day, standard deviation, 1 is white")
    night_noise: PositiveRange = Field(description="the same by night")
    jpeg_quality: PositiveRange = Field(description="of the compression, 1 to 95")

    @model_validator(mode="after")
    def _possible(self) -> Light:
        for name in ("light_weights", "weather_weights"):
            if sum(getattr(self, name)) <= 0:
                raise ValueError(f"one of {name} must be above 0")
        if not 1 <= self.jpeg_quality[0] <= self.jpeg_quality[1] <= 95:
            raise ValueError("write jpeg_quality from 1 to 95")
        if self.brightness[1] >= 1 or self.defocus_px[0] < 0:
            raise ValueError("write brightness below 1 and defocus_px from 0")
        return self


class Material(stage.Params):
    """A team's own pictures, where there are any."""

    background_share: Share = Field(description="of homes before a background of the team's")
    cutout_share: Share = Field(description="of persons that are a cut-out of the team's")
    largest_megapixels: float = Field(gt=0, le=200, description="an image above it is refused")


class Params(stage.Params):
    """The synthetic corpus."""

    image_px: int = Field(ge=32, le=96, description="width and height of a picture")
    oversampling: int = Field(ge=1, le=4, description="drawn so much larger, then scaled down")
    frames_per_event: int = Field(ge=1, le=16, description="pictures of an event")
    passer_by_m: PositiveRange = Field(description="how far off one passes by")
    visible_least: float = Field(
        ge=0, le=0.2, description="share of the image in which the foremost must show"
    )
    homes: Homes
    people: People
    things: Things
    light: Light
    material: Material
    train: Amounts
    validation: Amounts
    calibration: Amounts
    test: Amounts

    @model_validator(mode="after")
    def _in_front(self) -> Params:
        farthest = max(self.people.distance_m[1], self.passer_by_m[1])
        if farthest >= self.homes.backdrop_m[0]:
            raise ValueError("homes.backdrop_m must be farther than any person")
        return self
