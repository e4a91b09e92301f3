"""One clip's random choices, drawn by name from the seed, and how they sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from palisade import seeds
from palisade.tasks.voice.samples import rooms
from palisade.tasks.voice.samples.labels import SILENCE, UNKNOWN
from palisade.tasks.voice.synthesis import microphone, noise, voices
from palisade.tasks.voice.synthesis.params import Params
from palisade.tasks.voice.synthesis.speech import SAMPLE_RATE_HZ, Utterance
from palisade.tasks.voice.synthesis.words import Words

Waveform = NDArray[np.float32]

CLIP_SAMPLES = SAMPLE_RATE_HZ  # 1 s, as in Speech Commands
BABBLE_VOICES = (3, 6)
QUIET_DB = [35.0, 55.0]  # a quiet clip's noise below speech
_DECIMALS = 3  # of what is drawn, so that the manifest tells the very values


@dataclass(frozen=True)
class Track:
    """Running speech of one voice, for babble.

    Attributes:
        voice: the variant.
        sound: ``[n]`` float32 of at least a clip's length.
    """

    voice: str
    sound: Waveform


@dataclass(frozen=True)
class Scene:
    """What was drawn for one clip.

    Attributes:
        split: train, validation, calibration or test.
        label: the folder.
        index: of the clip among those of its split and label.
        text: what is said; empty for silence.
        voice, accent: who says it; empty for silence.
        rate_wpm, pitch, pitch_range, tract_scale: how; 0 for silence (see ``Utterance``).
        onset_share: where the word begins, of the places at which it lies within the clip; or,
            of running speech, where the clip begins, of the places at which it lies within that.
        rt60_ms, direct_to_reverberant_db: the room.
        high_pass_hz ... peak_db: the microphone.
        noise: the background's kind.
        babble: indices of the tracks it is made of, babble only.
        snr_db: speech to background over the clip; for silence, the speech there would be.
        gain_db: of the speech to ``speech_rms``.
        clipping_knee: of the clip's peak, where it saturates; 0 for not.
        running: whether the clip is cut from running speech, wherever the cut may fall.
    """

    split: str
    label: str
    index: int
    text: str
    voice: str
    accent: str
    rate_wpm: int
    pitch: int
    pitch_range: int
    tract_scale: float
    onset_share: float
    rt60_ms: float
    direct_to_reverberant_db: float
    high_pass_hz: float
    low_pass_hz: float
    tilt_db: float
    peak_hz: float
    peak_db: float
    noise: str
    babble: tuple[int, ...]
    snr_db: float
    gain_db: float
    clipping_knee: float
    running: bool = False

    @property
    def utterance(self) -> Utterance:
        """The word, for the synthesiser."""
        speaker = voices.name(self.voice, self.accent)
        return Utterance(
            speaker, self.rate_wpm, self.pitch, self.pitch_range, self.tract_scale, self.text
        )


def draw(
    split: str,
    label: str,
    index: int,
    *,
    params: Params,
    cast: Sequence[voices.Family],
    words: Words,
    tracks: Sequence[Track],
    seed: int,
) -> Scene:
    """Draw one clip's record.

    Args:
        split, label, index: the clip.
        params: the bounds.
        cast: the families of voices of the split.
        words: the other words of the split.
        tracks: the running speech of the split.
        seed: the root seed.
    """
    dice = seeds.generator(seed, "synthesize", split, label, index, "scene")
    bounds = params.acoustics

    def between(low_high: Sequence[float]) -> float:
        return round(float(dice.uniform(low_high[0], low_high[1])), _DECIMALS)

    spoken = label != SILENCE
    text = label if label != UNKNOWN else _other_word(words, params.sound_alike_share, dice)
    voice = _pick(cast[int(dice.integers(len(cast)))], dice)
    accent = _pick(voices.ACCENTS, dice)
    kinds = (*noise.STATIONARY, noise.BABBLE) + (() if spoken else (noise.QUIET,))
    kind = _pick(kinds, dice)
    snr_db = {noise.BABBLE: bounds.babble_snr_db, noise.QUIET: QUIET_DB}.get(kind, bounds.snr_db)
    others = [place for place, track in enumerate(tracks) if track.voice != voice]
    several = min(int(dice.integers(*BABBLE_VOICES, endpoint=True)), len(others))
    babble = dice.choice(others, several, replace=False)
    overdriven = dice.random() < bounds.clipping_probability
    knee = between(bounds.clipping_knee)
    return Scene(
        split=split,
        label=label,
        index=index,
        text=text if spoken else "",
        voice=voice if spoken else "",
        accent=accent if spoken else "",
        rate_wpm=round(between(bounds.rate_wpm)) if spoken else 0,
        pitch=round(between(bounds.pitch)) if spoken else 0,
        pitch_range=round(between(bounds.pitch_range)) if spoken else 0,
        tract_scale=between(bounds.tract_scale) if spoken else 0.0,
        onset_share=between((0, 1)) if spoken else 0.0,
        rt60_ms=between(bounds.rt60_ms),
        direct_to_reverberant_db=between(bounds.direct_to_reverberant_db),
        high_pass_hz=between(bounds.high_pass_hz),
        low_pass_hz=between(bounds.low_pass_hz),
        tilt_db=between(bounds.tilt_db),
        peak_hz=between(bounds.peak_hz),
        peak_db=between(bounds.peak_db),
        noise=kind,
        babble=tuple(int(place) for place in sorted(babble)) if kind == noise.BABBLE else (),
        snr_db=between(snr_db),
        gain_db=between(bounds.gain_db),
        clipping_knee=knee if overdriven else 0.0,
    )


def render(
    scene: Scene, word: Waveform | None, tracks: Sequence[Track], *, speech_rms: float, seed: int
) -> Waveform:
    """The clip: ``[16000]`` float32, full scale 1.0.

    Args:
        scene: its record.
        word: what is said, a word or a sentence; None for silence.
        tracks: the running speech of the split.
        speech_rms: RMS over the clip of speech at a gain of 0 dB.
        seed: the root seed.
    """
    speech, background = parts(scene, word, tracks, speech_rms=speech_rms, seed=seed)
    heard = speech + background
    if not scene.clipping_knee:
        return heard
    return microphone.overdrive(heard, scene.clipping_knee * float(np.abs(heard).max()))


def parts(
    scene: Scene, word: Waveform | None, tracks: Sequence[Track], *, speech_rms: float, seed: int
) -> tuple[Waveform, Waveform]:
    """Speech and background as the microphone hears them, before it saturates."""
    dice = seeds.generator(seed, "synthesize", scene.split, scene.label, scene.index, "sound")
    room = rooms.impulse_response(
        rt60_ms=scene.rt60_ms,
        direct_to_reverberant_db=scene.direct_to_reverberant_db,
        sample_rate_hz=SAMPLE_RATE_HZ,
        draw=dice,
    )
    background = _background(scene, tracks, room, dice)
    speech = np.zeros(CLIP_SAMPLES, np.float32)
    if word is not None:
        begin = onset(scene, word)
        heard = word[max(0, -begin) :][:CLIP_SAMPLES]
        speech[max(0, begin) :][: len(heard)] = heard
        speech = rooms.reverberate(speech, room)
    speech, background = microphone.respond(
        np.stack([speech, background]),
        high_pass_hz=scene.high_pass_hz,
        low_pass_hz=scene.low_pass_hz,
        tilt_db=scene.tilt_db,
        peak_hz=scene.peak_hz,
        peak_db=scene.peak_db,
        sample_rate_hz=SAMPLE_RATE_HZ,
    )
    level = speech_rms * 10 ** (scene.gain_db / 20)
    return _at(speech, level), _at(background, level * 10 ** (-scene.snr_db / 20))


def onset(scene: Scene, word: Waveform) -> int:
    """The sample at which the word begins, such that the whole of it lies within the clip.

    What is longer than the clip begins before it, and fills it.
    """
    return int(scene.onset_share * (CLIP_SAMPLES - len(word)))


def _other_word(words: Words, sound_alike_share: float, dice: Generator) -> str:
    alike = dice.random() < sound_alike_share
    return _pick(words.sound_alikes if alike else words.ordinary, dice)


def _pick(items: Sequence[str], dice: Generator) -> str:
    return items[int(dice.integers(len(items)))]


def _background(scene: Scene, tracks: Sequence[Track], room: Waveform, dice: Generator) -> Waveform:
    if scene.noise != noise.BABBLE:
        return noise.make(scene.noise, CLIP_SAMPLES, SAMPLE_RATE_HZ, dice)
    talk = []
    for place in scene.babble:
        sound = tracks[place].sound
        begin = int(dice.integers(len(sound) - CLIP_SAMPLES + 1))
        talk.append(sound[begin : begin + CLIP_SAMPLES])
    return rooms.reverberate(noise.babble(talk), room)


def _at(x: Waveform, rms: float) -> Waveform:
    level = np.sqrt(np.mean(np.square(x, dtype=np.float64)))
    return (x * (rms / level)).astype(np.float32) if level > 0 else x
