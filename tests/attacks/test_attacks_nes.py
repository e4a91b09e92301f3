"""NES by queries: it sees through a rounded score, keeps to its budget, and counts what it asks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.attacks import nes, square
from palisade.attacks.square import NEVER, Asked
from tests.attacks.test_attacks_square import (
    CASES,
    COUNT,
    PICTURES,
    SOUND,
    Linear,
    samples,
)

QUERIES = 301  # one and a half rounds


class Rounded(Linear):
    """The same, whose lead is a whole number of steps, so few that no small move changes it."""

    STEPS = 20

    def score(self, raw: NDArray[Any], numbers: NDArray[np.intp]) -> NDArray[np.float64]:
        exact = super().score(raw, numbers)
        return np.where(exact > 0, 1.0 + np.ceil((exact - 1.0) * self.STEPS / 100), 0.0)


def run(network: Linear, raw: NDArray[Any], count: int = QUERIES, search: Any = nes) -> Asked:
    found: Asked = search.search(
        raw,
        score=network.score,
        threat=network.threat,
        budget=network.budget,
        queries=count,
        seed=1,
    )
    return found


@pytest.mark.parametrize(("threat", "budget"), CASES, ids=["linf", "traces", "l2"])
def test_a_rounded_score_does_not_blind_it(threat: Any, budget: float) -> None:
    raw = samples(threat)
    network = Rounded(threat, raw, budget, share=0.2)
    found = run(network, raw)
    broken = network.score(found.raw, np.arange(COUNT)) <= 0
    assert np.array_equal(broken, found.broken_at < NEVER)
    assert broken.mean() > 0.8
    if threat is SOUND:  # where no move of Square's changes the score
        assert np.mean(run(network, raw, search=square).broken_at < NEVER) < 0.2


@pytest.mark.parametrize(("threat", "budget"), CASES, ids=["linf", "traces", "l2"])
def test_what_it_delivers_is_within_the_budget_after_rounding(threat: Any, budget: float) -> None:
    raw = samples(threat)
    found = run(Linear(threat, raw, budget, share=1.5), raw)  # out of reach: all of it is used
    assert found.raw.dtype == raw.dtype and np.all(found.broken_at == NEVER)
    x = np.asarray(threat.signal(raw), np.float64)
    moved = (np.asarray(threat.signal(found.raw)) - x).reshape(COUNT, -1)
    radius = np.asarray(threat.radius(threat.signal(raw), budget))
    norm = 2 if threat is SOUND else np.inf
    step = np.asarray(threat.signal(np.ones_like(raw))).ravel()[0]  # of the sensor
    rounding = 0.51 * step * np.linalg.norm(np.ones(moved.shape[1]), norm)
    size = np.linalg.norm(moved, norm, axis=1)
    assert np.all(size <= radius + rounding)
    assert np.all(size >= 0.8 * radius)


def test_it_asks_no_more_than_it_may_and_nothing_of_what_is_broken() -> None:
    raw = samples(PICTURES)
    network = Linear(PICTURES, raw, 8 / 255, share=0.1)
    asked = np.zeros(COUNT, np.int64)

    def counted(moved: NDArray[Any], numbers: NDArray[np.intp]) -> NDArray[np.float64]:
        asked[numbers] += 1
        return network.score(moved, numbers)

    found = nes.search(raw, score=counted, threat=PICTURES, budget=8 / 255, queries=150, seed=1)
    last = np.minimum(found.broken_at, 150)
    assert np.all(asked <= 151) and np.all(asked >= last) and asked.min() < 100
    ended = found.broken_at < NEVER  # the clean one, and the other of a pair, come to it
    assert np.all(asked[ended] <= last[ended] + 2)


@pytest.mark.parametrize("queries", [1, 2, 3, 201, 202, 402, 2000])
def test_it_ends_whatever_it_may_ask(queries: int) -> None:
    raw = samples(PICTURES)[:2]
    asked = np.zeros(2, np.int64)

    def score(moved: NDArray[Any], numbers: NDArray[np.intp]) -> NDArray[np.float64]:
        asked[numbers] += 1
        return np.full(len(moved), 9.0)

    nes.search(raw, score=score, threat=PICTURES, budget=8 / 255, queries=queries, seed=1)
    assert np.all(asked <= queries + 1) and np.all(asked >= queries - 1)


def test_who_looks_away_finds_no_more_than_chance() -> None:
    """The control: as many tries, and no gradient."""
    raw = samples(SOUND)
    network = Rounded(SOUND, raw, 20.0, share=0.4)
    blind = nes.search(
        raw, score=network.score, threat=SOUND, budget=20.0, queries=QUERIES, seed=1, blind=True
    )
    assert np.all(blind.broken_at == NEVER)
    assert np.mean(run(network, raw).broken_at < NEVER) > 0.8


def test_it_goes_on_against_the_guard_where_the_network_errs() -> None:
    """A guard rejects what is dark on the whole, so that past it is not the way past the network.

    Where the sum does not start anew, a quarter of the examples is broken.
    """
    raw = samples(PICTURES)
    network = Rounded(PICTURES, raw, 8 / 255, share=0.2)
    clean = raw.reshape(COUNT, -1).mean(axis=1)

    def score(moved: NDArray[Any], numbers: NDArray[np.intp]) -> NDArray[np.float64]:
        lead = network.score(moved, numbers)
        missing = np.maximum(clean[numbers] + 1.5 - moved.reshape(len(moved), -1).mean(axis=1), 0)
        return np.where(lead > 0, lead, missing / (1 + missing))

    found = nes.search(raw, score=score, threat=PICTURES, budget=8 / 255, queries=1000, seed=1)
    assert np.all(found.wrong_at < NEVER)
    assert np.mean(found.broken_at < NEVER) >= 0.5


def test_silence_and_nothing_at_all_are_no_faults() -> None:
    raw = np.zeros((3, 400), np.int16)
    network = Linear(SOUND, raw, 20.0, share=0.5)
    assert np.array_equal(run(network, raw).raw, raw)  # a silent clip has no part to make louder
    assert len(run(network, raw[:0]).raw) == 0


def test_it_gives_the_same_again() -> None:
    raw = samples(PICTURES)
    network = Rounded(PICTURES, raw, 8 / 255, share=0.3)
    first, again = run(network, raw), run(network, raw)
    assert np.array_equal(first.raw, again.raw)
    assert np.array_equal(first.broken_at, again.broken_at)


def test_a_part_of_a_sound_is_its_own_in_time_and_frequency() -> None:
    """Of a clip with a low tone and then a high one, louder in one place each."""
    time = np.arange(1600) / 1600
    low, high = np.sin(2 * np.pi * 100 * time), np.sin(2 * np.pi * 600 * time)
    clip = np.where(time < 0.5, low, high)[np.newaxis].astype(np.float32)
    parts = nes.Parts(clip)
    for at, tone in ((4, low), (12, high)):  # of 16 places; half a frame lies before the first
        gains = np.zeros((1, parts.shape[1], nes.BANDS), np.float32)
        band = parts.band[np.argmax(np.abs(np.fft.rfft(tone[:200])))]
        gains[0, at, band] = 1.0
        moved = parts.along(gains, np.zeros(1, np.intp))[0]
        assert np.linalg.norm(moved) == pytest.approx(1.0, abs=1e-4)
        where = np.flatnonzero(np.abs(moved) > 1e-6)
        assert where.min() >= (at - 1) * 100 and where.max() < (at + 1) * 100
        assert abs(np.corrcoef(moved[where], tone[where])[0, 1]) > 0.8


def test_a_ball_that_it_has_no_directions_in_is_named() -> None:
    with pytest.raises(TypeError, match="no directions in L2 for 3 axes"):
        nes.directions_of(square.L2(), np.zeros((2, 8, 8, 1), np.float32))
