"""Who says what when: sentences and commands on one dry track, before room and microphone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from palisade.stream.recording import Said
from palisade.tasks.voice.synthesis.scene import CLIP_SAMPLES, Scene
from palisade.tasks.voice.synthesis.sentences import sentence
from palisade.tasks.voice.synthesis.speech import SAMPLE_RATE_HZ, Synthesizer
from palisade.tasks.voice.synthesis.words import Words

Waveform = NDArray[np.float32]

PAUSE_S = (0.15, 1.0)  # between two sentences
BEFORE_S = (0.4, 1.5)  # of silence before a command
AFTER_S = (1.3, 2.5)  # and after it, in which it can be recognised
DISTANCE_DB = (-6.0, 3.0)  # of one speaker's level to the block's


@dataclass(frozen=True)
class Talker:
    """Says sentences, each by one of several speakers.

    Attributes:
        speakers: records whose voice, accent, rate, pitch and tract are theirs.
        levels_db: ``[speakers]`` of each.
        words: what there is to say.
        sound_alike_share: of the content words.
        commands: what is never said.
        synthesizer: the process that speaks.
        dice: draws everything, in the order of time.
    """

    speakers: Sequence[Scene]
    levels_db: Sequence[float]
    words: Words
    sound_alike_share: float
    commands: Sequence[str]
    synthesizer: Synthesizer
    dice: Generator

    def sentence(self) -> Waveform:
        """One sentence at its speaker's level: an RMS of 1 at 0 dB."""
        who = int(self.dice.integers(len(self.speakers)))
        text = sentence(
            self.words,
            sound_alike_share=self.sound_alike_share,
            commands=self.commands,
            dice=self.dice,
        )
        sound = self.synthesizer.say(replace(self.speakers[who], text=text).utterance)
        return level(sound, 10 ** (self.levels_db[who] / 20), len(sound))

    def running(self, samples: int) -> Waveform:
        """``[samples]`` of one sentence after the other; the last one is cut."""
        parts: list[Waveform] = []
        while sum(map(len, parts)) < samples:
            parts += [self.sentence(), pause(PAUSE_S, self.dice)]
        return np.concatenate(parts)[:samples]


def with_commands(
    talker: Talker, commands: Sequence[Scene], *, talk_share: float, longest_ms: int
) -> tuple[Waveform, tuple[Said, ...]]:
    """Commands, each after a pause and before one, some of them after a sentence.

    Args:
        talker: says the sentences.
        commands: a record of each; its label is the command.
        talk_share: how many come after a sentence.
        longest_ms: a longer command is said faster.

    Returns:
        The track, a command's energy that of an RMS of 1 over a second; and where each is.
    """
    dice, said = talker.dice, []
    parts = [pause(AFTER_S, dice)]
    for one in commands:
        if dice.random() < talk_share:
            parts.append(talker.sentence())
        parts.append(pause(BEFORE_S, dice))
        longest = longest_ms * SAMPLE_RATE_HZ // 1000
        word, _ = talker.synthesizer.say_within(one.utterance, longest)
        begin = sum(map(len, parts))
        said.append(Said(one.label, _ms(begin), _ms(begin + len(word))))
        parts += [level(word, 1.0, CLIP_SAMPLES), pause(AFTER_S, dice)]
    return np.concatenate(parts), tuple(said)


def level(sound: Waveform, rms: float, over: int) -> Waveform:
    """Scaled so that its energy is that of ``over`` samples of a root mean square."""
    now = np.sqrt(np.sum(np.square(sound, dtype=np.float64)) / over)
    return (sound * (rms / now)).astype(np.float32) if now > 0 else sound


def pause(bounds_s: tuple[float, float], dice: Generator) -> Waveform:
    """Nothing, for a time drawn between two bounds."""
    return np.zeros(round(dice.uniform(*bounds_s) * SAMPLE_RATE_HZ), np.float32)


def _ms(samples: int) -> float:
    return samples * 1000 / SAMPLE_RATE_HZ
