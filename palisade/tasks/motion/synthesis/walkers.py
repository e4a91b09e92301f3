"""Bodies on their way: people who come, pass or stand, pets, and vehicles.

A way is sampled at the PIR's rate. Whoever comes into view does so within a quarter of a second,
from behind a corner, a hedge or a parked car.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from palisade.tasks.motion.synthesis.filters import passed
from palisade.tasks.motion.synthesis.lens import Body, Track, contrast_k

SKIN_C = 33.0  # mean skin temperature of a comfortable person (ISO 9886)
PET_C = 38.5  # of a cat or dog
_IN_VIEW_S = 0.25
_PET_TURNS_M = 0.5  # from the door, which is shut
_STRIDE_PER_STEP_M = 0.42  # half of a leg's swing at 1 m/s and 1 step a second and leg
_SLOWING_S = 0.5  # in which one who arrives comes to a stand


@dataclass(frozen=True)
class Person:
    """One person's way and looks.

    Attributes:
        manner: ``up``, ``across`` or ``there``.
        arrival_s: when one who walks up comes into view, or one who passes is in front of the
            door; those who stand there have come before the trace.
        bearing_deg: where one who walks up comes into view, as the sensor sees it; right is
            positive. The side that a passer-by comes from.
        distance_m: from the door: where they stop, stand, or pass at the nearest.
        end_deg: the bearing at which they stop or stand.
        speed_m_s: walking.
        walk_s: from coming into view to their stop; of one who comes up.
        oblique_deg: of a passer-by's way to the door's plane.
        step_hz: steps a second.
        height_m, width_m: of the body.
        insulation: surface of the clothes: share of the way from ambient to skin.
        sway_m: how much they move while they stand, root mean square.
        waving_hz: of an arm that knocks or works; 0 for none.
        busy_s: from when until when it does.
        footstep_n_s: what a step 1 m away gives the door.
    """

    manner: str
    arrival_s: float
    bearing_deg: float
    distance_m: float
    end_deg: float
    speed_m_s: float
    walk_s: float
    oblique_deg: float
    step_hz: float
    height_m: float
    width_m: float
    insulation: float
    sway_m: float
    waving_hz: float
    busy_s: tuple[float, float]
    footstep_n_s: float


@dataclass(frozen=True)
class Pet:
    """One animal's way and looks; ``paws`` says whether it paws at the door."""

    arrival_s: float
    distance_m: float
    bearing_deg: float
    speed_m_s: float
    height_m: float
    length_m: float
    insulation: float
    paws: bool


@dataclass(frozen=True)
class Vehicle:
    """One vehicle that passes.

    Attributes:
        passing_s: when it is in front of the door.
        distance_m, speed_m_s: of its lane, in its lane; a negative speed is leftwards.
        engine_k, body_k: contrast of its hot and of its other parts.
        swell_mg, swell_hz: the floor's vibration, at its peak.
    """

    passing_s: float
    distance_m: float
    speed_m_s: float
    engine_k: float
    body_k: float
    swell_mg: float
    swell_hz: float


@dataclass(frozen=True)
class Clock:
    """The instants at which a way is sampled; negative ones come before the trace."""

    seconds: Track
    rate_hz: float


def person(one: Person, clock: Clock, ambient_c: float, dice: Generator) -> list[Body]:
    """Torso, head, two legs and perhaps an arm."""
    away, aside, pace = _way(one, clock)
    sway = _wander(clock, one.sway_m, 0.6, dice)
    lean = _wander(clock, one.sway_m, 0.6, dice)
    phase = np.cumsum(pace) / clock.rate_hz * one.step_hz * np.pi  # pi a step
    # Walkers roll from foot to foot by some 2 to 4 cm.
    aside = aside + sway + 0.03 * pace * np.sin(phase)
    away = np.maximum(away + lean, 0.2)
    # A street is in view from end to end.
    seen = _in_view(clock, -np.inf if one.manner == "across" else one.arrival_s)
    skin = seen * contrast_k(ambient_c + 0.85 * (SKIN_C - ambient_c), ambient_c)
    cloth = seen * contrast_k(ambient_c + one.insulation * (SKIN_C - ambient_c), ambient_c)
    tall, wide = one.height_m, one.width_m
    bodies = [
        Body(away, aside, 0.47 * tall, 0.85 * tall, wide, cloth),
        Body(away, aside, 0.85 * tall, tall, 0.17, skin),
    ]
    # A leg's image crosses the lowest zones to and fro, seen from the side more than from ahead.
    across = abs(np.sin(np.deg2rad(one.bearing_deg))) if one.manner == "up" else 1.0
    swing = _STRIDE_PER_STEP_M * one.speed_m_s / one.step_hz * pace * np.sin(phase)
    for side in (-1, 1):
        leg = aside + side * (0.1 + across * swing)
        bodies.append(Body(away - side * (1 - across) * swing, leg, 0, 0.47 * tall, 0.16, cloth))
    if one.waving_hz:
        wave = 0.14 * np.sin(2 * np.pi * one.waving_hz * clock.seconds + dice.uniform(0, 2 * np.pi))
        busy = _in_view(clock, one.busy_s[0]) - _in_view(clock, one.busy_s[1])
        reach = np.maximum(away - 0.3, 0.15)
        hand = aside + 0.1 + busy * (wave + _wander(clock, 0.05, 1.0, dice))
        bodies.append(Body(reach, hand, 0.55 * tall, 0.75 * tall, 0.1, 0.5 * (skin + cloth)))
    return bodies


def steps(one: Person, clock: Clock) -> list[tuple[float, float]]:
    """When each foot falls, and how far from the door."""
    away, aside, pace = _way(one, clock)
    count = np.floor(np.cumsum(pace) / clock.rate_hz * one.step_hz)
    falls = np.flatnonzero(np.diff(count) > 0)
    return [(float(clock.seconds[n]), float(np.hypot(away[n], aside[n]))) for n in falls]


def pet(one: Pet, clock: Clock, ambient_c: float, dice: Generator) -> list[Body]:
    """A trunk that trots, turns, stops and trots on."""
    turning = np.cumsum(dice.normal(0, 1.5, len(clock.seconds))) / np.sqrt(clock.rate_hz)
    going = np.clip(0.8 + _wander(clock, 0.6, 0.8, dice), 0, 1.3) * _in_view(clock, one.arrival_s)
    # It runs past the door rather than up to it, and turns as it likes.
    bearing = np.deg2rad(one.bearing_deg)
    inward = np.pi + bearing + np.sign(bearing) * dice.uniform(0.5, 1.2)
    heading = inward + turning - turning[_first(clock, one.arrival_s)]
    step = one.speed_m_s * going / clock.rate_hz
    away = one.distance_m * np.cos(bearing) + np.cumsum(step * np.cos(heading))
    aside = one.distance_m * np.sin(bearing) + np.cumsum(step * np.sin(heading))
    away = _PET_TURNS_M + np.abs(away - _PET_TURNS_M)
    # Its length is seen as it walks across; head on it is as broad as a third of it.
    width = one.length_m * (0.33 + 0.67 * float(np.mean(np.abs(np.sin(heading)))))
    seen = _in_view(clock, one.arrival_s)
    fur = seen * contrast_k(ambient_c + one.insulation * (PET_C - ambient_c), ambient_c)
    face = seen * contrast_k(ambient_c + 0.6 * (PET_C - ambient_c), ambient_c)
    bob = 0.04 * np.sin(2 * np.pi * 2.2 * clock.seconds) * going
    nose = aside + 0.5 * width * np.sin(heading) + bob
    tall = one.height_m
    return [
        Body(away, aside, 0.3 * tall, tall, width, fur),
        Body(away, nose, 0.7 * tall, 1.25 * tall, 0.35 * tall, face),
    ]


def vehicle(one: Vehicle, clock: Clock) -> list[Body]:
    """A body, and its hot front with the engine."""
    aside = one.speed_m_s * (clock.seconds - one.passing_s)
    away = np.full_like(aside, one.distance_m)
    front = aside + 1.5 * np.sign(one.speed_m_s)
    return [
        Body(away, aside, 0.3, 1.4, 4.2, one.body_k),
        Body(away, front, 0.3, 0.9, 1.2, one.engine_k),
    ]


def _way(one: Person, clock: Clock) -> tuple[Track, Track, Track]:
    """Distance from the door, along it, and pace as a share of the walking speed."""
    since = clock.seconds - one.arrival_s
    if one.manner == "across":
        pace = np.ones_like(since)
        side, oblique = np.sign(one.bearing_deg), np.deg2rad(one.oblique_deg)
        along = -one.speed_m_s * since
        return one.distance_m + along * np.tan(oblique), side * along, pace
    end = np.deg2rad(one.end_deg)
    there = one.distance_m * np.array([np.cos(end), np.sin(end)])
    if one.manner == "there":
        still = np.zeros_like(since)
        return still + there[0], still + there[1], still
    left = (one.walk_s - since) / _SLOWING_S
    pace = np.clip(left, 0, 1) * (since > 0)
    gone = np.cumsum(pace) / clock.rate_hz * one.speed_m_s
    length = float(gone[-1]) + one.speed_m_s * max(0.0, one.walk_s - float(since[-1]))
    begin = np.deg2rad(one.bearing_deg)
    toward = np.array([np.cos(begin), np.sin(begin)])
    away = there[0] + toward[0] * (length - gone)
    return away, there[1] + toward[1] * (length - gone), pace


def _in_view(clock: Clock, arrival_s: float) -> Track:
    return np.clip((clock.seconds - arrival_s) / _IN_VIEW_S, 0, 1)


def _first(clock: Clock, at_s: float) -> int:
    """The sample at an instant, or the last."""
    return min(int(np.searchsorted(clock.seconds, at_s)), len(clock.seconds) - 1)


def _wander(clock: Clock, rms: float, below_hz: float, dice: Generator) -> Track:
    """Noise below a frequency (second order), of a root mean square."""
    lead = round(2 * clock.rate_hz / below_hz)
    white = dice.normal(0, 1, lead + len(clock.seconds))
    noise = passed(white, 2, below_hz, "low", clock.rate_hz)[lead:]
    gain = np.sqrt(clock.rate_hz / 2 / (below_hz * 1.11))  # a Butterworth's noise bandwidth
    return np.asarray(rms * gain * noise, np.float64)
