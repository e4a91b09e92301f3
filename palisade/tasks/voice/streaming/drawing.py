"""Draws a block of sound, within the bounds of the corpus and by the voices of one split.

Rooms, microphones, backgrounds and levels are those of ``synthesize``; no other split hears the
voices. What differs is what happens: sentences without end, a household without speech, and
commands out of the blue.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from palisade import seeds
from palisade.ranges import between
from palisade.stream.recording import Said
from palisade.tasks.voice.samples import pcm, rooms
from palisade.tasks.voice.samples.labels import SILENCE, UNKNOWN
from palisade.tasks.voice.streaming import household, mixing
from palisade.tasks.voice.streaming.blocks import Block
from palisade.tasks.voice.streaming.params import Params
from palisade.tasks.voice.streaming.talk import DISTANCE_DB, Talker, level, with_commands
from palisade.tasks.voice.synthesis import noise, scene, voices
from palisade.tasks.voice.synthesis.params import Params as Corpus
from palisade.tasks.voice.synthesis.scene import CLIP_SAMPLES, Scene, Track
from palisade.tasks.voice.synthesis.speech import SAMPLE_RATE_HZ, Synthesizer
from palisade.tasks.voice.synthesis.words import Words

Waveform = NDArray[np.float32]

MOST_SPEAKERS = 3
BABBLE_S = 12.0  # of each voice, over and over


@dataclass(frozen=True)
class Sound:
    """A block as the converter delivers it.

    Attributes:
        samples: ``[n]`` int16.
        said: the commands in it, in order of time.
    """

    samples: NDArray[np.int16]
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Studio:
    """Makes any block of a split; each worker process gets a copy.

    Attributes:
        params: what the stream holds.
        corpus: the bounds of rooms, microphones, voices and levels.
        commands: labels; an underscore in one stands between words.
        cast: the families of voices of the split.
        words: its other words.
        seed: the root seed.
    """

    params: Params
    corpus: Corpus
    commands: tuple[str, ...]
    cast: tuple[voices.Family, ...]
    words: Words
    seed: int

    def __call__(self, block: Block) -> Sound:
        """Draw and render a block: the same bytes wherever and whenever."""
        own = seeds.derive(self.seed, "stream", block.split, block.kind, block.index)
        with ExitStack() as stack:
            return Take(self, block, own, seeds.generator(own, "block"), stack).render()


@dataclass
class Take:
    """The making of one block.

    Attributes:
        studio: the bounds.
        block: which one.
        own: its seed.
        dice: draws what is not part of a record, in this order.
        stack: ends the synthesiser's process.
        drawn: records drawn so far.
    """

    studio: Studio
    block: Block
    own: int
    dice: Generator
    stack: ExitStack
    drawn: int = 0

    @cached_property
    def synthesizer(self) -> Synthesizer:
        """A process that has said nothing before, started if anything is said at all."""
        return self.stack.enter_context(Synthesizer())

    def render(self) -> Sound:
        """The block."""
        record = self.record(SILENCE if self.block.kind == "background" else UNKNOWN)
        room = mixing.room(record, self.dice)
        happens, said = self._happens()
        heard = mixing.mixed(
            record,
            happens,
            self._behind(record, room, len(happens)),
            room=room,
            speech_rms=self.studio.corpus.speech_rms,
        )
        return Sound(pcm.to_int16(heard), said)

    def record(self, label: str) -> Scene:
        """A further record within the corpus' bounds."""
        self.drawn += 1
        studio = self.studio
        babblers = [Track(family[0], np.zeros(0, np.float32)) for family in studio.cast]
        return scene.draw(
            self.block.split,
            label,
            self.drawn,
            params=studio.corpus,
            cast=studio.cast,
            words=studio.words,
            tracks=babblers,  # their number counts; they speak when they are needed
            seed=self.own,
        )

    def _talker(self, *, speakers: int) -> Talker:
        studio = self.studio
        return Talker(
            speakers=[self.record(UNKNOWN) for _ in range(speakers)],
            levels_db=self.dice.uniform(*DISTANCE_DB, speakers).tolist(),
            words=studio.words,
            sound_alike_share=studio.params.sound_alike_share,
            commands=studio.commands,
            synthesizer=self.synthesizer,
            dice=self.dice,
        )

    def _happens(self) -> tuple[Waveform, tuple[Said, ...]]:
        """What is heard over the background, dry, at an RMS of about 1."""
        params = self.studio.params
        samples = round(params.block_s * SAMPLE_RATE_HZ)
        if self.block.kind == "background":
            return self._household(samples), ()
        talker = self._talker(speakers=int(self.dice.integers(1, MOST_SPEAKERS, endpoint=True)))
        if self.block.kind == "commands":
            return with_commands(
                talker,
                [self._command(label) for label in self.block.commands],
                talk_share=params.talk_share,
                longest_ms=self.studio.corpus.longest_word_ms,
            )
        speech = talker.running(samples)
        if self.dice.random() < params.loudspeaker_share:
            speech = mixing.through_loudspeaker(speech)
        return speech, ()

    def _command(self, label: str) -> Scene:
        return replace(self.record(label), text=label.replace("_", " "))

    def _household(self, samples: int) -> Waveform:
        """Short sounds at any time, ``transient_db`` above speech over a second."""
        params, dice = self.studio.params, self.dice
        minutes = samples / SAMPLE_RATE_HZ / 60
        sound = np.zeros(samples, np.float32)
        for _ in range(int(dice.poisson(between(params.transients_per_minute, dice) * minutes))):
            make = household.KINDS[int(dice.integers(len(household.KINDS)))]
            rms = 10 ** (between(params.transient_db, dice) / 20)
            one = level(make(SAMPLE_RATE_HZ, dice), rms, CLIP_SAMPLES)[:samples]
            begin = int(dice.integers(samples - len(one) + 1))
            sound[begin : begin + len(one)] += one
        return sound

    def _behind(self, record: Scene, room: Waveform, samples: int) -> Waveform:
        """The background, ``snr_db`` below speech; without speech its gain changes."""
        if record.noise == noise.BABBLE:
            sound = rooms.reverberate(self._babble(len(record.babble), samples), room)
        else:
            sound = noise.make(record.noise, samples, SAMPLE_RATE_HZ, self.dice)
        sound = level(sound, 10 ** (-record.snr_db / 20), samples)
        if self.block.kind == "background":
            sound *= mixing.gains(samples, self.studio.params.gain_change_db, self.dice)
        return sound

    def _babble(self, count: int, samples: int) -> Waveform:
        """So many voices at once, each saying some sentences over and over."""
        loop = round(BABBLE_S * SAMPLE_RATE_HZ)
        talk = [self._talker(speakers=1).running(loop) for _ in range(count)]
        return noise.babble([np.resize(one, samples) for one in talk])
