"""One trace's random choices, drawn by name from the seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from palisade import seeds
from palisade.ranges import between
from palisade.tasks.motion.samples import labels
from palisade.tasks.motion.synthesis.forces import Knocks, Wind, Work
from palisade.tasks.motion.synthesis.home import Home
from palisade.tasks.motion.synthesis.params import Params
from palisade.tasks.motion.synthesis.walkers import Person, Pet, Vehicle

ARRIVAL_SHARE = (0.1, 0.6)  # of the trace, as of an event (palisade/scenes/events.py)
STOP_M = (0.8, 2.5)  # likewise: how near the door a visitor comes
_ARM_M = (0.4, 0.8)  # from the door, of one who knocks or works at it
_WALK_S = (0.8, 2.0)  # in view, until the stop
# Where they come from, to either side: a visitor is met on the path that leads to the door, an
# animal comes along the house.
_PATH_DEG, _HOUSE_DEG = (0.0, 10.0), (45.0, 70.0)
_WEATHER_SPREAD_C = 6.0
# How often what passes is to be met in a trace of traffic; one of the three is always there.
_TRAFFIC = {"person": 0.75, "wind": 0.3, "vehicle": 0.25}
_BYSTANDING_WIND = 0.15  # of the other traces: a light wind
_THUMPS = 0.15  # of the traces: somebody walks or shuts something inside the house


@dataclass(frozen=True)
class Trace:
    """What was drawn for one trace; None for what is not in it.

    Attributes:
        split, label: as in the corpus.
        name: unique in the corpus.
        tries: how often it was drawn until it woke the device.
        home: in which it is.
        seconds: its length.
        ambient_c: temperature outside.
        drift_counts, drift_hz, drift_rad: the PIR's slow drift.
        thumps: blows inside the house, as the door feels them.
        person, pet, vehicle, wind, knocks, work: who and what is there.
    """

    split: str
    label: str
    name: str
    tries: int
    home: str
    seconds: float
    ambient_c: float
    drift_counts: float
    drift_hz: float
    drift_rad: float
    thumps: Knocks | None = None
    person: Person | None = None
    pet: Pet | None = None
    vehicle: Vehicle | None = None
    wind: Wind | None = None
    knocks: Knocks | None = None
    work: Work | None = None


@dataclass(frozen=True)
class Moment:
    """What is fixed before a trace is drawn.

    Attributes:
        split, label, name: of the trace.
        seconds: its length.
        arrival_s: when what happens begins; None where it is drawn.
        distance_m: how near a visitor comes; None where it is drawn.
        wind, sun: whether there is any; None where it is drawn.
        passing: who or what passes in traffic; None where it is drawn.
    """

    split: str
    label: str
    name: str
    seconds: float
    arrival_s: float | None = None
    distance_m: float | None = None
    wind: bool | None = None
    sun: bool | None = None
    passing: frozenset[str] | None = None


def draw(moment: Moment, home: Home, params: Params, *, tries: int, seed: int) -> Trace:
    """Draw a trace of a class in a home, for the first time or again."""
    dice = seeds.generator(seed, "synthesize", moment.split, moment.name, "trace", tries)
    arrival_s = round(float(dice.uniform(*ARRIVAL_SHARE)) * moment.seconds, 3)
    arrival_s = arrival_s if moment.arrival_s is None else moment.arrival_s
    stop_m = round(float(dice.uniform(*STOP_M)), 3)
    stop_m = stop_m if moment.distance_m is None else moment.distance_m
    sun = bool(dice.random() < 0.5) if moment.sun is None else moment.sun
    windy = bool(dice.random() < _BYSTANDING_WIND) if moment.wind is None else moment.wind
    traffic = _traffic(dice) if moment.passing is None else moment.passing
    there = traffic if moment.label == labels.TRAFFIC else frozenset[str]()
    thumps = _thumps(params, moment.seconds, dice)
    wind_share = 1.0 if "wind" in there else 0.4 * windy
    return Trace(
        split=moment.split,
        label=moment.label,
        name=moment.name,
        tries=tries,
        home=home.name,
        seconds=moment.seconds,
        ambient_c=_round(home.climate_c + dice.uniform(-1, 1) * _WEATHER_SPREAD_C),
        drift_counts=_round(between(params.weather.drift_counts, dice) * (1.0 if sun else 0.4)),
        drift_hz=_round(dice.uniform(0.02, 0.25)),
        drift_rad=_round(dice.uniform(0, 2 * np.pi)),
        thumps=thumps,
        person=_person(moment.label, there, arrival_s, stop_m, params, dice),
        pet=_pet(arrival_s, params, dice) if moment.label == labels.PET else None,
        vehicle=_vehicle(arrival_s, params, dice) if "vehicle" in there else None,
        wind=_wind(wind_share, moment.seconds, params, dice) if wind_share else None,
        knocks=_knocks(arrival_s, params, dice) if moment.label == labels.KNOCK else None,
        work=_work(moment, arrival_s, params, dice),
    )


def _traffic(dice: Generator) -> frozenset[str]:
    shares = np.array(list(_TRAFFIC.values()))
    met = dice.random(len(shares)) < shares
    if not met.any():
        met[dice.choice(len(shares), p=shares / shares.sum())] = True
    return frozenset(what for what, there in zip(_TRAFFIC, met, strict=True) if there)


def _person(
    label: str,
    traffic: frozenset[str],
    arrival_s: float,
    stop_m: float,
    params: Params,
    dice: Generator,
) -> Person | None:
    manner = {labels.PERSON: "up", labels.KNOCK: "there", labels.TAMPERING: "there"}.get(label)
    manner = "across" if "person" in traffic else manner
    people = params.people
    up, there = manner == "up", manner == "there"
    bearing = dice.uniform(*_PATH_DEG) * dice.choice((-1, 1))
    # The lock is beside the sensor, at the door's edge; one who knocks stands before it.
    aside = (15, 45) if label == labels.TAMPERING else (0, 10)
    end = dice.uniform(*aside) * dice.choice((-1, 1))
    distances = _ARM_M if there else people.passing_m
    one = Person(
        manner=manner or "",
        arrival_s=-60.0 if there else _round(arrival_s + (0.0 if up else dice.uniform(-0.5, 1))),
        bearing_deg=_round(bearing),
        distance_m=stop_m if up else _round(dice.uniform(*distances)),
        end_deg=_round(end),
        speed_m_s=_round(between(people.walking_m_s if up else people.passing_m_s, dice)),
        walk_s=_round(dice.uniform(*_WALK_S)),
        oblique_deg=_round(dice.uniform(-15, 15)),
        step_hz=_round(between(people.step_hz, dice)),
        height_m=_round(between(people.height_m, dice)),
        width_m=_round(between(people.width_m, dice)),
        insulation=_round(between(people.insulation, dice)),
        sway_m=_round(dice.uniform(0.003, 0.015)),
        waving_hz=_round(dice.uniform(0.5, 2.5)) if there else 0.0,
        busy_s=(_round(arrival_s - 0.4), _round(arrival_s + dice.uniform(0.8, 2.0))),
        footstep_n_s=_round(between(people.footstep_n_s, dice)),
    )
    return one if manner else None


def _pet(arrival_s: float, params: Params, dice: Generator) -> Pet:
    pets = params.pets
    height_m = between(pets.height_m, dice)
    low, high = pets.length_m
    return Pet(
        arrival_s=arrival_s,
        distance_m=_round(between(pets.distance_m, dice)),
        bearing_deg=_round(dice.uniform(*_HOUSE_DEG) * dice.choice((-1, 1))),
        speed_m_s=_round(between(pets.speed_m_s, dice)),
        height_m=_round(height_m),
        length_m=_round(np.clip(height_m * dice.uniform(1.3, 1.8), low, high)),
        insulation=_round(between(pets.insulation, dice)),
        paws=bool(dice.random() < pets.pawing_share),
    )


def _vehicle(arrival_s: float, params: Params, dice: Generator) -> Vehicle:
    weather = params.weather
    speed_m_s = between(weather.vehicle_m_s, dice) * dice.choice((-1, 1))
    return Vehicle(
        passing_s=_round(arrival_s + dice.uniform(0.2, 1.2)),
        distance_m=_round(between(weather.vehicle_m, dice)),
        speed_m_s=_round(speed_m_s),
        engine_k=_round(dice.uniform(2, 12)),
        body_k=_round(dice.uniform(-4, 4)),  # a roof that faces the sky is cold, a sunny one warm
        swell_mg=_round(between(weather.vehicle_mg, dice)),
        swell_hz=_round(dice.uniform(5, 20)),
    )


def _wind(share: float, seconds: float, params: Params, dice: Generator) -> Wind:
    weather = params.weather
    blows = int(dice.poisson(0.8)) if share == 1.0 else 0
    mean_m_s = between(weather.wind_m_s, dice)
    return Wind(
        mean_m_s=_round(share * mean_m_s),
        gust_m_s=_round(share * mean_m_s * between(weather.turbulence, dice)),
        rattles=Knocks(
            at_s=_rounded(np.sort(dice.uniform(0, seconds, blows))),
            # A door with 1 to 2 mm of play meets its frame at some 0.01 m/s with all its mass.
            impulse_n_s=_rounded(dice.uniform(0.05, 0.35, blows)),
            contact_ms=_round(dice.uniform(5, 12)),
        ),
    )


def _knocks(arrival_s: float, params: Params, dice: Generator) -> Knocks:
    blows = int(dice.integers(2, 5))
    gaps = between(params.blows.knock_interval_ms, dice) / 1000 * dice.uniform(0.85, 1.15, blows)
    # The knuckles are there a moment after the arm is raised; late ones come closer together.
    at_s = arrival_s + np.concatenate([[0.0], np.cumsum(gaps[1:])])
    strength = between(params.blows.knock_n_s, dice)
    return Knocks(
        at_s=_rounded(at_s),
        impulse_n_s=_rounded(strength * dice.uniform(0.7, 1.3, blows)),
        contact_ms=_round(dice.uniform(3, 9)),
    )


def _work(moment: Moment, arrival_s: float, params: Params, dice: Generator) -> Work | None:
    manner = str(dice.choice(("scrape", "lever", "rattle")))
    blows = params.blows
    strength, rate_hz = {
        "scrape": (0.0, 0.0),
        "lever": (between(blows.lever_n, dice), dice.uniform(0.6, 1.5)),
        "rattle": (between(blows.rattle_n_s, dice), dice.uniform(2.5, 6.0)),
    }[manner]
    tilt = [between(blows.tilt_deg, dice) for _ in range(2)]
    job = Work(
        manner=manner,
        begin_s=arrival_s,
        length_s=_round(dice.uniform(0.7, 1.2) * (moment.seconds - arrival_s)),
        scrape_n=_round(between(blows.scrape_n, dice)),
        stroke_hz=_round(dice.uniform(1.5, 4.0)),
        strength=_round(strength),
        rate_hz=_round(rate_hz),
        tilt_deg=(_round(tilt[0]), _round(tilt[1])),
    )
    return job if moment.label == labels.TAMPERING else None


def _thumps(params: Params, seconds: float, dice: Generator) -> Knocks | None:
    count = int(dice.integers(1, 4))
    step = between(params.people.footstep_n_s, dice)
    blows = Knocks(
        at_s=_rounded(np.sort(dice.uniform(0, seconds, count))),
        impulse_n_s=_rounded(step * dice.uniform(0.5, 2, count)),
        contact_ms=_round(dice.uniform(15, 40)),
    )
    return blows if dice.random() < _THUMPS else None


def _rounded(values: Sequence[float] | np.ndarray) -> tuple[float, ...]:
    return tuple(_round(value) for value in values)


def _round(value: float) -> float:
    """Three decimals, so that the manifest tells the very values."""
    return round(float(value), 3)
