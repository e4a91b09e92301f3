"""How events at the door sound: what is said at each kind, when, how loud, and by whom."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from palisade import stage
from palisade.corpus import Unusable
from palisade.scenes import events, listing
from palisade.scenes.events import KINDS, NEAR_MISSES, Counts, Event
from palisade.splits import NAMES
from palisade.tasks.voice.recordings import reader
from palisade.tasks.voice.samples.labels import SILENCE, UNKNOWN
from palisade.tasks.voice.synthesis import corpus, doorstep, scenes
from palisade.tasks.voice.synthesis.params import Params
from palisade.tasks.voice.synthesis.scene import Track
from palisade.tasks.voice.synthesis.words import Words

RATE_HZ = 16000
SEED = 7
AMOUNTS = {
    "command_clips": 1,
    "unknown_clips": 2,
    "running_clips": 1,
    "silence_clips": 2,
    "voices": 3,
}
ACOUSTICS = {
    "rate_wpm": [120.0, 220.0], "pitch": [25.0, 75.0], "pitch_range": [20.0, 80.0],
    "tract_scale": [0.9, 1.1], "rt60_ms": [100.0, 600.0],
    "direct_to_reverberant_db": [3.0, 18.0], "high_pass_hz": [40.0, 250.0],
    "low_pass_hz": [3500.0, 7600.0], "tilt_db": [-6.0, 6.0], "peak_hz": [800.0, 5000.0],
    "peak_db": [-4.0, 6.0], "snr_db": [5.0, 25.0], "babble_snr_db": [10.0, 25.0],
    "gain_db": [-8.0, 8.0], "clipping_probability": 0.0, "clipping_knee": [0.2, 0.7],
}  # fmt: skip
PARAMS = stage.checked(
    Params,
    {
        "commands": ["unlock", "lock", "stop", "help"],
        "sound_alikes": ["luck", "block", "clock"],
        "sound_alike_share": 0.2,
        "unseen_share": 0.3,
        "longest_word_ms": 850,
        "speech_rms": 0.05,
        "acoustics": ACOUSTICS,
        **dict.fromkeys(NAMES, AMOUNTS),
    },
    "params.yaml: synthesize.voice",
)
WORDS = Words(("apple", "table"), ("luck", "block"), frozenset())
CAST = (("f1",), ("f2",), ("m1",))


def drawn_events(count: int, **changes: Any) -> tuple[Event, ...]:
    counts = Counts(**dict.fromkeys(KINDS, count) | changes)
    both = events.Params(window_s=3.0, calibration=counts, test=counts)
    return events.draw(both, seed=SEED)


def tracks() -> tuple[Track, ...]:
    dice = np.random.default_rng(0)
    sounds = dice.standard_normal((4, 40000)).astype(np.float32)
    return tuple(Track(v, s) for v, s in zip(("m1", "m2", "m3", "f1"), sounds, strict=True))


TRACKS = tracks()


def draw(event: Event) -> doorstep.Heard:
    return scenes.draw(event, params=PARAMS, cast=CAST, words=WORDS, tracks=TRACKS, seed=SEED)


def many(kind: str) -> list[doorstep.Heard]:
    near = dict.fromkeys(NEAR_MISSES, 30)  # a third of the negatives has to be
    return [draw(one) for one in drawn_events(1, **near | {kind: 300}) if one.kind == kind]


def shares(kind: str) -> dict[str, float]:
    """How often what is said, of 600 events of a kind."""
    said = Counter(heard.scene.text for heard in many(kind))
    return {text: count / said.total() for text, count in said.items()}


def rms(x: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(np.square(x, dtype=np.float64))))


def hum(samples: int = 6000) -> NDArray[np.float32]:
    time = np.arange(samples) / RATE_HZ
    return sum(np.sin(2 * np.pi * hz * time) for hz in (150, 300, 900, 2400)).astype(np.float32)


@pytest.mark.parametrize("kind", ["visitor_unlocks", "street_unlock"])
def test_the_first_command_is_said(kind: str) -> None:
    assert shares(kind) == {"unlock": 1.0}


def test_other_commands_are_the_most_alike_half_the_time() -> None:
    found = shares("visitor_commands")
    assert set(found) == {"lock", "stop", "help"}
    assert found["lock"] == pytest.approx(0.5, abs=0.07)


def test_visitors_who_talk_say_sound_alikes_half_the_time() -> None:
    found = shares("visitor_talks")
    assert found["luck"] + found["block"] == pytest.approx(0.5, abs=0.07)
    assert found["apple"] + found["table"] == pytest.approx(0.5, abs=0.07)


@pytest.mark.parametrize("kind", ["passer_by", "knock"])
def test_half_of_those_who_pass_or_knock_say_something(kind: str) -> None:
    heard = many(kind)
    assert shares(kind)[""] == pytest.approx(0.5, abs=0.07)
    assert {(one.scene.text == "", one.scene.label) for one in heard} == {
        (True, SILENCE), (False, UNKNOWN),
    }  # fmt: skip


def test_a_television_talks_and_says_a_command_in_three_of_ten() -> None:
    heard = many("television")
    found = shares("television")
    assert found[""] == pytest.approx(0.7, abs=0.06)
    assert found["unlock"] == pytest.approx(0.15, abs=0.05)
    for one in heard:
        assert one.scene.label == (one.scene.text or UNKNOWN)
        assert one.scene.voice == TRACKS[one.television].voice  # type: ignore[index]
        assert not one.scene.babble


@pytest.mark.parametrize("kind", ["visitor_silent", "pet", "tampering", "weather", "quiet"])
def test_the_rest_is_silence(kind: str) -> None:
    assert {(one.scene.text, one.scene.label, one.television) for one in many(kind)} == {
        ("", SILENCE, None)
    }


def test_wind_and_rain_are_heard_and_weather_is_the_loudest() -> None:
    for one in many("weather") + many("visitor_unlocks"):
        expected = scenes.WEATHER_NOISE.get(one.event.weather)
        assert expected in (None, one.scene.noise)
    assert max(one.scene.snr_db for one in many("weather")) <= 15.0
    assert max(one.scene.snr_db for one in many("visitor_unlocks")) > 20.0


def test_from_the_street_speech_is_fainter_and_has_more_of_the_room() -> None:
    near, far = many("visitor_unlocks"), many("street_unlock")

    def mean(heard: list[doorstep.Heard], what: str) -> float:
        return float(np.mean([getattr(one.scene, what) for one in heard]))

    # 20 log10(3 / 1.5) to 20 log10(8 / 1.5), evenly over the metres: 10.9 dB on average.
    for what in ("gain_db", "direct_to_reverberant_db"):
        assert mean(near, what) - mean(far, what) == pytest.approx(10.9, abs=1.2)
    assert mean(near, "snr_db") - mean(far, "snr_db") > 8


@pytest.mark.parametrize("onset_share", [0.0, 0.5, 1.0])
def test_a_word_begins_after_the_arrival_and_ends_within_the_window(onset_share: float) -> None:
    heard = many("visitor_unlocks")[0]
    heard = replace(heard, scene=replace(heard.scene, onset_share=onset_share, rt60_ms=100.0))
    begin, word = heard.onset(hum()), hum()
    assert heard.event.arrival_s * RATE_HZ - 1 <= begin <= 3 * RATE_HZ - len(word)
    speech, _ = doorstep.parts(heard, word, TRACKS, speech_rms=0.05, seed=SEED)
    assert np.abs(speech[: begin - 1]).max() < 1e-6
    assert rms(speech[begin : begin + 400]) > 1e-3


def test_a_word_that_no_longer_fits_begins_before_the_arrival() -> None:
    heard = many("visitor_unlocks")[0]
    late = replace(heard, event=replace(heard.event, window_s=1.0, arrival_s=0.6))
    assert late.onset(hum(13600)) == 16000 - 13600


def test_a_word_is_as_loud_as_in_a_clip_and_the_background_as_the_record_says() -> None:
    heard = many("visitor_unlocks")[1]
    heard = replace(heard, scene=replace(heard.scene, gain_db=-4.0, snr_db=10.0))
    speech, background = doorstep.parts(heard, hum(), TRACKS, speech_rms=0.05, seed=SEED)
    over_a_second = rms(speech) * np.sqrt(3.0)
    assert 20 * np.log10(over_a_second / 0.05) == pytest.approx(-4.0, abs=0.01)
    assert 20 * np.log10(over_a_second / rms(background)) == pytest.approx(10.0, abs=0.01)
    assert rms(background[:8000]) == pytest.approx(rms(background[-8000:]), rel=0.5)


def test_a_television_talks_throughout_in_a_narrow_band() -> None:
    heard = many("television")[0]
    # TRACKS are white, and the microphone of this test is flat.
    flat = {"tilt_db": 0.0, "peak_db": 0.0, "high_pass_hz": 40.0, "low_pass_hz": 7600.0}
    heard = replace(heard, scene=replace(heard.scene, **flat, direct_to_reverberant_db=60.0))
    speech, _ = doorstep.parts(heard, None, TRACKS, speech_rms=0.05, seed=SEED)
    seconds = [rms(speech[at : at + RATE_HZ]) for at in range(0, 3 * RATE_HZ, RATE_HZ)]
    assert min(seconds) > 0.8 * max(seconds)
    power = np.abs(np.fft.rfft(speech)) ** 2
    hz = np.fft.rfftfreq(len(speech), 1 / RATE_HZ)

    def level_db(low: float, high: float) -> float:
        return float(10 * np.log10(power[(hz >= low) & (hz < high)].mean()))

    assert level_db(800, 2000) - level_db(60, 100) > 12
    assert level_db(800, 2000) - level_db(7000, 7900) > 5


def test_knocks_are_heard_from_the_arrival_on() -> None:
    heard = many("knock")[0]
    quiet, _ = doorstep.parts(heard, None, TRACKS, speech_rms=0.05, seed=SEED)
    begin = round(heard.event.arrival_s * RATE_HZ)
    assert np.abs(quiet[: begin - 1]).max() < 1e-6
    assert rms(quiet[begin : begin + 800]) > 0.01
    other = replace(heard, event=replace(heard.event, kind="quiet"))
    assert not doorstep.parts(other, None, TRACKS, speech_rms=0.05, seed=SEED)[0].any()


def test_an_event_is_drawn_by_its_own_name_alone() -> None:
    few, more = drawn_events(1), drawn_events(1, pet=9, visitor_talks=4)
    known = {one.scene_id: draw(one) for one in more}
    for one in few:
        assert draw(one) == known[one.scene_id]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "voice"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PALISADE_WORKERS", "1")
        corpus.synthesize(PARAMS, events=drawn_events(1, visitor_talks=4), seed=SEED, folder=folder)
    return folder


def test_each_event_is_one_listed_file_as_long_as_its_window(made: Path) -> None:
    rows = listing.read(made, reader.labels(PREPARE))
    expected = drawn_events(1, visitor_talks=4)
    assert {(row.scene, row.split, row.event) for row in rows} == {
        (one.scene_id, one.split, one.kind) for one in expected
    }
    sounds = {path.name for path in (made / "_scenes_").glob("*.flac")}
    assert sounds == {row.path for row in rows}
    for name in sounds:
        about = soundfile.info(made / "_scenes_" / name)
        assert (about.frames, about.samplerate, about.channels) == (48000, RATE_HZ, 1)


def test_voices_are_of_the_events_split(made: Path) -> None:
    heard: dict[str, set[str]] = {}
    for path in (made / "manifest.csv", made / "_scenes_/manifest.csv"):
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                for voice in (row["voice"], *row["babble_voices"].split("|")):
                    heard.setdefault(voice, set()).add(row["split"])
    del heard[""]
    assert max(map(len, heard.values())) == 1


def test_clips_are_the_same_with_events_and_without(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALISADE_WORKERS", "1")
    corpus.synthesize(PARAMS, seed=SEED, folder=tmp_path / "voice")
    assert not (tmp_path / "voice/_scenes_").exists()
    clips = [path.relative_to(made) for path in made.rglob("*") if "_scenes_" not in path.parts]
    assert len(clips) > 20
    for path in clips:
        if (made / path).is_file():
            assert (made / path).read_bytes() == (tmp_path / "voice" / path).read_bytes(), path


def test_more_events_leave_an_event_as_it_was(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALISADE_WORKERS", "1")
    few = tmp_path / "voice"
    corpus.synthesize(PARAMS, events=drawn_events(1), seed=SEED, folder=few)
    sounds = [*few.glob("_scenes_/*.flac")]
    assert len(sounds) == 2 * len(KINDS)
    for path in sounds:
        assert path.read_bytes() == (made / "_scenes_" / path.name).read_bytes(), path.name


PREPARE = reader.Params(
    commands=["unlock", "lock", "stop", "help"],
    sample_rate_hz=RATE_HZ,
    clip_ms=1000,
    shortest_ms=400,
    silence_clips=10,
    silence_guard_ms=0,
    scene_hop_ms=250,
    validation_percent=10,
    test_percent=10,
    calibration_percent=10,
    least_per_class=1,
    simple_accuracy_limit=0.6,
)


def test_events_are_no_label(made: Path) -> None:
    found = reader.scan(made, PREPARE)
    assert not [one for one in found.recordings if "_scenes_" in one.id]
    assert not found.left_out


@pytest.mark.parametrize(
    ("seconds", "hop_ms", "starts"),
    [
        (3.0, 250, range(0, 32001, 4000)),
        (3.0, 750, [0, 12000, 24000, 32000]),  # the last one ends where the recording does
        (1.0, 250, [0]),
    ],
)
def test_an_event_is_cut_into_sliding_clips(
    tmp_path: Path, seconds: float, hop_ms: int, starts: list[int]
) -> None:
    sound = np.random.default_rng(1).integers(-9000, 9000, round(seconds * RATE_HZ))
    sound = sound.astype(np.int16)
    soundfile.write(tmp_path / "a.flac", sound, RATE_HZ)
    params = PREPARE.model_copy(update={"scene_hop_ms": hop_ms})
    clips = reader.decode_scene(tmp_path / "a.flac", params)
    assert clips.dtype == np.int16
    np.testing.assert_array_equal(clips, [sound[at : at + RATE_HZ] for at in starts])


def test_an_event_at_another_rate_is_resampled_and_a_short_one_padded(tmp_path: Path) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(2 * 44100) / 44100)
    soundfile.write(tmp_path / "a.wav", tone, 44100)
    clips = reader.decode_scene(tmp_path / "a.wav", PREPARE)
    assert clips.shape == (5, RATE_HZ)
    assert np.abs(clips[2]).max() == pytest.approx(16384, rel=0.01)
    soundfile.write(tmp_path / "b.wav", tone[:22050], 44100)
    (short,) = reader.decode_scene(tmp_path / "b.wav", PREPARE)
    assert short[:7900].any() and not short[8100:].any()


def test_an_event_that_cannot_be_read_gives_its_reason(tmp_path: Path) -> None:
    (tmp_path / "a.flac").write_text("no sound")
    with pytest.raises(Unusable) as refusal:
        reader.decode_scene(tmp_path / "a.flac", PREPARE)
    assert refusal.value.reason in reader.REASONS
    soundfile.write(tmp_path / "b.flac", np.full(4800, 0.1), RATE_HZ)
    with pytest.raises(Unusable, match="too_short"):
        reader.decode_scene(tmp_path / "b.flac", PREPARE)
