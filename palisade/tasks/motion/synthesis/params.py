"""The knobs of the synthetic corpus. Each is drawn uniformly between two bounds."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from palisade import stage
from palisade.ranges import PositiveRange, Range


class Amounts(stage.Params):
    """How much there is of one split."""

    class_traces: int = Field(ge=1, description="traces of each class")
    homes: int = Field(ge=1, description="homes that they come from, in this split alone")


class Homes(stage.Params):
    """What is drawn for a home: its climate, its door, and the sensors on it."""

    climate_c: Range = Field(description="usual temperature outside the door")
    sensor_height_m: PositiveRange = Field(description="of the sensors above the ground")
    mounting_deg: Range = Field(description="off the upright, about each axis")
    far_facets: PositiveRange = Field(description="of the lens, in its row that looks far")
    field_deg: PositiveRange = Field(description="that this row covers, from side to side")
    element_deg: PositiveRange = Field(description="width of one element's zone")
    rated_m: PositiveRange = Field(description="distance that the PIR's gain is set for")
    pir_gain: PositiveRange = Field(description="of a specimen, as a share of the one set")
    pir_noise_counts: PositiveRange = Field(description="root mean square")
    thermal_ms: PositiveRange = Field(description="time constant of the pyroelectric element")
    low_cut_hz: PositiveRange = Field(description="of each of the PIR's two high-passes")
    high_cut_hz: PositiveRange = Field(description="of its amplifier's low-pass")
    acc_noise_ug: PositiveRange = Field(description="accelerometer's noise, a square root of Hz")
    acc_offset_mg: Range = Field(description="zero-g offset of each axis")
    acc_gain: PositiveRange = Field(description="sensitivity of each axis, as a share")
    door_kg: PositiveRange = Field(description="mass of the door")
    rocking_hz: PositiveRange = Field(description="of the door on its latch, seal and hinges")
    bending_hz: PositiveRange = Field(description="of the panel's lowest mode")
    rocking_damping: PositiveRange = Field(description="of rocking: the seal's, of the critical")
    bending_damping: PositiveRange = Field(description="of bending, as a share of the critical")


class People(stage.Params):
    """Those who walk up, pass by, knock, or work at the lock."""

    height_m: PositiveRange = Field(description="of a body")
    width_m: PositiveRange = Field(description="of its torso, clothed")
    insulation: PositiveRange = Field(description="clothes' surface: share of skin to ambient")
    step_hz: PositiveRange = Field(description="steps a second, walking")
    walking_m_s: PositiveRange = Field(description="of a visitor")
    passing_m_s: PositiveRange = Field(description="of a passer-by")
    passing_m: PositiveRange = Field(description="of a passer-by from the door, at the nearest")
    footstep_n_s: PositiveRange = Field(description="impulse that a step 1 m away gives the door")


class Pets(stage.Params):
    """Cats and dogs."""

    height_m: PositiveRange = Field(description="of the back")
    length_m: PositiveRange = Field(description="of the trunk")
    insulation: PositiveRange = Field(description="fur's surface: share of body to ambient")
    speed_m_s: PositiveRange = Field(description="while it walks or runs")
    distance_m: PositiveRange = Field(description="from the door, when it comes into view")
    pawing_share: float = Field(ge=0, le=1, description="that paw at the door")


class Blows(stage.Params):
    """What hits or strains the door."""

    knock_n_s: PositiveRange = Field(description="impulse of one blow of the knuckles")
    knock_interval_ms: PositiveRange = Field(description="from blow to blow")
    rattle_n_s: PositiveRange = Field(description="impulse of a door pulled to and fro")
    scrape_n: PositiveRange = Field(description="root mean square force of a tool that scrapes")
    lever_n: PositiveRange = Field(description="force of a lever before it slips")
    tilt_deg: Range = Field(
        description="by which tampering turns the sensor, about each level axis"
    )


class Weather(stage.Params):
    """Wind, sun and vehicles."""

    wind_m_s: PositiveRange = Field(description="mean wind, where there is wind")
    turbulence: PositiveRange = Field(description="gusts' root mean square, share of the mean")
    vehicle_m: PositiveRange = Field(description="of a vehicle's lane from the door")
    vehicle_m_s: PositiveRange = Field(description="of a vehicle")
    vehicle_mg: PositiveRange = Field(description="peak of the floor's swell")
    drift_counts: Range = Field(description="of the PIR under sun, heating and draught")


class Wake(stage.Params):
    """What makes the device record a trace; a trace of nothing it records by the clock.

    What does not reach either threshold is drawn again.
    """

    pir_share: float = Field(ge=0, le=0.4, description="of full scale, from rest; 0: always")
    acc_mg: float = Field(ge=0, le=1000, description="from the mean, on any axis; 0: always")
    tries: int = Field(ge=1, le=100, description="draws, of which the last is kept in any case")


class Params(stage.Params):
    """The synthetic corpus."""

    sample_rate_hz: Literal[20, 25, 50, 100] = Field(description="of the traces")
    trace_s: float = Field(ge=1, le=30, description="length of a trace")
    homes: Homes
    people: People
    pets: Pets
    blows: Blows
    weather: Weather
    wake: Wake
    train: Amounts
    validation: Amounts
    calibration: Amounts
    test: Amounts
