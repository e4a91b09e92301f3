"""What attacks on a microphone need in a real room: sounds to play, and how."""

from __future__ import annotations

import io
from functools import partial

import numpy as np
import soundfile
from numpy.typing import NDArray

from palisade.physical import aims, draws
from palisade.physical.contest import Contest
from palisade.tasks.voice.physical import attacks, sounds
from palisade.tasks.voice.physical.params import Params
from palisade.tasks.voice.samples import pcm

PEAK = 10 ** (-3 / 20)  # of full scale: every sound's largest sample


def contents(contest: Contest[Params]) -> dict[str, bytes]:
    """WAV files by name: the sounds for all clips, and a command of each class to replay."""
    rate_hz = contest.params.sample_rate_hz
    return {name: wav(sound, rate_hz) for name, sound in _sounds(contest).items()}


def protocol(contest: Contest[Params]) -> str:
    """Set-up, distances, levels, and what to record."""
    params = contest.params
    below_db = params.reference_snr_db
    return f"""
Files are WAV, {params.sample_rate_hz} Hz, 16 bits, mono, each with its peak at -3 dBFS. What counts
is the level at the device, which you set with a sound level meter (A-weighted, slow) beside it.

## Set-up

1. Mount the device as it will hang. Let a person stand 1 m before it and say commands at ordinary
   loudness; note the level. 55 to 66 dB(A) were found at such distances in rooms (Olsen, American
   Journal of Audiology 7, 1998, doi:10.1044/1059-0889(1998/012)).
2. Put a small loudspeaker (300 Hz to 7 kHz or better) at 1 m and at 3 m, beside the person.
3. Note the room, its RT60 if you can measure it, and the background level.

| attack | file | level at the device | what happens |
|---|---|---|---|
| none | - | - | persons say each command, other words, and nothing |
| universal | universal.wav | {below_db:g} dB below speech | starts within 100 ms of the word |
| pulse | pulse.wav | {below_db:g} dB below speech while it sounds | at any time during the word |
| replay | replay_<label>.wav | as speech | nobody speaks |
| ultrasound | - | as speech, demodulated | an ultrasonic transmitter of your own; nobody speaks |

Repeat each at least 30 times a command and distance, in two rooms, with three persons.

## What to record

One second of the device's own microphone, {params.sample_rate_hz} Hz, with the word in it. For
`replay` and `ultrasound` the label is the command that is played: the figure then says how often
no command is taken from it.
"""


def wav(sound: NDArray[np.float32], rate_hz: int) -> bytes:
    """A WAV file of 16 bits, its peak at ``PEAK``."""
    scaled = sound * (PEAK / max(float(np.abs(sound).max()), 1e-9))
    written = io.BytesIO()
    soundfile.write(written, pcm.to_int16(scaled), rate_hz, format="WAV", subtype="PCM_16")
    return written.getvalue()


def _sounds(contest: Contest[Params]) -> dict[str, NDArray[np.float32]]:
    params, air = contest.params, attacks.air(contest, draws.CRAFTING)
    found = {}
    bursts = {"universal": sounds.whole(air), "pulse": sounds.pulse(air, params.pulse_ms)}
    for name, burst in bursts.items():
        craft = aims.by_severity(
            contest.target.aims, partial(sounds.universal, contest, air, burst)
        )
        *_, (_, made) = craft(params.reference_snr_db)
        found[f"{name}.wav"] = np.asarray(air.banded(made), np.float32)[0, : burst.samples]
    for number, label in enumerate(contest.scored.labels):
        places = np.flatnonzero(contest.scored.y == number)
        if label not in attacks.NEGATIVES and len(places):
            clip = np.asarray(contest.scored.x[places[0]], np.int16)
            found[f"replay_{label}.wav"] = pcm.to_float(clip)
    return found
