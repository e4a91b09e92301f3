"""How what happens and what is behind it sound in one room, through one microphone."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from palisade.ranges import between
from palisade.tasks.voice.samples import rooms
from palisade.tasks.voice.synthesis import doorstep, microphone
from palisade.tasks.voice.synthesis.scene import Scene
from palisade.tasks.voice.synthesis.speech import SAMPLE_RATE_HZ

Waveform = NDArray[np.float32]

STEADY_S = (3.0, 12.0)  # between two changes of a background's gain
RAMP_S = (0.05, 1.0)  # that a change takes


def room(drawn: Scene, dice: Generator) -> Waveform:
    """The impulse response of a record's room."""
    return rooms.impulse_response(
        rt60_ms=drawn.rt60_ms,
        direct_to_reverberant_db=drawn.direct_to_reverberant_db,
        sample_rate_hz=SAMPLE_RATE_HZ,
        draw=dice,
    )


def mixed(
    drawn: Scene, happens: Waveform, behind: Waveform, *, room: Waveform, speech_rms: float
) -> Waveform:
    """Both as the microphone delivers them: ``[n]`` float32, full scale 1.0.

    Room and microphone colour sounds, and change no level, as with the clips of the corpus.

    Args:
        drawn: the microphone and the level.
        happens: ``[n]`` dry, at an RMS of 1 where it is as loud as speech at 0 dB.
        behind: ``[n]`` the background, which has its room in it, to the same scale.
        room: the impulse response.
        speech_rms: of speech at a gain of 0 dB.
    """
    heard = microphone.respond(
        np.stack([rooms.reverberate(happens, room), behind]),
        high_pass_hz=drawn.high_pass_hz,
        low_pass_hz=drawn.low_pass_hz,
        tilt_db=drawn.tilt_db,
        peak_hz=drawn.peak_hz,
        peak_db=drawn.peak_db,
        sample_rate_hz=SAMPLE_RATE_HZ,
    )
    level = np.float32(speech_rms * 10 ** (drawn.gain_db / 20))
    sound = level * (like(heard[0], happens) + like(heard[1], behind))
    if not drawn.clipping_knee:
        return np.asarray(sound)
    return microphone.overdrive(sound, drawn.clipping_knee * float(np.abs(sound).max()))


def gains(samples: int, bounds_db: list[float], dice: Generator) -> Waveform:
    """``[samples]`` factors that stay for some seconds and then go to another value."""
    time_s, gain_db, at_s = [], [], 0.0
    while at_s < samples / SAMPLE_RATE_HZ:
        gain = between(bounds_db, dice)
        end_s = at_s + dice.uniform(*STEADY_S)
        time_s += [at_s, end_s]
        gain_db += [gain, gain]
        at_s = end_s + dice.uniform(*RAMP_S)
    now_s = np.arange(samples) / SAMPLE_RATE_HZ
    return np.asarray(10 ** (np.interp(now_s, time_s, gain_db) / 20), np.float32)


def through_loudspeaker(sound: Waveform) -> Waveform:
    """As a flat television's loudspeaker plays it, at its own level."""
    low_hz, high_hz = doorstep.LOUDSPEAKER_HZ
    played = microphone.respond(
        sound, high_pass_hz=low_hz, low_pass_hz=high_hz, tilt_db=0.0, peak_hz=1000.0, peak_db=0.0,
        sample_rate_hz=SAMPLE_RATE_HZ,
    )  # fmt: skip
    return like(played, sound)


def like(sound: Waveform, other: Waveform) -> Waveform:
    """Scaled to the energy of another of its length; nothing stays nothing."""
    energy = [np.sum(np.square(one, dtype=np.float64)) for one in (sound, other)]
    return sound * np.float32(np.sqrt(energy[1] / energy[0])) if energy[0] > 0 else sound
