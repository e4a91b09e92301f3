"""What hits, pulls, strains or shakes a door, as forces in N at ``panel.RATE_HZ``.

Impulses in N s are those of a hand: the knuckles and the hand behind them, some 0.3 kg, at 0.5
to 3 m/s. Wind is a pressure on the whole door.

References:
    Simiu and Yeo, Wind Effects on Structures, 4th edition, chapter 2 (turbulence: a spectrum
    that falls with ``f^(-5/3)``) and section 4.5 (a panel averages gusts smaller than itself).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from palisade.tasks.motion.synthesis.filters import passed
from palisade.tasks.motion.synthesis.panel import RATE_HZ, Force

AIR_KG_M3 = 1.2
DOOR_M2 = 1.8
_ROUGH_HZ = (8.0, 150.0)  # of a tool on wood or metal, as it is felt at the door
_GUST_S = 1.0  # below its inverse the spectrum of a gust is flat


@dataclass(frozen=True)
class Knocks:
    """Blows of the knuckles: when, how hard, and how long each touches."""

    at_s: tuple[float, ...]
    impulse_n_s: tuple[float, ...]
    contact_ms: float


@dataclass(frozen=True)
class Work:
    """Tampering: what is done from when on, for how long.

    Attributes:
        manner: ``scrape`` alone, or with it ``lever`` or ``rattle``.
        begin_s, length_s: when.
        scrape_n, stroke_hz: root mean square force of a tool's rough contact, and its strokes.
        strength, rate_hz: N of a lever and how often it slips, or N s of a pull and how often.
        tilt_deg: by which the sensor is turned in the end, about the two level axes.
    """

    manner: str
    begin_s: float
    length_s: float
    scrape_n: float
    stroke_hz: float
    strength: float
    rate_hz: float
    tilt_deg: tuple[float, float]


@dataclass(frozen=True)
class Wind:
    """Mean wind, root mean square of its turbulence, and the door's knocks against its latch."""

    mean_m_s: float
    gust_m_s: float
    rattles: Knocks


def silence(seconds: float) -> Force:
    """No force."""
    return np.zeros(round(seconds * RATE_HZ))


def knocks(blows: Knocks, seconds: float) -> Force:
    """Half-sines, each of its impulse."""
    force = silence(seconds)
    for at_s, impulse in zip(blows.at_s, blows.impulse_n_s, strict=True):
        _strike(force, at_s, impulse, blows.contact_ms)
    return force


def work(job: Work, seconds: float, dice: Generator) -> tuple[Force, Force, Force]:
    """Forces of a tool or a hand across the door, up, and out of it."""
    across, up, out = (silence(seconds) for _ in range(3))
    times = np.arange(len(out)) / RATE_HZ
    busy = (times >= job.begin_s) & (times < job.begin_s + job.length_s)
    # Strokes of a pick, a file or a drill: rough contact noise that swells with each stroke.
    stroke = 0.4 + 0.6 * np.sin(np.pi * job.stroke_hz * (times - job.begin_s)) ** 2
    for force, share in ((across, 0.5), (up, 0.5), (out, 1.0)):
        rough = dice.normal(0, 1, len(out)) * busy * stroke
        force += share * job.scrape_n * passed(rough, 1, _ROUGH_HZ, "band", RATE_HZ) * 2
    if job.manner == "lever":
        # The force grows, and falls at once when the lever slips.
        cycle = ((times - job.begin_s) * job.rate_hz) % 1
        pull = busy * job.strength * np.clip(cycle / 0.8, 0, 1) * (cycle < 0.85)
        out += pull
        across += 0.4 * pull
    elif job.manner == "rattle":
        # A handle pulled to and fro: blows in turn against latch and frame.
        for n in range(int(job.length_s * job.rate_hz * 2)):
            at_s = job.begin_s + (n + dice.uniform(-0.15, 0.15)) / (2 * job.rate_hz)
            impulse = job.strength * float(dice.uniform(0.5, 1.2)) * (-1) ** n
            _strike(out, at_s, impulse, 8.0)
            _strike(across, at_s, 0.4 * impulse, 8.0)
            _strike(up, at_s, 0.3 * impulse, 8.0)
    return across, up, out


def wind(gusts: Wind, seconds: float, dice: Generator) -> Force:
    """Pressure of turbulent air on the door, and the blows of a door that has play."""
    lead = 4 * RATE_HZ
    count = lead + round(seconds * RATE_HZ)
    hz = np.fft.rfftfreq(count, 1 / RATE_HZ)
    # Amplitude of f^(-5/3), and a panel's averaging of gusts smaller than itself.
    shape = (1 + (hz * _GUST_S) ** 2) ** (-5 / 12)
    shape /= 1 + 2 * hz * np.sqrt(DOOR_M2) / max(gusts.mean_m_s, 1.0)
    speed = np.fft.irfft(np.fft.rfft(dice.normal(0, 1, count)) * shape, count)[lead:]
    speed *= gusts.gust_m_s / max(float(speed.std()), 1e-9)
    pressure = AIR_KG_M3 * gusts.mean_m_s * speed
    return np.asarray(pressure * DOOR_M2 + knocks(gusts.rattles, seconds), np.float64)


def _strike(force: Force, at_s: float, impulse_n_s: float, contact_ms: float) -> None:
    """Add a half-sine of that impulse; what lies outside of the trace is lost."""
    length = max(2, round(contact_ms * RATE_HZ / 1000))
    pulse = np.sin(np.pi * (np.arange(length) + 0.5) / length)
    pulse *= impulse_n_s * RATE_HZ / pulse.sum()
    begin = round(at_s * RATE_HZ)
    first, last = max(0, begin), min(len(force), begin + length)
    if first < last:
        force[first:last] += pulse[first - begin : last - begin]
