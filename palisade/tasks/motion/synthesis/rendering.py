"""A drawn trace as the sensors deliver it."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from palisade import seeds
from palisade.tasks.motion.synthesis import detector, forces, lens, panel, walkers
from palisade.tasks.motion.synthesis.forces import Knocks
from palisade.tasks.motion.synthesis.home import Home
from palisade.tasks.motion.synthesis.lens import Track
from palisade.tasks.motion.synthesis.panel import Axes
from palisade.tasks.motion.synthesis.params import Wake
from palisade.tasks.motion.synthesis.trace import Trace
from palisade.tasks.motion.synthesis.walkers import Clock

PIR_RATE_HZ = 100
LEAD_S = 2.0  # simulated before the trace begins, so that filters have settled
_GRAVITY_MG = 1000.0
_RANGE_MG = 2000.0
_FOOT_MS = 25.0  # a heel's touch


def render(one: Trace, where: Home, *, rate_hz: int, seed: int) -> NDArray[np.int32]:
    """``[samples, 4]`` int32: three axes in mg and the PIR in counts.

    Args:
        one: what was drawn.
        where: its home.
        rate_hz: of the samples.
        seed: the root seed.
    """

    def dice(part: str) -> Generator:
        return seeds.generator(seed, "synthesize", one.split, one.name, part, one.tries)

    count = round(one.seconds * rate_hz)
    pir = _pir(one, where, dice("pir"))[:: PIR_RATE_HZ // rate_hz][-count:]
    acc = _acceleration(one, where, rate_hz, dice("acc"))[-count:]
    both = np.concatenate([acc, pir[:, np.newaxis]], axis=1)
    return np.asarray(np.rint(both), np.int32)


def wakes(samples: NDArray[np.int32], params: Wake) -> bool:
    """Whether ``[samples, 4]`` reach a threshold of the PIR or of the accelerometer."""
    pir = np.abs(samples[:, 3] - detector.REST_COUNTS).max()
    acc = np.abs(samples[:, :3] - samples[:, :3].mean(axis=0)).max()
    by_pir = pir >= params.pir_share * detector.FULL_SCALE_COUNTS
    return bool(by_pir or acc >= params.acc_mg)


def _pir(one: Trace, where: Home, dice: Generator) -> Track:
    count = round((LEAD_S + one.seconds) * PIR_RATE_HZ)
    seconds = (np.arange(count) + 1) / PIR_RATE_HZ - LEAD_S
    clock = Clock(seconds, PIR_RATE_HZ)
    bodies = []
    if one.person is not None:
        bodies += walkers.person(one.person, clock, one.ambient_c, dice)
    if one.pet is not None:
        bodies += walkers.pet(one.pet, clock, one.ambient_c, dice)
    if one.vehicle is not None:
        bodies += walkers.vehicle(one.vehicle, clock)
    seen = np.zeros(count)
    if bodies:
        seen = lens.flux(where.lens, bodies, sensor_height_m=where.sensor_height_m)
    counts = detector.voltage(where.detector, seen, PIR_RATE_HZ)
    turn = 2 * np.pi * one.drift_hz * seconds + one.drift_rad
    counts += one.drift_counts * np.sin(turn)
    counts += detector.noise(where.detector, count, PIR_RATE_HZ, dice)
    return detector.converted(counts)


def _acceleration(one: Trace, where: Home, rate_hz: int, dice: Generator) -> Axes:
    """``[time, 3]`` mg on the accelerometer's axes, saturated."""
    seconds = LEAD_S + one.seconds
    pushed = [forces.silence(seconds) for _ in range(3)]
    for blows in (one.knocks, one.thumps, _footsteps(one, dice)):
        if blows is not None:
            pushed[2] += forces.knocks(_later(blows), seconds)
    if one.wind is not None:
        pushed[2] += forces.wind(one.wind, seconds, dice)
    if one.pet is not None and one.pet.paws:
        pushed[2] += _pawing(one.pet.arrival_s + LEAD_S, seconds, dice)
    if one.work is not None:
        job = forces.Work(**{**vars(one.work), "begin_s": one.work.begin_s + LEAD_S})
        for axis, force in enumerate(forces.work(job, seconds, dice)):
            pushed[axis] += force
    moved = panel.answer(where.modes, pushed)
    # A blow turns the door a little in its plane too: a tenth, by the play of the hinges.
    moved[:, :2] += 0.1 * moved[:, 2:] * dice.uniform(-1, 1, 2)
    if one.vehicle is not None:
        moved += _swell(one, seconds, dice)
    up = _gravity(one, len(moved))
    acc = panel.sampled(moved + up, rate_hz) @ where.axes.T * where.acc_gain
    # Noise within the filter's band, half of the output rate.
    noise_mg = where.acc_noise_ug / 1000 * np.sqrt(rate_hz / 2)
    acc = acc + where.acc_offset_mg + dice.normal(0, noise_mg, acc.shape)
    return np.clip(acc, -_RANGE_MG, _RANGE_MG)


def _gravity(one: Trace, count: int) -> Axes:
    """``[time, 3]`` gravity across the door, up and out of it; tampering turns the sensor."""
    times = np.arange(count) / panel.RATE_HZ - LEAD_S
    turned = np.zeros((count, 2))
    if one.work is not None:
        share = np.clip((times - one.work.begin_s) / one.work.length_s, 0, 1)
        # It gives way in three steps rather than evenly.
        turned = (np.floor(share * 3) / 3)[:, np.newaxis] * np.deg2rad(one.work.tilt_deg)
    sines = np.sin(turned)
    level = np.sqrt(np.maximum(1 - (sines**2).sum(axis=1), 0))
    return _GRAVITY_MG * np.stack([sines[:, 0], level, sines[:, 1]], axis=1)


def _footsteps(one: Trace, dice: Generator) -> Knocks | None:
    """Steps of one who walks, through the floor; weaker with the root of the distance."""
    if one.person is None or one.person.manner == "there":
        return None
    count = round(one.seconds * PIR_RATE_HZ)
    clock = Clock(np.arange(count) / PIR_RATE_HZ, PIR_RATE_HZ)
    falls = walkers.steps(one.person, clock)
    strong = one.person.footstep_n_s * dice.uniform(0.7, 1.3, len(falls))
    return Knocks(
        at_s=tuple(at_s for at_s, _ in falls),
        impulse_n_s=tuple(
            float(impulse / np.sqrt(max(away_m, 0.5)))
            for impulse, (_, away_m) in zip(strong, falls, strict=True)
        ),
        contact_ms=_FOOT_MS,
    )


def _pawing(begin_s: float, seconds: float, dice: Generator) -> NDArray[np.float64]:
    strokes = int(dice.integers(2, 7))
    at_s = begin_s + 0.4 + np.cumsum(dice.uniform(0.15, 0.4, strokes))
    blows = Knocks(tuple(at_s), tuple(dice.uniform(0.01, 0.06, strokes)), 20.0)
    return forces.knocks(blows, seconds)


def _later(blows: Knocks) -> Knocks:
    return Knocks(tuple(at_s + LEAD_S for at_s in blows.at_s), blows.impulse_n_s, blows.contact_ms)


def _swell(one: Trace, seconds: float, dice: Generator) -> Axes:
    """``[time, 3]`` mg: the ground under a vehicle that passes, upright more than level."""
    assert one.vehicle is not None
    times = np.arange(round(seconds * panel.RATE_HZ)) / panel.RATE_HZ - LEAD_S
    width_s = one.vehicle.distance_m / abs(one.vehicle.speed_m_s)
    swell = np.exp(-0.5 * ((times - one.vehicle.passing_s) / width_s) ** 2)
    turn = 2 * np.pi * one.vehicle.swell_hz * times
    turn = turn + np.cumsum(dice.normal(0, 0.05, len(times)))  # no engine keeps its phase
    wave = one.vehicle.swell_mg * swell * np.sin(turn)
    return np.asarray(wave[:, np.newaxis] * np.array([0.4, 1.0, 0.6]), np.float64)
