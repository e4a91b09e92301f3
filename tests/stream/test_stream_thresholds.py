"""Thresholds from calibration: the target is kept, and misses are spent where they pay."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.stream import figures, thresholds
from palisade.stream.decision import Params
from palisade.stream.figures import Material
from palisade.stream.hearing import Heard
from palisade.stream.recording import Recording, Said
from palisade.stream.thresholds import Option

LABELS = ("go", "halt")
PARAMS = Params(hop_ms=100, smoothed_windows=2, refractory_ms=500, false_reject_target=0.1)


def drawn(*, said: int, bias: float = 0.0, seed: int = 1) -> Material:
    """Commands whose margins are around 20, and speech whose are around -10, go's more so."""
    dice = np.random.default_rng(seed)
    recordings: list[tuple[NDArray[np.float64], tuple[Said, ...]]] = []
    for place in range(said):
        margin = dice.normal(-30, 4, (40, 2))
        margin[12:18, place % 2] = dice.normal(20, 6)
        label = Said(LABELS[place % 2], 2000.0, 2500.0)
        recordings.append((margin, (label,)))
    for _ in range(60):
        recordings.append((dice.normal([-10 + bias, -10], 8, (300, 2)), ()))
    heard = [
        Heard(
            Recording("speech", np.zeros((len(margin), 1), np.int8), 1, 1, one),
            np.zeros((len(margin), 2), np.int8),
            margin.astype(np.int16),
            np.ones(len(margin), np.bool_),
        )
        for margin, one in recordings
    ]
    return figures.material(heard, LABELS, PARAMS, clip_ms=1000)


def test_the_target_is_kept_with_room_for_error() -> None:
    stream = drawn(said=300)
    found = thresholds.choose(stream, 0.1)
    missed = figures.outcome(stream, found.lsb).missed
    assert found.met
    assert figures.highest_share(missed, 300) <= 0.1
    assert 0 < missed / 300 < 0.08


def test_a_higher_target_lets_less_in() -> None:
    stream = drawn(said=300, bias=8.0)
    strict, lax = (thresholds.choose(stream, target).lsb for target in (0.05, 0.2))
    assert (
        figures.outcome(stream, lax).false_accepts < figures.outcome(stream, strict).false_accepts
    )


def test_a_command_said_in_doubt_gets_the_higher_threshold() -> None:
    stream = drawn(said=300, bias=12.0)
    found = thresholds.choose(stream, 0.1)
    assert found.lsb[0] > found.lsb[1] + 3
    alike = [
        figures.outcome(stream, (lsb, lsb))
        for lsb in range(40)
        if figures.highest_share(figures.outcome(stream, (lsb, lsb)).missed, 300) <= 0.1
    ]
    best_alike = min(one.false_accepts for one in alike)
    assert figures.outcome(stream, found.lsb).false_accepts < best_alike


def test_too_few_commands_prove_no_target_and_as_few_as_can_be_are_missed() -> None:
    stream = drawn(said=10)
    found = thresholds.choose(stream, 0.1)
    assert not found.met
    assert figures.outcome(stream, found.lsb).missed == 0


@pytest.mark.parametrize(
    ("said", "target", "most"), [(600, 0.07, 31), (59, 0.05, 0), (58, 0.05, -1)]
)
def test_most_misses_are_those_whose_upper_limit_keeps_the_target(
    said: int, target: float, most: int
) -> None:
    assert thresholds.most_missed(said, target) == most
    assert figures.highest_share(most + 1, said) > target


def test_misses_are_shared_out_as_trying_everything_would() -> None:
    dice = np.random.default_rng(4)
    for budget in range(12):
        options = [
            [
                Option(lsb, missed, accepted)
                for lsb, missed, accepted in zip(
                    range(-3, 6),
                    np.cumsum(dice.integers(0, 4, 9)).tolist(),
                    np.cumsum(dice.integers(0, 9, 9))[::-1].tolist(),
                    strict=True,
                )
            ]
            for _ in range(3)
        ]
        ways = [way for way in product(*options) if sum(one.missed for one in way) <= budget]
        found = thresholds.share(options, budget)
        if not ways:
            assert found is None
            continue
        best = min(
            (sum(one.false_accepts for one in way), -sum(one.lsb for one in way)) for way in ways
        )
        assert found is not None
        chosen = [
            next(one for one in some if one.lsb == lsb)
            for some, lsb in zip(options, found, strict=True)
        ]
        assert sum(one.missed for one in chosen) <= budget
        assert (sum(one.false_accepts for one in chosen), -sum(found)) == best
    assert thresholds.share([[Option(0, 0, 0)]], -1) is None


def recording(margin: NDArray[np.int16], *said: Said) -> Heard:
    rows = np.zeros((len(margin), 1), np.int8)
    accepted = np.ones(len(margin), np.bool_)
    return Heard(Recording("any", rows, 1, 1, said), rows, margin, accepted)


def test_where_commands_hide_each_other_fewer_misses_are_spent() -> None:
    """Go is heard in speech, so all misses go to go; but in some, halt is heard before it."""
    heard = []
    for place in range(100):
        margin = np.full((40, 2), -50, np.int16)
        margin[16:18, 0] = 10 + place % 20
        margin[12:14, 1] = 8 if place % 20 >= 18 else -50  # an echo, after which one has to wait
        heard.append(recording(margin, Said("go", 2000.0, 2500.0)))
        margin = np.full((40, 2), -50, np.int16)
        margin[14:16, 1] = 8
        heard.append(recording(margin, Said("halt", 2000.0, 2500.0)))
    for peak in range(10, 30):
        margin = np.full((40, 2), -50, np.int16)
        margin[20:22, 0] = peak
        heard.append(recording(margin))
    stream = figures.material(heard, LABELS, PARAMS, clip_ms=1000)
    found = thresholds.choose(stream, 0.2)
    missed = figures.outcome(stream, found.lsb).missed
    allowed = thresholds.most_missed(200, 0.2)
    assert found.met
    assert allowed - 5 < missed <= allowed
