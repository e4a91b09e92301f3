"""Attacks on a microphone through the air: level, band, draws, and what ultrasound becomes."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
import scipy.signal
import soundfile
from numpy.typing import NDArray

from benchmarks.workspace import ROOT
from palisade.backend import tf
from palisade.physical import aims, draws
from palisade.physical.contest import Contest
from palisade.physical.target import DEFENDED, Target
from palisade.splits import Split
from palisade.stage import checked, lookup, read_yaml
from palisade.tasks.voice import threat
from palisade.tasks.voice.physical import attacks, injection, room, sounds
from palisade.tasks.voice.physical.params import Params

RATE_HZ, SAMPLES, SPEECH_RMS = 16000, 8000, 0.05
LABELS = ("unlock", "stop", "_unknown_", "_silence_")


def params() -> Params:
    found: Params = checked(
        Params, lookup(read_yaml(ROOT / "tests/smoke/params.yaml"), "physical.voice"), "params"
    )
    return found


def clips(count: int) -> Split:
    dice = np.random.default_rng(count)
    sound = 0.05 * dice.standard_normal((count, SAMPLES)) * np.hanning(SAMPLES)
    names = np.array([f"clip{number}" for number in range(count)])
    return Split(
        np.asarray(sound * 32768, np.int16), np.arange(count) % len(LABELS), names, names, LABELS
    )


@pytest.fixture(scope="module")
def contest() -> Contest[Params]:
    """Three clips, against four linear classes."""
    weights = tf.constant(
        np.random.default_rng(0).standard_normal((SAMPLES, len(LABELS))), tf.float32
    )
    target = Target(
        name=DEFENDED,
        aims=(aims.oblivious(lambda x: tf.matmul(x, weights)),),
        threat=threat.Threat(threat.Params(reference_speech_rms=SPEECH_RMS)),
        device=None,  # type: ignore[arg-type]  # nothing here is judged
    )
    return Contest(target, clips(3), clips(8), params(), 7)


def rms(x: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.sqrt(np.mean(np.square(x, dtype=np.float64), axis=-1))


def outside_band_db(x: NDArray[np.float32], low: float, high: float) -> float:
    power = np.abs(np.fft.rfft(x, axis=-1)) ** 2
    hz = np.fft.rfftfreq(x.shape[-1], 1 / RATE_HZ)
    outside = (hz < low) | (hz > high)
    return float(10 * np.log10(power[..., outside].sum() / power.sum()))


def test_a_clips_own_sound_keeps_its_budget_and_what_is_played_the_band(
    contest: Contest[Params],
) -> None:
    air = attacks.air(contest, draws.CRAFTING)
    made = sounds.own(contest, air, *contest.target.aims)(15.0, None)
    loudest = np.maximum(rms(contest.scored.x / 32768), SPEECH_RMS)
    assert (20 * np.log10(loudest / rms(made)) >= 15.0 - 0.01).all()
    assert outside_band_db(np.asarray(air.played(made, SAMPLES)), 300, 7000) < -60


def test_a_loudspeaker_clips_a_burst_as_it_clips_what_goes_on(contest: Contest[Params]) -> None:
    """The silence after a burst lowers no knee."""
    air = attacks.air(contest, draws.CRAFTING)
    steady = np.random.default_rng(5).normal(0, 0.01, (1, SAMPLES)).astype(np.float32)
    burst = np.where(np.arange(SAMPLES) < SAMPLES // 5, steady, 0.0).astype(np.float32)

    def kept_db(sound: NDArray[np.float32], sounding: int) -> float:
        played = rms(np.asarray(air.played(sound, sounding)))
        return float((20 * np.log10(played / rms(np.asarray(air.banded(sound)))))[0])

    whole = kept_db(steady, SAMPLES)
    assert kept_db(burst, SAMPLES // 5) == pytest.approx(whole, abs=0.1)
    assert kept_db(burst, SAMPLES) < whole - 0.5


def still(contest: Contest[Params]) -> aims.Aim:
    """An aim that climbs nothing: it keeps what it begins with."""
    (aim,) = contest.target.aims
    return replace(aim, evade=lambda x, y: 0.0 * aim.evade(x, y), resumes=True)


def test_a_second_aim_begins_with_the_sounds_of_the_first(contest: Contest[Params]) -> None:
    air, (aim,), second = attacks.air(contest, draws.CRAFTING), contest.target.aims, still(contest)
    whole = sounds.whole(air)
    for make in (
        lambda aim: sounds.own(contest, air, aim),
        lambda aim: sounds.universal(contest, air, whole, aim),
    ):
        first = make(aim)(15.0, None)
        kept = make(second)(15.0, first)
        for mine, other in zip(first, kept, strict=True):
            assert np.corrcoef(mine, other)[0, 1] > 0.99


def test_a_pulse_is_short_at_its_budget_and_ends_within_the_clip(
    contest: Contest[Params],
) -> None:
    air = attacks.air(contest, draws.CRAFTING)
    burst = sounds.pulse(air, 200.0)
    made = sounds.universal(contest, air, burst, *contest.target.aims)(15.0, None)
    assert made.shape == (1, SAMPLES) and not made[:, burst.samples :].any()
    level = rms(made[0, : burst.samples])
    assert 20 * np.log10(SPEECH_RMS / level) == pytest.approx(15.0, abs=1.0)
    assert burst.samples == 3200
    assert burst.shift_ms[1] == pytest.approx(300.0)


def test_scoring_meets_rooms_and_noises_that_crafting_never_met(contest: Contest[Params]) -> None:
    crafting, scoring = (
        attacks.air(contest, purpose) for purpose in (draws.CRAFTING, draws.SCORING)
    )
    for mine in crafting.noises:
        assert not any(np.allclose(mine, other) for other in scoring.noises)
    for mine in crafting.responses:
        assert not any(
            np.allclose(mine[:100], other[:100], atol=1e-3) for other in scoring.responses
        )
    same = draws.pair(7, draws.CRAFTING, "a"), draws.pair(7, draws.SCORING, "a")
    assert not np.array_equal(*same)


def test_sound_arrives_late_by_the_lag_and_never_comes_round_again(
    contest: Contest[Params],
) -> None:
    air = attacks.air(contest, draws.CRAFTING)
    click = np.zeros((1, SAMPLES), np.float32)
    click[0, 0] = 1.0
    lag_ms = 100.0
    heard = np.asarray(air.heard(click, draws.pair(7, "lag"), count=1, shift_ms=(lag_ms, lag_ms)))[
        0
    ]
    assert np.argmax(np.abs(heard)) == 1600
    assert np.abs(heard[:1590]).max() < 1e-4 * np.abs(heard).max()


def test_ultrasound_becomes_what_a_sampled_carrier_becomes(contest: Contest[Params]) -> None:
    """The claim of ``demodulated``, against a carrier of 30 kHz sampled at 192 kHz."""
    time = np.arange(SAMPLES) / RATE_HZ
    voice = np.asarray(
        0.3
        * np.hanning(SAMPLES)
        * (np.sin(2 * np.pi * 700 * time) + np.sin(2 * np.pi * 1900 * time)),
        np.float32,
    )
    fine = scipy.signal.resample_poly(voice / np.abs(voice).max(), 12, 1)
    carrier = np.cos(2 * np.pi * 30000 * np.arange(len(fine)) / 192000)
    sent = (1 + 0.9 * fine) * carrier
    nonlinear = sent + 0.1 * sent**2
    slow = scipy.signal.resample(nonlinear - nonlinear.mean(), SAMPLES)  # without a leak
    truth = injection.microphone(np.asarray(slow, np.float32), RATE_HZ)
    found = injection.demodulated(voice, depth=0.9, sample_rate_hz=RATE_HZ)
    assert np.corrcoef(truth, found)[0, 1] > 0.999
    assert np.corrcoef(voice, found)[0, 1] < 0.999  # the square of the command is in it


def test_a_replayed_command_is_right_only_where_no_command_is_taken() -> None:
    y = np.array([0, 1])
    assert attacks.right("replay", y, LABELS).tolist() == [[False, False, True, True]] * 2
    assert attacks.right("over_the_air", y, LABELS)[1].tolist() == [False, True, False, False]


def test_the_sounds_for_the_room_are_at_the_level_that_is_stated(contest: Contest[Params]) -> None:
    found = room.contents(contest)
    assert {"universal.wav", "pulse.wav", "replay_unlock.wav"} <= set(found)
    sound, rate_hz = soundfile.read(io.BytesIO(found["universal.wav"]))
    assert rate_hz == RATE_HZ
    assert 20 * np.log10(np.abs(sound).max()) == pytest.approx(-3, abs=0.01)
    told = room.protocol(contest)
    assert "15 dB below speech" in told and all(
        name in told for name in ("universal.wav", "pulse.wav")
    )
