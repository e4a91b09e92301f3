"""Attacks on a PIR and an accelerometer: swing, band, channels, pace, cover and stuck values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.workspace import ROOT
from palisade.backend import tf
from palisade.errors import PalisadeError
from palisade.physical import aims
from palisade.physical.contest import Contest
from palisade.physical.target import DEFENDED, Target
from palisade.splits import Split
from palisade.stage import checked, lookup, read_yaml
from palisade.tasks.motion import threat
from palisade.tasks.motion.distortion import signals
from palisade.tasks.motion.geometry import Sensors
from palisade.tasks.motion.physical import attacks, evasions, room, waves
from palisade.tasks.motion.physical.params import Params

RATE_HZ, SAMPLES = 50.0, 150
LABELS = ("nothing", "person", "knock")
SENSORS = Sensors(
    units=["mg", "mg", "mg", "pir"],
    acc_range_mg=2000.0,
    pir_full_scale_counts=4095.0,
    pir_share_per_mg=0.001,
    sample_rate_hz=RATE_HZ,
    shift_ms=[-300.0, 300.0],
)
PIR, ACC = [3], [0, 1, 2]


def traces(count: int) -> Split:
    dice = np.random.default_rng(count)
    time = np.arange(SAMPLES) / RATE_HZ
    x = dice.normal(0, 5, (count, SAMPLES, 4))
    x[..., 2] += 1000
    x[..., 3] += 2048 + 400 * np.sin(2 * np.pi * 0.9 * time)
    names = np.array([f"trace{number}" for number in range(count)])
    return Split(np.asarray(x, np.int32), np.arange(count) % 3, names, names, LABELS)


@pytest.fixture(scope="module")
def contest() -> Contest[Params]:
    """Six traces, against three linear classes."""
    weights = tf.constant(np.random.default_rng(0).standard_normal((SAMPLES * 4, 3)), tf.float32)
    params = checked(
        Params, lookup(read_yaml(ROOT / "tests/smoke/params.yaml"), "physical.motion"), "params"
    )
    target = Target(
        name=DEFENDED,
        aims=(
            aims.oblivious(lambda x: tf.matmul(tf.reshape(x, [-1, SAMPLES * 4]), weights) / 1000),
        ),
        threat=threat.Threat(SENSORS),
        device=None,  # type: ignore[arg-type]  # nothing here is judged
    )
    return Contest(target, traces(6), traces(9), params, 7)


def test_an_exciter_keeps_its_swing_its_band_and_its_sensor(contest: Contest[Params]) -> None:
    source = attacks.exciter(contest)
    universal = waves.universal(contest, source, *contest.target.aims)(100.0, None)
    assert np.abs(universal).max() == pytest.approx(100.0, rel=1e-4)
    for made in (
        waves.own(contest, source, contest.scored, *contest.target.aims)(100.0, None),
        universal,
    ):
        assert 0 < np.abs(made).max() < 100.01
        assert not made[..., 3].any()
        power = (np.abs(np.fft.rfft(made, axis=1)) ** 2).sum(axis=(0, 2))
        hz = np.fft.rfftfreq(SAMPLES, 1 / RATE_HZ)
        low, high = contest.params.vibration_hz
        assert power[(hz < low) | (hz > high)].sum() < 1e-8 * power.sum()


def test_a_waveform_without_intent_has_the_same_swing_and_band(contest: Contest[Params]) -> None:
    for source, places in ((attacks.exciter(contest), ACC), (attacks.heat(contest), PIR)):
        made = waves.idle(contest, source, 100.0, contest.scored)
        assert np.abs(made).max(axis=1)[:, places] == pytest.approx(100.0, rel=1e-4)
        assert np.flatnonzero(made.any(axis=(0, 1))).tolist() == places
        power = (np.abs(np.fft.rfft(made, axis=1)) ** 2).sum(axis=(0, 2))
        hz = np.fft.rfftfreq(SAMPLES, 1 / RATE_HZ)
        assert power[(hz < source.band_hz[0]) | (hz > source.band_hz[1])].sum() < 1e-8 * power.sum()
        assert len({trace.tobytes() for trace in made}) == len(made)


def still(contest: Contest[Params]) -> aims.Aim:
    """An aim that climbs nothing: it keeps what it begins with."""
    (aim,) = contest.target.aims
    return replace(aim, evade=lambda x, y: 0.0 * aim.evade(x, y), resumes=True)


def test_a_second_aim_begins_with_the_waveforms_of_the_first(contest: Contest[Params]) -> None:
    source, (aim,), second = attacks.exciter(contest), contest.target.aims, still(contest)
    for make in (
        lambda aim: waves.own(contest, source, contest.scored, aim),
        lambda aim: waves.universal(contest, source, aim),
    ):
        first = make(aim)(100.0, None)
        assert make(second)(100.0, first) == pytest.approx(first, abs=0.01)


def test_a_heat_source_reaches_the_pir_alone_and_stays_within_its_rails(
    contest: Contest[Params],
) -> None:
    source = attacks.heat(contest)
    made = waves.own(contest, source, contest.scored, *contest.target.aims)(
        0.2 * SENSORS.full_scale_pir_mg, None
    )
    raw = waves.added(contest, source, made, "heat", contest.scored)
    assert np.array_equal(raw[..., :3], contest.scored.x[..., :3])
    moved = np.abs(raw[..., 3] - contest.scored.x[..., 3])
    strongest = 10 ** (contest.params.gain_db[1] / 20)
    assert 0 < moved.max() <= 0.2 * 4095 * strongest + 1
    assert raw[..., 3].min() >= 0 and raw[..., 3].max() <= 4095


@pytest.mark.parametrize("named", ["silence", "person"])
def test_heat_is_waved_where_nobody_is_about(contest: Contest[Params], named: str) -> None:
    assert [LABELS[one] for one in attacks.quiet(contest)] == ["nothing"]
    wrong = replace(contest, params=contest.params.model_copy(update={"quiet": [named]}))
    with pytest.raises(PalisadeError, match=f"quiet names {named}, which is no class of nobody"):
        attacks.quiet(wrong)


def test_a_larger_swing_is_no_weaker_where_it_was_crafted(contest: Contest[Params]) -> None:
    source = attacks.heat(contest)
    (aim,) = contest.target.aims
    craft = waves.own(contest, source, contest.scored, aim)
    value = waves._value(contest, source, aim, batch=0)
    worth = [
        waves._worth(contest, value, craft(swing, None), contest.scored) for swing in (50.0, 400.0)
    ]
    assert (worth[1] >= worth[0] - 1e-6).all()


def test_scoring_meets_another_lag_and_gain_than_crafting(contest: Contest[Params]) -> None:
    source = attacks.exciter(contest)
    made = waves.universal(contest, source, *contest.target.aims)(100.0, None)
    one, again, other = (
        waves.added(contest, source, made, name, contest.scored) for name in ("a", "a", "b")
    )
    assert np.array_equal(one, again) and not np.array_equal(one, other)


def test_a_slow_walk_is_slower_and_fainter_and_leaves_the_rest(contest: Contest[Params]) -> None:
    walk = np.asarray(contest.scored.x[0], np.float64)

    def slowed(rate: float) -> np.ndarray:
        return evasions.slow_approach(
            walk, pir=PIR, acc=ACC, rate=rate, low_cut_hz=0.2, sample_rate_hz=RATE_HZ
        )

    paced = signals.stretch(walk, 0.35, fixed=(SAMPLES - 1) / 2)
    assert np.ptp(slowed(0.35)[:, 3]) < 0.85 * np.ptp(paced[:, 3])  # the high-passes took it
    assert np.ptp(slowed(1.0)[:, 3]) == pytest.approx(np.ptp(walk[:, 3]), rel=0.02)
    turns = [np.count_nonzero(np.diff(np.sign(_smooth(slowed(r)[:, 3])))) for r in (1.0, 0.35)]
    assert turns[1] < turns[0]


def _smooth(x: np.ndarray) -> np.ndarray:
    kept = np.convolve(x, np.ones(9) / 9, mode="valid")
    return np.asarray(kept - kept.mean())


def test_a_cover_lets_its_share_through_and_a_stuck_sensor_says_one_value(
    contest: Contest[Params],
) -> None:
    walk = np.asarray(contest.scored.x[0], np.float64)
    rest = np.median(walk[:, 3])
    covered = evasions.masked(walk, PIR, 0.25)
    assert covered[:, 3] - rest == pytest.approx(0.25 * (walk[:, 3] - rest))
    assert np.array_equal(covered[:, ACC], walk[:, ACC])
    held = attacks.delivered(contest, contest.scored, lambda x: evasions.stuck(x, PIR))
    assert (held[..., 3] == contest.scored.x[:, :1, 3]).all()
    assert np.array_equal(held[..., ACC], contest.scored.x[..., ACC])


def test_heat_is_right_where_a_person_is_said_only_for_a_person() -> None:
    allowed = attacks.right("heat_source", np.array([0, 1]), LABELS)
    assert allowed.tolist() == [[True, False, True], [False, True, False]]


def test_the_exciters_files_hold_the_waveform_in_mg(contest: Contest[Params]) -> None:
    found = room.contents(contest)
    lines = found["universal_vibration_mg.csv"].decode().splitlines()
    values = np.array([line.split(",")[1:] for line in lines[1:]], float)
    assert values.shape == (SAMPLES, 3)
    assert np.abs(values).max() == pytest.approx(contest.params.reference_mg, abs=0.1)
    assert sum(name.endswith(".wav") for name in found) == 3
    assert "100 mg" in room.protocol(contest)
