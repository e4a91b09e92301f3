"""How an event at the door sounds over its whole window: near and far speech, a television
through the door, knocks, and the background behind all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from palisade import seeds
from palisade.scenes.events import Event
from palisade.tasks.voice.samples import rooms
from palisade.tasks.voice.synthesis import microphone, noise
from palisade.tasks.voice.synthesis.scene import CLIP_SAMPLES, Scene, Track
from palisade.tasks.voice.synthesis.speech import SAMPLE_RATE_HZ

Waveform = NDArray[np.float32]

# The loudspeaker of a flat television: a few centimetres wide, in a thin case.
LOUDSPEAKER_HZ = (250.0, 5000.0)

# A knuckle on a door leaf: bending modes of a wooden panel, which ring for some hundredths of a
# second (Fletcher and Rossing, The Physics of Musical Instruments, 2nd ed. 1998, ch. 3).
KNOCKS = (2, 4)
KNOCK_GAP_S = (0.12, 0.3)
_PANEL_HZ = ((70.0, 160.0), (160.0, 320.0), (320.0, 700.0))
_PANEL_DECAY_S = (0.008, 0.03)


@dataclass(frozen=True)
class Heard:
    """What was drawn for the sound of one event.

    Attributes:
        event: what happens.
        scene: words, voice, room, microphone and background, as for a clip; ``onset_share`` is
            of the places after the arrival at which the word lies within the window.
        television: index of the track that a television plays; None where there is none.
    """

    event: Event
    scene: Scene
    television: int | None

    @property
    def samples(self) -> int:
        """Length of the window."""
        return round(self.event.window_s * SAMPLE_RATE_HZ)

    def onset(self, word: Waveform) -> int:
        """The sample at which the word begins: not before the arrival, if it then still fits."""
        latest = self.samples - len(word)
        earliest = min(round(self.event.arrival_s * SAMPLE_RATE_HZ), latest)
        return earliest + int(self.scene.onset_share * (latest - earliest))


def render(
    heard: Heard, word: Waveform | None, tracks: Sequence[Track], *, speech_rms: float, seed: int
) -> Waveform:
    """The event: ``[samples]`` float32, full scale 1.0.

    Args:
        heard: its record.
        word: what is said, None for nothing; a television says it if there is one.
        tracks: the running speech of the split.
        speech_rms: RMS over 1 s of a word at a gain of 0 dB, as in a clip of one word.
        seed: the root seed.
    """
    sources, background = parts(heard, word, tracks, speech_rms=speech_rms, seed=seed)
    sound = sources + background
    if not heard.scene.clipping_knee:
        return sound
    return microphone.overdrive(sound, heard.scene.clipping_knee * float(np.abs(sound).max()))


def parts(
    heard: Heard, word: Waveform | None, tracks: Sequence[Track], *, speech_rms: float, seed: int
) -> tuple[Waveform, Waveform]:
    """What happens and the background, as the microphone hears them before it saturates."""
    scene = heard.scene
    dice = seeds.generator(seed, "scenes", "voice", heard.event.scene_id, "sound")
    room = rooms.impulse_response(
        rt60_ms=scene.rt60_ms,
        direct_to_reverberant_db=scene.direct_to_reverberant_db,
        sample_rate_hz=SAMPLE_RATE_HZ,
        draw=dice,
    )
    behind = _background(heard, tracks, room, dice)
    spoken = _speech(heard, word, tracks, dice)
    knocks = _knocks(heard, dice) if heard.event.kind == "knock" else np.zeros_like(spoken)
    dry = np.stack([_unit(spoken), _unit(knocks)])
    wet = np.stack([*(rooms.reverberate(one, room) for one in dry), behind])
    spoken, knocks, behind = microphone.respond(
        wet,
        high_pass_hz=scene.high_pass_hz,
        low_pass_hz=scene.low_pass_hz,
        tilt_db=scene.tilt_db,
        peak_hz=scene.peak_hz,
        peak_db=scene.peak_db,
        sample_rate_hz=SAMPLE_RATE_HZ,
    )
    level = speech_rms * 10 ** (scene.gain_db / 20)
    # A word has its level over 1 s however long the window; what goes on all the time, throughout.
    over = heard.samples if heard.television is not None else CLIP_SAMPLES
    happens = _at(spoken, level, over) + _at(knocks, level, CLIP_SAMPLES)
    return happens, _at(behind, level * 10 ** (-scene.snr_db / 20), heard.samples)


def _speech(
    heard: Heard, word: Waveform | None, tracks: Sequence[Track], dice: Generator
) -> Waveform:
    speech = np.zeros(heard.samples, np.float32)
    if heard.television is not None:
        speech = _unit(_stretch(tracks[heard.television].sound, heard.samples, dice))
    if word is not None:
        begin = heard.onset(word)
        speech[begin : begin + len(word)] = _unit(word)
    return speech if heard.television is None else _through_loudspeaker(speech)


def _through_loudspeaker(x: Waveform) -> Waveform:
    low_hz, high_hz = LOUDSPEAKER_HZ
    return microphone.respond(
        x,
        high_pass_hz=low_hz,
        low_pass_hz=high_hz,
        tilt_db=0.0,
        peak_hz=1000.0,
        peak_db=0.0,
        sample_rate_hz=SAMPLE_RATE_HZ,
    )


def _knocks(heard: Heard, dice: Generator) -> Waveform:
    """A few knocks from the arrival on, all with the same panel, none as hard as another."""
    sound = np.zeros(heard.samples, np.float32)
    time_s = np.arange(heard.samples) / SAMPLE_RATE_HZ
    modes = [(dice.uniform(*band), dice.uniform(*_PANEL_DECAY_S)) for band in _PANEL_HZ]
    panel = sum(np.exp(-time_s / decay) * np.sin(2 * np.pi * hz * time_s) for hz, decay in modes)
    begin_s = heard.event.arrival_s
    for _ in range(int(dice.integers(*KNOCKS, endpoint=True))):
        begin, strength = round(begin_s * SAMPLE_RATE_HZ), dice.uniform(0.5, 1.0)
        if begin < heard.samples:
            sound[begin:] += strength * np.asarray(panel)[: heard.samples - begin]
        begin_s += dice.uniform(*KNOCK_GAP_S)
    return sound


def _background(heard: Heard, tracks: Sequence[Track], room: Waveform, dice: Generator) -> Waveform:
    if heard.scene.noise != noise.BABBLE:
        return noise.make(heard.scene.noise, heard.samples, SAMPLE_RATE_HZ, dice)
    talk = [_stretch(tracks[place].sound, heard.samples, dice) for place in heard.scene.babble]
    return rooms.reverberate(noise.babble(talk), room)


def _stretch(sound: Waveform, samples: int, dice: Generator) -> Waveform:
    """So many samples of a track from anywhere on, beginning again where it ends."""
    return np.resize(np.roll(sound, -int(dice.integers(len(sound)))), samples)


def _unit(x: Waveform) -> Waveform:
    return _at(x, 1.0, len(x))


def _at(x: Waveform, rms: float, over: int) -> Waveform:
    """Scaled so that its energy is that of ``over`` samples of a root mean square."""
    level = np.sqrt(np.sum(np.square(x, dtype=np.float64)) / over)
    return (x * (rms / level)).astype(np.float32) if level > 0 else x
