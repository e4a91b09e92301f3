"""Speech comes from a process of its own, trimmed, in time, and always the same."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from palisade.errors import PalisadeError
from palisade.tasks.voice.synthesis import voices, words
from palisade.tasks.voice.synthesis.speech import Synthesizer, Utterance, trim

STOP = Utterance("en-us+f2", 170, 50, 50, 1.0, "stop")


def said(text: str, **changes: object) -> Utterance:
    return Utterance(**{**STOP.__dict__, "text": text, **changes})  # type: ignore[arg-type]


def test_each_voice_says_a_word_in_each_accent() -> None:
    with Synthesizer() as synthesizer:
        for family in voices.FAMILIES:
            for voice in family:
                x = synthesizer.say(said("lock", voice=voices.name(voice, "en-us")))
                assert 1600 < len(x) < 16000, voice
                assert np.sqrt(np.mean(x**2)) > 0.003, voice
        for accent in voices.ACCENTS:
            assert len(synthesizer.say(said("lock", voice=voices.name("f2", accent)))) > 1600


def test_same_calls_in_another_process_give_the_same_samples() -> None:
    calls = [STOP, said("unlock", voice="en+m3"), said("alarm", voice="en-029+croak"), STOP]
    with Synthesizer() as one, Synthesizer() as other:
        for call in calls:
            np.testing.assert_array_equal(one.say(call), other.say(call))


def test_settings_are_heard() -> None:
    with Synthesizer() as synthesizer:
        slow, fast = (len(synthesizer.say(said("lights", rate_wpm=r))) for r in (100, 250))
        assert slow > 1.3 * fast
        long, short = (len(synthesizer.say(said("lights", tract_scale=t))) for t in (0.9, 1.1))
        assert long / short == pytest.approx(1.1 / 0.9, rel=0.05)
        low, high = (synthesizer.say(said("alarm", pitch=p)) for p in (10, 90))
        assert _pitch_hz(high) > 1.2 * _pitch_hz(low)


def test_a_long_word_is_said_faster() -> None:
    with Synthesizer() as synthesizer:
        x, how = synthesizer.say_within(said("extraordinary", rate_wpm=100), 9000)
        assert len(x) <= 9000
        assert how.rate_wpm > 100
        _, how = synthesizer.say_within(STOP, 16000)
        assert how == STOP


def test_an_unknown_voice_is_one_clear_error() -> None:
    with (
        Synthesizer() as synthesizer,
        pytest.raises(PalisadeError, match=r"espeak-ng failed \(it has no voice xx\+f2\)"),
    ):
        synthesizer.say(said("stop", voice="xx+f2"))


def test_text_without_sound_is_refused() -> None:
    with Synthesizer() as synthesizer, pytest.raises(PalisadeError, match="says nothing for ' '"):
        synthesizer.say(said(" "))


def test_trim_keeps_all_that_is_within_45_db_of_the_loudest() -> None:
    x = np.zeros(16000, np.float32)
    x[4000:8000] = 0.5
    x[8000:9000] = 0.01  # -34 dB
    x[9000:9500] = 0.001  # -54 dB
    kept = trim(x)
    assert len(kept) == pytest.approx(5000, abs=80)
    assert kept[0] == 0.5


def test_the_library_is_loaded_in_its_own_process_alone() -> None:
    with Synthesizer() as synthesizer:
        synthesizer.say(STOP)
    with open("/proc/self/maps", encoding="utf-8") as maps:
        assert "libespeak" not in maps.read()
    assert "palisade.tasks.voice.synthesis.espeak" in sys.modules


def test_voices_are_named_once_and_families_stay_together() -> None:
    everyone = [voice for family in voices.FAMILIES for voice in family]
    assert len(everyone) == len(set(everyone))
    room = {"train": 30, "validation": 5, "calibration": 5, "test": 10}
    drawn = voices.share_out(room, seed=3)
    assert {name: len(families) for name, families in drawn.items()} == room
    all_drawn = [family for families in drawn.values() for family in families]
    assert len(set(all_drawn)) == 50
    assert set(all_drawn) <= set(voices.FAMILIES)
    assert voices.share_out(room, seed=4) != drawn


def test_other_words_hold_no_command() -> None:
    split = words.share_out(["flights"], commands=["happy", "bed"], unseen_share=0.2, seed=1)
    for said_there in split.values():
        assert "happy" not in said_there.ordinary
        assert "flights" not in said_there.ordinary
    assert len(words.ORDINARY) > 100
    assert len(set(words.ORDINARY)) == len(words.ORDINARY)
    assert split["test"].unseen.isdisjoint(split["train"].ordinary)
    assert split["test"].unseen <= {*split["test"].ordinary, *split["test"].sound_alikes}


def _pitch_hz(x: np.ndarray) -> float:
    """The strongest lag between 60 and 400 Hz of the word's loudest 50 ms."""
    at = int(np.argmax(np.convolve(x**2, np.ones(800), "valid")))
    frame = x[at : at + 800] - x[at : at + 800].mean()
    similar = np.correlate(frame, frame, "full")[799:]
    return 16000 / (40 + int(np.argmax(similar[40:267])))
