"""What attacks on motion sensors need in a real room: a waveform to drive, and what to do."""

from __future__ import annotations

import io
from functools import partial

import numpy as np
import scipy.signal
import soundfile
from numpy.typing import NDArray

from palisade.physical import aims
from palisade.physical.contest import Contest
from palisade.tasks.motion.physical import attacks, waves
from palisade.tasks.motion.physical.params import Params

PLAYED_HZ = 16000  # of the WAV files: exciters are driven by audio amplifiers
PEAK = 10 ** (-3 / 20)


def contents(contest: Contest[Params]) -> dict[str, bytes]:
    """The exciter's waveform: a WAV file an axis, and all axes in mg as CSV."""
    units = attacks.sensors(contest).units
    if "mg" not in units:
        return {}
    source = attacks.exciter(contest)
    craft = aims.by_severity(contest.target.aims, partial(waves.universal, contest, source))
    *_, (_, made) = craft(contest.params.reference_mg)
    wave = made[0]
    axes = wave[:, attacks.having(source.sensors, "mg")]
    largest = max(float(np.abs(axes).max()), 1e-9)
    rate_hz = source.sensors.sample_rate_hz
    found = {
        f"universal_vibration_axis{number}.wav": _wav(axis / largest, rate_hz)
        for number, axis in enumerate(axes.T)
    }
    return {**found, "universal_vibration_mg.csv": _csv(axes, rate_hz)}


def protocol(contest: Contest[Params]) -> str:
    """Set-up, levels, and what to do before the sensors."""
    params, meant = contest.params, attacks.sensors(contest)
    seconds = contest.scored.x.shape[1] / meant.sample_rate_hz
    return f"""
universal_vibration_axis*.wav ({PLAYED_HZ} Hz, 16 bits, mono, 100 % is the largest of all axes at
-3 dBFS) drive one exciter an axis, through an audio amplifier that passes
{params.vibration_hz[0]:g} to {params.vibration_hz[1]:g} Hz; universal_vibration_mg.csv says which
acceleration the device should then measure. With one exciter, drive axis 0 along the door's normal.

## Set-up

Mount the device on a door as it will hang. Record whole traces of {seconds:g} s.

| attack | what to do |
|---|---|
| none | each class as in the corpus: a visitor walks up and stays, knocks, a pet, nobody |
| universal_vibration | exciter by the device, peak {params.reference_mg:g} mg by its own reading |
| heat_source | nobody: move a heat pack, hair dryer or lamp of 60 W across the lens at 1 to 3 m |
| slow_approach | walk up at {params.reference_rate:.0%} of an ordinary pace, softly |
| masking | cover the PIR with glass, clear tape or hair spray, then walk up |
| stuck | hold the sensors' lines (pull-up, pull-down, or a bus without an answer), then walk up |

Repeat each at least 30 times, at two temperatures, with three persons.

## What to record

CSV as in the corpus: a line of column names, then a trace a row, in columns <channel>_<n>.
"""


def _wav(axis: NDArray[np.float32], rate_hz: float) -> bytes:
    """One pass of a waveform of peak 1, at the rate of sound."""
    played = scipy.signal.resample(axis, round(len(axis) * PLAYED_HZ / rate_hz))
    steps = np.rint(np.clip(played * PEAK, -1, 1) * np.iinfo(np.int16).max)
    written = io.BytesIO()
    soundfile.write(written, steps.astype(np.int16), PLAYED_HZ, format="WAV", subtype="PCM_16")
    return written.getvalue()


def _csv(axes: NDArray[np.float32], rate_hz: float) -> bytes:
    names = ["ms", *(f"axis{number}_mg" for number in range(axes.shape[1]))]
    rows = [
        ",".join([f"{1000 * place / rate_hz:g}", *(f"{value:.2f}" for value in row)])
        for place, row in enumerate(axes)
    ]
    return "\n".join([",".join(names), *rows, ""]).encode()
