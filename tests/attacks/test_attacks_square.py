"""Square by queries: it finds more than noise, keeps to its budget, and its curve only falls."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.attacks import queries, square
from palisade.attacks.square import NEVER, Asked
from palisade.edge import unguarded
from palisade.guard.judgement import Decision, Judgement, Signal
from palisade.guard.tables import Guard
from palisade.int8 import Outputs
from palisade.tasks.motion import threat as motion
from palisade.tasks.vision import threat as vision
from palisade.tasks.voice import threat as voice
from tests.guard import drawn

UNMOVED = {"shift_share": 0.0, "rotation_deg": 0.0, "zoom": [1.0, 1.0], "mirror": False}
PICTURES = vision.Threat(vision.Params.model_validate(UNMOVED))
SOUND = voice.Threat(voice.Params(reference_speech_rms=0.05))
TRACES = motion.Threat(
    motion.Params(
        units=["mg", "mg", "pir"],
        acc_range_mg=2000.0,
        pir_full_scale_counts=4095.0,
        pir_share_per_mg=0.001,
        sample_rate_hz=50.0,
        shift_ms=[0.0, 0.0],
    )
)
COUNT, QUERIES = 12, 150


class Linear:
    """A network of two classes whose boundary is a plane, and how far a budget leads towards it.

    Of each example the lead of the true class is what the best perturbation takes, times ``share``.
    """

    def __init__(self, threat: Any, raw: NDArray[Any], budget: float, share: float) -> None:
        self.threat, self.budget = threat, budget
        x = np.asarray(threat.signal(raw))
        flat = x.reshape(len(x), -1)
        drawn = np.random.default_rng(3).normal(size=x.shape[1:])
        self.weights = _smooth(drawn).ravel().astype(np.float32)
        dual = 2 if isinstance(threat.ball, square.L2) else 1
        reach = np.asarray(threat.radius(x, budget)) * np.linalg.norm(self.weights, dual)
        self.offset = share * reach - flat @ self.weights
        self.unit = reach / 100

    def score(self, raw: NDArray[Any], numbers: NDArray[np.intp]) -> NDArray[np.float64]:
        flat = np.asarray(self.threat.signal(raw)).reshape(len(raw), -1)
        lead = (flat @ self.weights + self.offset[numbers]) / self.unit[numbers]
        return np.where(lead > 0, 1.0 + lead, 0.0)


def _smooth(x: NDArray[Any]) -> NDArray[Any]:
    """Along time or down the picture, so that neighbours count alike."""
    kernel = np.ones(5) / 5
    return np.apply_along_axis(lambda one: np.convolve(one, kernel, "same"), 0, x)


def samples(threat: Any) -> NDArray[Any]:
    dice = np.random.default_rng(1)
    if threat is PICTURES:
        return dice.integers(60, 200, (COUNT, 12, 12, 1)).astype(np.uint8)
    if threat is SOUND:
        return dice.integers(-3000, 3000, (COUNT, 400)).astype(np.int16)
    return dice.integers(200, 900, (COUNT, 40, 3)).astype(np.int32)


CASES = [(PICTURES, 8 / 255), (TRACES, 50.0), (SOUND, 20.0)]
# Of the largest lead that a perturbation can take: beyond noise, the nearer the more dimensions.
HARD = {PICTURES: 0.35, TRACES: 0.35, SOUND: 0.18}


@pytest.mark.parametrize(("threat", "budget"), CASES, ids=["linf", "traces", "l2"])
def test_it_breaks_what_noise_of_the_budget_does_not(threat: Any, budget: float) -> None:
    raw = samples(threat)
    network = Linear(threat, raw, budget, share=HARD[threat])
    found = run(network, raw)
    broken = network.score(found.raw, np.arange(COUNT)) <= 0
    assert np.array_equal(broken, found.broken_at < NEVER)
    assert broken.mean() > 0.8
    x = threat.signal(raw)
    for seed in range(5):
        noise = threat.ball.random(x, threat.radius(x, budget), [seed, 1])
        noisy = threat.realise(threat.clip(x + noise))
        assert np.all(network.score(noisy, np.arange(COUNT)) > 0)


@pytest.mark.parametrize(("threat", "budget"), CASES, ids=["linf", "traces", "l2"])
def test_what_it_delivers_is_within_the_budget_after_rounding(threat: Any, budget: float) -> None:
    raw = samples(threat)
    network = Linear(threat, raw, budget, share=1.5)  # out of reach, so that it uses all of it
    found = run(network, raw, count=40)
    assert found.raw.dtype == raw.dtype and np.all(found.broken_at == NEVER)
    x = np.asarray(threat.signal(raw), np.float64)
    moved = (np.asarray(threat.signal(found.raw)) - x).reshape(COUNT, -1)
    radius, counts = np.asarray(threat.radius(threat.signal(raw), budget)), moved.shape[1]
    if threat is SOUND:
        rounding = 0.5 / voice.FULL_SCALE * np.sqrt(counts)
        size = np.linalg.norm(moved, axis=1)
    else:
        rounding = 0.51 * (1 / 255 if threat is PICTURES else 1.0)
        size = np.abs(moved).max(axis=1)
    assert np.all(size <= radius + rounding)
    assert np.all(size >= 0.8 * radius)


@pytest.mark.parametrize(("threat", "budget"), CASES, ids=["linf", "traces", "l2"])
def test_it_gives_the_same_again(threat: Any, budget: float) -> None:
    raw = samples(threat)
    network = Linear(threat, raw, budget, share=0.35)
    first, again = (run(network, raw, count=30) for _ in range(2))
    assert np.array_equal(first.raw, again.raw)
    assert np.array_equal(first.broken_at, again.broken_at)


def test_an_example_that_is_broken_is_asked_no_more() -> None:
    raw = samples(PICTURES)
    network = Linear(PICTURES, raw, 8 / 255, share=0.2)
    asked = np.zeros(COUNT, np.int64)

    def counted(moved: NDArray[Any], numbers: NDArray[np.intp]) -> NDArray[np.float64]:
        asked[numbers] += 1
        return network.score(moved, numbers)

    found = square.search(raw, score=counted, threat=PICTURES, budget=8 / 255, queries=60, seed=1)
    expected = np.minimum(found.broken_at, 60) + 1  # and the clean one
    assert np.array_equal(asked, expected) and expected.min() < 61


def test_the_curve_does_not_rise_and_ends_where_the_search_does() -> None:
    raw = samples(TRACES)
    found = run(Linear(TRACES, raw, 50.0, share=0.45), raw)
    rows = queries.curve(found, QUERIES)
    assert [row["queries"] for row in rows] == [0, 1, 2, 5, 10, 20, 50, 100, 150]
    kept = [row["robust_accuracy"] for row in rows]
    assert all(later <= earlier for earlier, later in pairwise(kept)) and kept[-1] < kept[0]
    assert kept[-1] == np.mean(found.wrong_at == NEVER)
    assert all(row["harmless"] >= row["robust_accuracy"] for row in rows)


def run(network: Linear, raw: NDArray[Any], count: int = QUERIES) -> Asked:
    return square.search(
        raw,
        score=network.score,
        threat=network.threat,
        budget=network.budget,
        queries=count,
        seed=1,
    )


def answer(lead: int, energy: int | None) -> Any:
    """Says class 1 by a lead, and the guard misses so much of the energy's limit, if any."""

    def said(raw: NDArray[Any]) -> tuple[Outputs, Judgement]:
        logits = np.tile(np.array([0, lead], np.int8), (len(raw), 1))
        outputs = Outputs(logits, logits)
        found = unguarded(outputs)
        if energy is not None:
            found.scores[:, Signal.ENERGY] = 1000 - energy
            found.decision[:] = Decision.REJECT
            found.rejected[:] = 1 << Signal.ENERGY
        return outputs, found

    return said


def strict() -> Guard:
    """Asks for an energy of at least 1000, and nothing else."""
    table = drawn.guard(np.random.default_rng(1)).model_dump()
    off = {"kind": "off", "threshold": 0}
    table["limits"] = dict.fromkeys(("margin", "energy", "autoencoder", "tree", "texture"), off)
    table["limits"]["energy"] = {"kind": "at_least", "threshold": 1000}
    return Guard.model_validate(table)


def test_right_is_farther_than_wrong_and_wrong_than_accepted() -> None:
    """The true class is 0: a smaller lead of it is nearer; of rejected answers those nearly in."""
    guard, raw, one = strict(), np.zeros((1, 4)), np.arange(1)
    leads = (answer(-9, None), answer(-2, None), answer(3, 500), answer(3, 1), answer(3, None))
    values = [queries.score(said, guard, np.zeros(1, np.int64))(raw, one)[0] for said in leads]
    assert values[:2] == [10.0, 3.0]
    assert 1 > values[2] > values[3] > values[4] == 0
