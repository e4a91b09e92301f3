"""What is said and heard at each kind of event, and the events' recordings.

An event is one file, ``_scenes_/<scene_id>.flac``, as long as its window: the background runs
through all of it, and a word is said after the arrival and lies wholly within. Its label is
what a listener would say was heard, whoever said it::

    visitor_unlocks    the first command
    street_unlock      the first command, from the street: fainter, more of the room in it
    visitor_commands   another command, the second one half the time
    visitor_talks      another word, one that sounds like a command half the time
    television         running speech; in three of ten a command, the first one in half of them
    passer_by, knock   another word, or nothing, half and half; the knocks themselves
    the rest           background alone

An event's choices are drawn by its ``scene_id``, so none depends on another.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from numpy.random import Generator

from palisade import seeds
from palisade.scenes import listing
from palisade.scenes.events import KINDS, SPLITS, Event
from palisade.tasks.voice.samples.labels import SILENCE, UNKNOWN
from palisade.tasks.voice.synthesis import doorstep, flac, noise, scene, voices
from palisade.tasks.voice.synthesis.doorstep import Heard
from palisade.tasks.voice.synthesis.manifest import Row
from palisade.tasks.voice.synthesis.params import Acoustics, Params
from palisade.tasks.voice.synthesis.scene import Scene, Track
from palisade.tasks.voice.synthesis.speech import SAMPLE_RATE_HZ, Synthesizer
from palisade.tasks.voice.synthesis.words import Words

BATCH_EVENTS = 100  # a process of the synthesiser each; its bytes depend on what it said before

SOUND_ALIKE_SHARE = 0.5  # of the other words a visitor says
MOST_ALIKE_SHARE = 0.5  # of the other commands, the second one of the list
TELEVISION_COMMAND_SHARE = 0.3
TELEVISION_FIRST_SHARE = 0.5  # of those

FAR = frozenset({"street_unlock", "passer_by"})
STREET_M = (3.0, 8.0)
VISITOR_M = 1.5  # how far away the clips of single words are thought to be said

DECIMALS = 3  # of what is drawn, as for the clips
WEATHER_NOISE = {"wind": "brown", "rain": "rain"}  # turbulence at a microphone is mostly bass


@dataclass(frozen=True)
class Batch:
    """Events that one process of the synthesiser says."""

    heard: tuple[Heard, ...]
    tracks: tuple[Track, ...]
    unseen: frozenset[str]
    folder: Path
    params: Params
    seed: int


def plan(
    events: Sequence[Event],
    split: str,
    *,
    params: Params,
    cast: Sequence[voices.Family],
    words: Words,
    tracks: Sequence[Track],
    seed: int,
    folder: Path,
) -> Iterator[Batch]:
    """Draw the events of a split, in batches that do not depend on how many work on them.

    More events of a kind leave the others' sound as it was.
    """
    for kind in KINDS if split in SPLITS else ():
        some = [one for one in events if (one.split, one.kind) == (split, kind)]
        heard = [
            draw(one, params=params, cast=cast, words=words, tracks=tracks, seed=seed)
            for one in some
        ]
        for at in range(0, len(heard), BATCH_EVENTS):
            yield Batch(
                heard=tuple(heard[at : at + BATCH_EVENTS]),
                tracks=tuple(tracks),
                unseen=words.unseen,
                folder=folder,
                params=params,
                seed=seed,
            )


def draw(
    event: Event,
    *,
    params: Params,
    cast: Sequence[voices.Family],
    words: Words,
    tracks: Sequence[Track],
    seed: int,
) -> Heard:
    """Draw one event's sound.

    Args:
        event: what happens.
        params: the bounds, those of the clips.
        cast: the families of voices of the event's split.
        words: its other words.
        tracks: its running speech.
        seed: the root seed.
    """
    own = seeds.derive(seed, "scenes", "voice", event.scene_id)
    dice = seeds.generator(own, "event")
    text, label = _said(event.kind, params.commands, words, dice)
    drawn = scene.draw(
        event.split, label, 0, params=params, cast=cast, words=words, tracks=tracks, seed=own
    )
    drawn = _weathered(replace(drawn, text=text), event, params.acoustics, dice)
    if event.kind in FAR and text:
        drawn = _from_afar(drawn, dice)
    if event.kind != "television":
        return Heard(event, drawn, None)
    television = int(dice.integers(len(tracks)))
    voice = tracks[television].voice
    kind = _pick(noise.STATIONARY, dice) if drawn.noise == noise.BABBLE else drawn.noise
    return Heard(event, replace(drawn, voice=voice, noise=kind, babble=()), television)


def write(batch: Batch) -> list[Row]:
    """Render and write a batch's events; gives their rows of the manifest."""
    with Synthesizer() as synthesizer:
        return [_write_event(batch, one, synthesizer) for one in batch.heard]


def listed(rows: Sequence[Row], events: Sequence[Event]) -> list[listing.Witnessed]:
    """The list of events, for the rows of the manifest that ``write`` gave."""
    kinds = {event.scene_id: event.kind for event in events}
    names = [Path(row.path) for row in rows]
    return [
        listing.Witnessed(
            scene=name.stem,
            split=row.scene.split,
            event=kinds[name.stem],
            label=row.scene.label,
            path=name.name,
        )
        for name, row in zip(names, rows, strict=True)
    ]


def _said(kind: str, commands: Sequence[str], words: Words, dice: Generator) -> tuple[str, str]:
    """What is said, empty for no single word, and the label of the event."""
    if kind in ("visitor_unlocks", "street_unlock"):
        return commands[0], commands[0]
    if kind == "visitor_commands" and len(commands) > 1:
        command = _other_command(commands, dice)
        return command, command
    if kind == "television":
        return _said_on_television(commands, dice)
    if kind in ("passer_by", "knock") and dice.random() < 0.5:
        return "", SILENCE
    if kind in ("visitor_commands", "visitor_talks", "passer_by", "knock"):
        return _other_word(words, dice), UNKNOWN
    return "", SILENCE


def _said_on_television(commands: Sequence[str], dice: Generator) -> tuple[str, str]:
    if dice.random() >= TELEVISION_COMMAND_SHARE:
        return "", UNKNOWN
    first = dice.random() < TELEVISION_FIRST_SHARE or len(commands) == 1
    command = commands[0] if first else _other_command(commands, dice)
    return command, command


def _other_command(commands: Sequence[str], dice: Generator) -> str:
    most_alike = dice.random() < MOST_ALIKE_SHARE or len(commands) == 2
    return commands[1] if most_alike else _pick(commands[2:], dice)


def _other_word(words: Words, dice: Generator) -> str:
    alike = dice.random() < SOUND_ALIKE_SHARE and words.sound_alikes
    return _pick(words.sound_alikes if alike else words.ordinary, dice)


def _weathered(drawn: Scene, event: Event, bounds: Acoustics, dice: Generator) -> Scene:
    """Wind and rain take the place of the background, the louder the more the event is weather."""
    kind = WEATHER_NOISE.get(event.weather)
    if kind is None:
        return drawn
    low, high = bounds.snr_db
    loudest = (low + high) / 2 if event.kind == "weather" else high
    snr_db = round(float(dice.uniform(low, loudest)), DECIMALS)
    return replace(drawn, noise=kind, babble=(), snr_db=snr_db)


def _from_afar(drawn: Scene, dice: Generator) -> Scene:
    """The direct sound falls by 6 dB with each doubling of the distance, the rest does not.

    Kuttruff, Room Acoustics, 6th ed. 2016, ch. 5.
    """
    loss_db = 20 * math.log10(dice.uniform(*STREET_M) / VISITOR_M)
    return replace(
        drawn,
        direct_to_reverberant_db=round(drawn.direct_to_reverberant_db - loss_db, DECIMALS),
        gain_db=round(drawn.gain_db - loss_db, DECIMALS),
        snr_db=round(drawn.snr_db - loss_db, DECIMALS),
    )


def _pick(items: Sequence[str], dice: Generator) -> str:
    return items[int(dice.integers(len(items)))]


def _write_event(batch: Batch, heard: Heard, synthesizer: Synthesizer) -> Row:
    drawn, word, rate_wpm = heard.scene, None, 0
    if drawn.text:
        longest = batch.params.longest_word_ms * SAMPLE_RATE_HZ // 1000
        word, said = synthesizer.say_within(drawn.utterance, longest)
        rate_wpm = said.rate_wpm
    sound = doorstep.render(
        heard, word, batch.tracks, speech_rms=batch.params.speech_rms, seed=batch.seed
    )
    path = f"{listing.FOLDER}/{heard.event.scene_id}.flac"
    (batch.folder / path).write_bytes(flac.encode(sound))
    behind = drawn.babble if heard.television is None else (heard.television,)
    speaker = voices.name(drawn.voice, drawn.accent) if drawn.text else heard.event.scene_id
    return Row(
        path=path,
        speaker=voices.identity(speaker),
        scene=drawn,
        rate_wpm=rate_wpm,
        unseen=drawn.text in batch.unseen,
        onset_ms=0.0 if word is None else heard.onset(word) * 1000 / SAMPLE_RATE_HZ,
        word_ms=0.0 if word is None else len(word) * 1000 / SAMPLE_RATE_HZ,
        babble_voices=tuple(batch.tracks[place].voice for place in behind),
    )
