"""Makes the default corpus of spoken commands: synthetic voices in random rooms.

In the layout of Speech Commands (Warden 2018, arXiv:1804.03209), so that a person can listen
to it and a team's own recordings come in the same way::

    unlock/1f3a55c0_nohash_0.flac    the word, said by a speaker: 1 s, 16 kHz, mono, 16 bits
    _unknown_/..., _silence_/...     other words; background alone
    validation_list.txt, testing_list.txt, calibration_list.txt    the rest is train
    manifest.csv                     what was drawn for each clip, a row a clip
    _scenes_/07c2f1a09b3e.flac       a whole event at the door; scenes.csv, manifest.csv

A voice is heard in one split alone, in its background too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from palisade import files, parallel, seeds
from palisade.scenes import listing
from palisade.scenes.events import Event
from palisade.splits import NAMES
from palisade.tasks.voice.samples.labels import SILENCE, UNKNOWN
from palisade.tasks.voice.synthesis import flac, manifest, scene, scenes, voices, words
from palisade.tasks.voice.synthesis.manifest import Row
from palisade.tasks.voice.synthesis.params import Amounts, Params
from palisade.tasks.voice.synthesis.scene import Scene, Track
from palisade.tasks.voice.synthesis.sentences import sentence
from palisade.tasks.voice.synthesis.speech import SAMPLE_RATE_HZ, Synthesizer, Utterance
from palisade.tasks.voice.synthesis.words import Words

LISTS = {
    "validation": "validation_list.txt",
    "test": "testing_list.txt",
    "calibration": "calibration_list.txt",
}
BATCH_CLIPS = 200  # a process of the synthesiser each; its bytes depend on what it said before
BABBLE_TRACKS = 16
BABBLE_WORDS = 20  # about 7 s of running speech


@dataclass(frozen=True)
class Ensemble:
    """Who and what is heard in one split."""

    split: str
    amounts: Amounts
    cast: tuple[voices.Family, ...]
    words: Words


@dataclass(frozen=True)
class Batch:
    """Clips that one process of the synthesiser says, and where they go."""

    scenes: tuple[Scene, ...]
    paths: tuple[str, ...]
    tracks: tuple[Track, ...]
    unseen: frozenset[str]
    folder: Path
    params: Params
    seed: int


def synthesize(
    params: Params,
    *,
    events: Sequence[Event] = (),
    seed: int,
    folder: Path,
    material: Path | None = None,
) -> None:
    """Write the whole corpus, or nothing.

    Args:
        params: how much of what, and between which bounds.
        events: what happens at the door, heard beside the clips; without any, no list of events
            is written.
        seed: the root seed; the same params and seed give the same bytes.
        folder: where; a folder that is there is replaced.
        material: a team's own material, of which speech takes none: its own recordings are a
            corpus in themselves.

    Raises:
        PalisadeError: The synthesiser failed, or params ask for what cannot be.
    """
    casts = voices.share_out({name: getattr(params, name).voices for name in NAMES}, seed=seed)
    said = words.share_out(
        params.sound_alikes,
        commands=params.commands,
        unseen_share=params.unseen_share,
        seed=seed,
    )
    ensembles = [Ensemble(name, getattr(params, name), casts[name], said[name]) for name in NAMES]
    with files.replacing(folder) as draft:
        draft.mkdir()
        for label in (*params.commands, UNKNOWN, SILENCE):
            (draft / label).mkdir()
        babble = parallel.each(Babbler(seed), ensembles, "babble")
        batches = [
            batch
            for ensemble, tracks in zip(ensembles, babble, strict=True)
            for batch in plan(ensemble, tracks, params=params, seed=seed, folder=draft)
        ]
        rows = [row for some in parallel.each(write, batches, "batches") for row in some]
        rows.sort(key=lambda row: row.path)
        manifest.write(draft / manifest.NAME, rows)
        _write_lists(draft, rows)
        if events:
            _write_events(events, ensembles, babble, params=params, seed=seed, folder=draft)


@dataclass(frozen=True)
class Babbler:
    """Says the running speech that is heard behind the clips of a split."""

    seed: int

    def __call__(self, ensemble: Ensemble) -> tuple[Track, ...]:
        with Synthesizer() as synthesizer:
            return tuple(self._track(ensemble, n, synthesizer) for n in range(BABBLE_TRACKS))

    def _track(self, ensemble: Ensemble, number: int, synthesizer: Synthesizer) -> Track:
        dice = seeds.generator(self.seed, "synthesize", ensemble.split, "babble", number)
        voice = ensemble.cast[number % len(ensemble.cast)][0]
        speaker = voices.name(voice, str(dice.choice(voices.ACCENTS)))
        text = " ".join(dice.choice(ensemble.words.ordinary, BABBLE_WORDS))
        sound = synthesizer.say(Utterance(speaker, int(dice.integers(150, 200)), 50, 50, 1.0, text))
        return Track(voice, sound)


def plan(
    ensemble: Ensemble, tracks: Sequence[Track], *, params: Params, seed: int, folder: Path
) -> Iterator[Batch]:
    """Draw every clip of a split, in batches that do not depend on how many work on them."""
    amounts = ensemble.amounts
    clips = dict.fromkeys(params.commands, amounts.command_clips)
    clips |= {
        UNKNOWN: amounts.unknown_clips + amounts.running_clips,
        SILENCE: amounts.silence_clips,
    }
    for label, count in clips.items():
        scenes = [
            scene.draw(
                ensemble.split,
                label,
                index,
                params=params,
                cast=ensemble.cast,
                words=ensemble.words,
                tracks=tracks,
                seed=seed,
            )
            for index in range(count)
        ]
        if label == UNKNOWN:
            scenes[amounts.unknown_clips :] = [
                _running(one, ensemble.words, params, seed)
                for one in scenes[amounts.unknown_clips :]
            ]
        paths = list(_paths(scenes))
        for at in range(0, count, BATCH_CLIPS):
            part = slice(at, at + BATCH_CLIPS)
            yield Batch(
                scenes=tuple(scenes[part]),
                paths=tuple(paths[part]),
                tracks=tuple(tracks),
                unseen=ensemble.words.unseen,
                folder=folder,
                params=params,
                seed=seed,
            )


def _running(drawn: Scene, words: Words, params: Params, seed: int) -> Scene:
    """The same speaker in the same room, who says a sentence instead of a word."""
    text = sentence(
        words,
        sound_alike_share=params.sound_alike_share,
        commands=params.commands,
        dice=seeds.generator(seed, "synthesize", drawn.split, UNKNOWN, drawn.index, "sentence"),
    )
    return replace(drawn, text=text, running=True)


def write(batch: Batch) -> list[Row]:
    """Render and write a batch's clips; gives their rows of the manifest."""
    with Synthesizer() as synthesizer:
        return [
            _write_clip(batch, one, path, synthesizer)
            for one, path in zip(batch.scenes, batch.paths, strict=True)
        ]


def _write_clip(batch: Batch, one: Scene, path: str, synthesizer: Synthesizer) -> Row:
    word, rate_wpm = None, 0
    if one.running:
        word, rate_wpm = synthesizer.say(one.utterance), one.rate_wpm
    elif one.text:
        longest = batch.params.longest_word_ms * SAMPLE_RATE_HZ // 1000
        word, said = synthesizer.say_within(one.utterance, longest)
        rate_wpm = said.rate_wpm
    sound = scene.render(
        one, word, batch.tracks, speech_rms=batch.params.speech_rms, seed=batch.seed
    )
    (batch.folder / path).write_bytes(flac.encode(sound))
    return Row(
        path=path,
        speaker=_speaker(one),
        scene=one,
        rate_wpm=rate_wpm,
        unseen=one.text in batch.unseen,
        onset_ms=0.0 if word is None else scene.onset(one, word) * 1000 / SAMPLE_RATE_HZ,
        word_ms=0.0 if word is None else len(word) * 1000 / SAMPLE_RATE_HZ,
        babble_voices=tuple(batch.tracks[place].voice for place in one.babble),
    )


def _write_events(
    events: Sequence[Event],
    ensembles: Sequence[Ensemble],
    babble: Sequence[tuple[Track, ...]],
    *,
    params: Params,
    seed: int,
    folder: Path,
) -> None:
    (folder / listing.FOLDER).mkdir()
    batches = [
        batch
        for ensemble, tracks in zip(ensembles, babble, strict=True)
        for batch in scenes.plan(
            events,
            ensemble.split,
            params=params,
            cast=ensemble.cast,
            words=ensemble.words,
            tracks=tracks,
            seed=seed,
            folder=folder,
        )
    ]
    rows = [row for some in parallel.each(scenes.write, batches, "events") for row in some]
    rows.sort(key=lambda row: row.path)
    manifest.write(folder / listing.FOLDER / manifest.NAME, rows)
    listing.write(folder, scenes.listed(rows, events))


def _speaker(one: Scene) -> str:
    """A speaker's identity; a silence has one of its own."""
    if one.label == SILENCE:
        return voices.identity(f"{one.split}/{SILENCE}/{one.index}")
    return voices.identity(voices.name(one.voice, one.accent))


def _paths(scenes: Sequence[Scene]) -> Iterator[str]:
    said: Counter[str] = Counter()
    for one in scenes:
        speaker = _speaker(one)
        yield f"{one.label}/{speaker}_nohash_{said[speaker]}.flac"
        said[speaker] += 1


def _write_lists(folder: Path, rows: Sequence[Row]) -> None:
    for split, name in LISTS.items():
        paths = [row.path for row in rows if row.scene.split == split]
        files.write_text(folder / name, "".join(f"{path}\n" for path in paths))
