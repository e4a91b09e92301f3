"""Blocks of sound: repeatable, by the voices of one split, with commands where they are said."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from palisade import parallel, seeds
from palisade.tasks.voice.streaming import drawing, household, mixing, talk
from palisade.tasks.voice.streaming.blocks import Block, plan
from palisade.tasks.voice.streaming.drawing import Studio, Take
from palisade.tasks.voice.streaming.params import Params
from palisade.tasks.voice.synthesis import sentences
from palisade.tasks.voice.synthesis.speech import SAMPLE_RATE_HZ
from palisade.tasks.voice.synthesis.words import Words

BLOCKS = [
    Block("test", "speech", 0),
    Block("test", "background", 0),
    Block("test", "commands", 0, ("lock", "alarm")),
]


def take(studio: Studio, block: Block, stack: ExitStack) -> Take:
    return Take(studio, block, 5, seeds.generator(5, "block"), stack)


def rms(sound: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))


def test_a_block_is_the_same_alone_in_any_order_and_in_any_worker(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = [studio(block).samples for block in BLOCKS]
    backwards = [studio(block).samples for block in reversed(BLOCKS)][::-1]
    monkeypatch.setenv("PALISADE_WORKERS", "2")
    shared = [sound.samples for sound in parallel.each(studio, BLOCKS, "blocks")]
    for one, two, three in zip(alone, backwards, shared, strict=True):
        np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(one, three)


def test_blocks_differ_by_index_kind_split_and_seed(studio: Studio) -> None:
    block = Block("test", "background", 0)
    found = [
        studio(block).samples,
        studio(replace(block, index=1)).samples,
        studio(replace(block, split="calibration")).samples,
        replace(studio, seed=2)(block).samples,
    ]
    assert len({one.tobytes() for one in found}) == len(found)


def test_a_block_has_a_seed_of_its_own(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[int, float]] = []

    def take(studio: Studio, block: Block, own: int, dice: np.random.Generator, _: object) -> Any:
        drawn.append((own, dice.random()))
        return SimpleNamespace(render=lambda: None)

    monkeypatch.setattr(drawing, "Take", take)
    block = Block("test", "background", 0)
    others = (replace(block, index=1), replace(block, kind="speech"), replace(block, split="train"))
    for one in (block, *others):
        studio(one)
    assert len({own for own, _ in drawn}) == len({draw for _, draw in drawn}) == 4


def test_blocks_are_as_long_as_asked_and_neither_silent_nor_all_clipped(studio: Studio) -> None:
    for block in BLOCKS[:2]:
        sound = studio(block)
        assert sound.samples.shape == (8 * SAMPLE_RATE_HZ,)
        assert sound.samples.dtype == np.int16
        assert not sound.said
        assert 10 < rms(sound.samples) < 20000


def test_speech_never_stops_for_long(studio: Studio) -> None:
    with ExitStack() as stack:
        speech, _ = take(studio, BLOCKS[0], stack)._happens()
    tenths = np.abs(speech).reshape(-1, SAMPLE_RATE_HZ // 10).max(axis=1) > 1e-3
    quiet = max(map(len, "".join(".x"[int(loud)] for loud in tenths).split("x")))
    assert tenths.mean() > 0.6
    assert quiet <= 13  # a pause of at most a second, and the edges of words


def test_only_the_voices_of_the_split_speak(studio: Studio) -> None:
    mine = {voice for family in studio.cast for voice in family}
    with ExitStack() as stack:
        one = take(studio, BLOCKS[2], stack)
        heard = {one.record("lock").voice for _ in range(300)}
    assert heard <= mine
    assert len(heard) > len(studio.cast) / 2


def test_records_of_one_block_are_all_different(studio: Studio) -> None:
    with ExitStack() as stack:
        one = take(studio, BLOCKS[0], stack)
        assert len({one.record("lock") for _ in range(20)}) == 20


def test_commands_are_where_they_are_said_to_be_with_silence_around(studio: Studio) -> None:
    quiet = replace(studio, params=studio.params.model_copy(update={"talk_share": 0.0}))
    with ExitStack() as stack:
        track, said = take(quiet, BLOCKS[2], stack)._happens()
    assert [one.label for one in said] == ["lock", "alarm"]
    silent = np.ones(len(track), np.bool_)
    for one in said:
        begin, end = (round(ms * SAMPLE_RATE_HZ / 1000) for ms in (one.begin_ms, one.end_ms))
        silent[begin:end] = False
        word = track[begin:end]
        assert 0.15 * SAMPLE_RATE_HZ < len(word) <= 0.85 * SAMPLE_RATE_HZ
        assert np.sum(np.square(word)) == pytest.approx(SAMPLE_RATE_HZ, rel=1e-3)
    assert not track[silent].any()
    assert said[0].begin_ms >= 1000 * talk.AFTER_S[0]
    assert said[1].begin_ms - said[0].end_ms >= 1000 * (talk.AFTER_S[0] + talk.BEFORE_S[0])


def test_others_talk_before_a_command_but_not_close_to_it(studio: Studio) -> None:
    talkative = replace(studio, params=studio.params.model_copy(update={"talk_share": 1.0}))
    with ExitStack() as stack:
        track, said = take(talkative, BLOCKS[2], stack)._happens()
    begin = round(said[0].begin_ms * SAMPLE_RATE_HZ / 1000)
    pause = round(talk.BEFORE_S[0] * SAMPLE_RATE_HZ)
    assert not track[begin - pause : begin].any()
    assert track[: begin - pause].any()


def test_an_underscore_in_a_label_is_said_as_a_space(studio: Studio) -> None:
    with ExitStack() as stack:
        one = take(studio, BLOCKS[2], stack)._command("turn_on")
    assert (one.label, one.text) == ("turn_on", "turn on")


def test_a_plan_has_the_hours_the_share_of_speech_and_the_commands(params: Params) -> None:
    found = plan(params, "test", labels=("unlock", "lock", "alarm"), clip_ms=1000)
    counts = {kind: sum(one.kind == kind for one in found) for kind in ("speech", "background")}
    decided_s = params.decision.decided_ms(8000, 1000) / 1000
    assert decided_s == 6.9  # 71 windows, of which the first two have no mean yet
    assert sum(counts.values()) * decided_s >= params.test.hours * 3600
    assert counts["speech"] * decided_s >= 0.6 * params.test.hours * 3600
    said = [label for one in found for label in one.commands]
    assert sorted(said) == ["alarm"] * 2 + ["lock"] * 2 + ["unlock"] * 3
    assert len(set(found)) == len(found)


def test_no_sentence_holds_a_command_and_the_sound_alikes_are_as_many_as_asked(
    studio: Studio,
) -> None:
    dice = np.random.default_rng(1)
    commands = (*studio.commands, "on", "the")  # as another home may have them
    alike = content = 0
    for _ in range(300):
        text = sentences.sentence(studio.words, sound_alike_share=0.2, commands=commands, dice=dice)
        assert text[-1] in ".?"
        spoken = text.rstrip(".?").replace(",", "")
        assert len(spoken.split()) >= 3
        padded = f" {spoken} "
        assert not [one for one in commands if f" {one.replace('_', ' ')} " in padded]
        alike += sum(padded.count(f" {word} ") for word in studio.words.sound_alikes)
        content += sum(padded.count(f" {word} ") for word in studio.words.ordinary)
    assert alike / (alike + content) == pytest.approx(0.2, abs=0.03)


def test_no_sentence_holds_a_command_of_several_words() -> None:
    few = Words(ordinary=("red", "door"), sound_alikes=(), unseen=frozenset())
    dice = np.random.default_rng(1)
    said = [
        sentences.sentence(few, sound_alike_share=0.0, commands=("red_door",), dice=dice)
        for _ in range(60)
    ]
    assert not [one for one in said if "red door" in one.replace(",", "")]
    assert [one for one in said if "door red" in one.replace(",", "")]


@pytest.mark.parametrize("make", household.KINDS, ids=lambda make: make.__name__)
def test_a_household_sound_is_short_and_never_twice_the_same(make: household.Kind) -> None:
    found = [make(SAMPLE_RATE_HZ, np.random.default_rng(seed)) for seed in range(12)]
    for sound in found:
        assert sound.dtype == np.float32
        assert np.isfinite(sound).all() and sound.any()
        assert 0.004 < len(sound) / SAMPLE_RATE_HZ < 4
    assert len({sound.tobytes() for sound in found}) > 10


def test_room_and_microphone_change_no_level_and_the_background_keeps_its_distance(
    studio: Studio,
) -> None:
    dice = np.random.default_rng(3)
    with ExitStack() as stack:
        record = replace(take(studio, BLOCKS[0], stack).record("lock"), clipping_knee=0.0)
    record = replace(record, gain_db=0.0)
    noise = dice.standard_normal((2, 4 * SAMPLE_RATE_HZ), dtype=np.float32)
    happens, behind = noise[0], 0.1 * noise[1]
    room = mixing.room(record, dice)
    silence = np.zeros_like(happens)
    both = [
        mixing.mixed(record, *parts, room=room, speech_rms=0.05)
        for parts in ((happens, silence), (silence, behind))
    ]
    assert rms(both[0]) == pytest.approx(0.05, rel=0.01)
    assert rms(both[1]) == pytest.approx(0.005, rel=0.01)


def test_gains_stay_within_their_bounds_and_change() -> None:
    found = 20 * np.log10(mixing.gains(SAMPLE_RATE_HZ * 60, [-12.0, 6.0], np.random.default_rng(1)))
    assert -12.01 < found.min() < -3 < 0 < found.max() < 6.01
    steady = np.abs(np.diff(found[:: SAMPLE_RATE_HZ // 100])) < 1e-3
    assert 0.8 < steady.mean() < 1.0
