"""No alarm where there is no drift, over many logs; an alarm in time where there is."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom, kstest

from palisade.guard.judgement import Signal
from palisade.monitoring import conformal, distance, martingale, verdict
from palisade.monitoring.reading import Log
from palisade.monitoring.verdict import Word
from tests.monitoring import field

LEVEL = 0.05
SEEDS = 300
MIX = (0.1, 0.2, 0.7)  # of a log's labels, other than calibration's
Sample = tuple[NDArray[np.int64], NDArray[np.int64]]


def sample(
    count: int, random: np.random.Generator, *, shift: float = 0.0, mix: tuple[float, ...] = ()
) -> Sample:
    """Labels and scores; three labels whose scores are not alike."""
    label = random.choice(3, count, p=mix or (0.4, 0.3, 0.3))
    return label, np.round(10 * (random.normal(size=count) + 2 * label + shift)).astype(np.int64)


def p_values(
    seed: int, *, known: int, shift: float = 0.0, before: int = 0, count: int = 400
) -> NDArray[np.float64]:
    """Of a log that drifts after ``before`` answers, with another mix of labels throughout."""
    random = np.random.default_rng(seed)
    calm, later = sample(before, random, mix=MIX), sample(count, random, shift=shift, mix=MIX)
    seen = tuple(np.concatenate(pair) for pair in zip(calm, later, strict=True))
    return conformal.p_values(sample(known, random), seen, random.random(before + count))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def undrifted() -> NDArray[np.float64]:
    """``[seeds, n]`` held against few examples, where a test that forgets so goes wrong."""
    return np.array([p_values(seed, known=60) for seed in range(SEEDS)])


def alarms(p: NDArray[np.float64], level: float = LEVEL) -> NDArray[np.float64]:
    """``[logs]`` when each alarm came; infinite for none."""
    first = [martingale.first_alarm(path, level) for path in martingale.log_wealth(p)]
    return np.array([np.inf if one is None else one for one in first])


def test_p_values_are_uniform_whatever_the_mix_of_labels(undrifted: NDArray[np.float64]) -> None:
    assert kstest(undrifted.ravel(), "uniform").pvalue > 0.001
    assert kstest(undrifted[:, -100:].ravel(), "uniform").pvalue > 0.001
    assert np.var(undrifted.mean(axis=1)) == pytest.approx(1 / 12 / 400, rel=0.3)  # independent


def test_every_bet_is_fair() -> None:
    grid = (np.arange(100_000) + 0.5) / 100_000
    assert np.all(martingale.bets(grid) > 0)
    assert martingale.bets(grid).mean(axis=0) == pytest.approx(np.ones(martingale.BETS))


def test_false_alarms_are_no_more_than_the_level_however_often_one_looks(
    undrifted: NDArray[np.float64],
) -> None:
    false = np.isfinite(alarms(undrifted)).sum()
    assert false <= binom.ppf(0.999, SEEDS, LEVEL)
    # Of truly uniform numbers, many more of them, and with the mean of the wealth at most 1.
    paths = martingale.log_wealth(np.random.default_rng(0).random((2000, 500)))
    assert (paths.max(axis=1) >= -np.log(LEVEL)).sum() <= binom.ppf(0.999, 2000, LEVEL)
    assert np.exp(paths[:, 50]).mean() < 1.3


@pytest.mark.parametrize(
    ("shift", "before", "within"),
    [(0.75, 0, 120), (1.2, 0, 50), (-1.2, 0, 50), (0.75, 1000, 160), (1.2, 1000, 60)],
)
def test_the_alarm_comes_within_the_stated_answers(shift: float, before: int, within: int) -> None:
    p = np.array(
        [p_values(seed, known=600, shift=shift, before=before, count=300) for seed in range(40)]
    )
    first = alarms(p, 0.002) - before
    assert np.all(first > 0)
    assert np.quantile(first, 0.9) <= within


def test_the_expected_number_of_answers_is_about_what_it_takes() -> None:
    p = np.array([p_values(seed, known=3000, shift=0.75, count=200) for seed in range(40)])
    expected = martingale.expected_events(p[:, :50].ravel(), 0.002)
    assert 0.5 < np.median(alarms(p, 0.002)) / expected < 1.5
    assert martingale.expected_events(np.linspace(0, 1, 1000), 0.002) == np.inf


def test_distances_have_the_p_values_and_intervals_that_they_say() -> None:
    calm, moved = [], []
    for seed in range(40):
        random = np.random.default_rng(seed)
        known = sample(600, random)
        calm.append(distance.between(known, sample(300, random, mix=MIX), random))
        further = sample(300, random, shift=0.75, mix=MIX)
        moved.append(distance.between(known, further, random))
    assert kstest([one.ks.p for one in calm], "uniform").pvalue > 0.001
    assert sum(one.ks.p <= 0.05 for one in moved) == 40
    random = np.random.default_rng(0)
    true = distance.between(
        sample(20_000, random), sample(20_000, random, shift=0.75, mix=MIX), random
    )
    for name in ("psi", "ks"):
        far = getattr(true, name).value
        inside = sum(getattr(one, name).low == 0 for one in calm)
        assert inside >= binom.ppf(0.001, 40, 0.95)
        inside = sum(getattr(one, name).low <= far <= getattr(one, name).high for one in moved)
        assert inside >= binom.ppf(0.001, 40, 0.9)  # a bootstrap promises 95 % of large samples


def test_a_whole_log_without_drift_is_ok_and_one_with_it_is_not(known: Log) -> None:
    calm = verdict.assess(field.logged(field.judgement(800, 2)), known, alpha=0.01)
    assert calm.word == Word.OK and set(calm.signals) == {
        Signal.MARGIN, Signal.AUTOENCODER, Signal.TEXTURE,
    }  # fmt: skip
    other = verdict.assess(
        field.logged(field.judgement(800, 3, mix=(0.02, 0.03, 0.95))), known, alpha=0.01
    )
    assert other.word == Word.OK and other.labels["_silence_"][0].low > 0.9
    moved = verdict.assess(field.logged(field.judgement(800, 4, shift=1.0)), known, alpha=0.01)
    texture = moved.signals[Signal.TEXTURE]
    assert moved.word == Word.RETRAIN and texture.alarm_at and texture.alarm_at < 100
    assert not moved.signals[Signal.MARGIN].alarm_at
    assert moved.rejected[0].low > moved.rejected[1].high


def test_drift_that_is_over_or_small_or_hardly_seen_is_watched(known: Log) -> None:
    def word(*logs: Log, alpha: float = 0.01) -> Word:
        whole = logs[0]
        for one in logs[1:]:
            whole = whole.then(one)
        return verdict.assess(whole, known, alpha=alpha).word

    calm, bad = field.judgement(1000, 5), field.judgement(300, 6, shift=1.0)
    assert word(field.logged(calm), field.logged(bad)) == Word.RETRAIN
    assert word(field.logged(bad), field.logged(calm)) == Word.WATCH
    assert word(field.logged(bad), alpha=1e-150) == Word.WATCH  # far, but for no alarm so sure
    assert word(field.logged(field.judgement(100, 7))) == Word.WATCH
    slight = field.judgement(2000, 8, shift=0.25)
    assert word(field.logged(calm), field.logged(calm), field.logged(slight)) == Word.WATCH


def test_a_longer_log_goes_on_where_the_shorter_one_was(known: Log) -> None:
    log = field.logged(field.judgement(300, 9, shift=0.5))
    whole = verdict.wealth(log, known, Signal.TEXTURE)
    part = verdict.wealth(log.take(slice(None, 120)), known, Signal.TEXTURE)
    assert np.array_equal(whole[:120], part)


def test_a_label_that_calibration_never_gave_says_nothing(known: Log) -> None:
    without = known.take(known.label != 2)
    log = field.logged(field.judgement(400, 10))
    found = verdict.assess(log, without, alpha=0.01)
    assert found.word == Word.OK and found.labels["_silence_"][1].value == 0
    only = verdict.assess(log.take(log.label == 2), without, alpha=0.01)
    assert only.signals[Signal.TEXTURE].distances is None
