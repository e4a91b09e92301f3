"""Random search against a small tree: it finds what is there, and nothing beyond the budget."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.attacks.companion import Companion, distances
from palisade.attacks.search import Found, search
from palisade.guard import engineered, tree
from palisade.guard.engineered import Engineered
from palisade.guard.tree import Tree
from palisade.tasks.vision.threat import Params, Threat
from palisade.tasks.voice import threat as voice
from tests.guard import drawn

PX, COUNT, BUDGET = 8, 4, 4 / 255
UNMOVED = {"shift_share": 0.0, "rotation_deg": 0.0, "zoom": [1.0, 1.0], "mirror": False}
THREAT = Threat(Params.model_validate(UNMOVED))
GRID = Engineered(height=PX, width=PX, channels=1, rows=2, columns=2)
LARGEST = 4 * 16  # by how much the sum of a block of 16 pixels can be moved within the budget


@pytest.fixture
def pictures() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(60, 200, (COUNT, PX, PX, 1)).astype(np.uint8)


def inputs(raw: NDArray[Any]) -> NDArray[np.int8]:
    return (raw.astype(np.int16) - 128).astype(np.int8)


def corner_tree(picture: NDArray[np.uint8], by: int) -> Companion:
    """Says 1 where the first block is brighter by so much than a picture's, and the last darker."""
    sums = engineered.features(GRID, inputs(picture[np.newaxis]))[0]
    return Companion(
        inputs,
        GRID,
        Tree(
            feature=[0, 15],
            threshold=[int(sums[0]) + by - 1, int(sums[15]) - by],
            left=[-1, -2],
            right=[1, -3],
            label=[0, 1, 0],
            plausible=[1, 2, 1],
        ),
    )


def attacked(pictures: NDArray[np.uint8], by: int, queries: int) -> list[Found]:
    """Each picture by itself, with a tree whose other label is so far off."""
    found = []
    for picture in pictures:
        companion, raw = corner_tree(picture, by), picture[np.newaxis]
        assert companion.label(raw).tolist() == [0]
        score = companion.score(raw, np.array([0]))
        found.append(
            search(raw, score=score, threat=THREAT, budget=BUDGET, queries=queries, seed=1)
        )
        assert found[-1].fooled.tolist() == [companion.label(found[-1].raw)[0] == 1]
    return found


def test_an_adversarial_example_that_is_there_is_found(pictures: NDArray[np.uint8]) -> None:
    """Two corners have to move against each other by most of what the budget allows."""
    found = attacked(pictures, LARGEST * 7 // 8, queries=400)
    assert all(one.fooled[0] for one in found)
    moved = np.abs(np.concatenate([one.raw for one in found]).astype(int) - pictures)
    assert 0 < moved.max() <= 4


def test_noise_does_not_find_it(pictures: NDArray[np.uint8]) -> None:
    dice = np.random.default_rng(2)
    for picture in pictures:
        noisy = picture + dice.integers(-4, 5, (100, PX, PX, 1))
        assert not corner_tree(picture, LARGEST * 7 // 8).label(noisy.astype(np.uint8)).any()


def test_one_beyond_the_budget_is_not_found(pictures: NDArray[np.uint8]) -> None:
    found = attacked(pictures, LARGEST + 1, queries=100)
    assert not any(one.fooled[0] for one in found)
    assert all(one.queries[0] == 100 for one in found)


def drawn_tree() -> tuple[Companion, NDArray[np.uint8], NDArray[np.int64]]:
    """A tree fitted to random pictures, and pictures with the labels that it gives them."""
    dice = np.random.default_rng(3)
    companion = Companion(inputs, GRID, drawn.fitted(dice, GRID, 3)[1])
    raw = dice.integers(0, 256, (20, PX, PX, 1)).astype(np.uint8)
    return companion, raw, companion.label(raw).astype(np.int64)


def test_more_queries_never_do_worse() -> None:
    companion, raw, y = drawn_tree()
    runs = [
        search(raw, score=companion.score(raw, y), threat=THREAT, budget=BUDGET, queries=n, seed=4)
        for n in (0, 1, 3, 10, 40, 150)
    ]
    fooled = [int(run.fooled.sum()) for run in runs]
    assert fooled[0] == 0 < fooled[-1]
    assert len(set(fooled)) > 2
    for fewer, more in pairwise(runs):
        done = fewer.fooled
        assert np.all(more.fooled[done])
        assert np.array_equal(more.raw[done], fewer.raw[done])
        assert np.array_equal(more.queries[done], fewer.queries[done])


def test_sound_stays_within_its_ball_of_energy() -> None:
    sound = voice.Threat(voice.Params(reference_speech_rms=0.05))
    clean = np.random.default_rng(5).normal(0, 2000, (3, 400)).astype(np.int16)

    def score(raw: NDArray[Any], numbers: NDArray[np.intp]) -> NDArray[np.float64]:
        """Never fooled, and lower the louder the change."""
        return 1e9 - np.square(raw - clean[numbers].astype(float)).sum(axis=1)

    found = search(clean, score=score, threat=sound, budget=30.0, queries=60, seed=6)
    change = np.sqrt(np.square(found.raw - clean.astype(float)).sum(axis=1))
    radius = sound.radius(sound.signal(clean), 30.0).numpy() * 32768
    assert np.all(change > 0.9 * radius)
    assert np.all(change < 1.02 * radius)  # but for rounding to int16


def test_only_the_leaf_that_is_reached_misses_nothing() -> None:
    dice = np.random.default_rng(7)
    for _ in range(20):
        table = drawn.grid(dice)
        _, grown = drawn.fitted(dice, table, 4)
        features = engineered.features(table, drawn.rows(dice, 60, table.inputs))
        missing = distances(grown, features, np.ones(table.count))
        assert missing.shape == (60, len(grown.label))
        reached = tree.leaves(grown, features)
        assert np.array_equal(missing == 0, reached[:, np.newaxis] == np.arange(len(grown.label)))


def test_what_is_missing_is_summed_over_the_way() -> None:
    """The first feature is at most 10, and beyond that the second at most -5."""
    grown = Tree(
        feature=[0, 1],
        threshold=[10, -5],
        left=[-1, -2],
        right=[1, -3],
        label=[0, 1, 2],
        plausible=[1, 2, 4],
    )
    missing = distances(grown, np.array([[7, 3], [12, -5]], np.int32), np.array([2.0, 4.0]))
    assert missing.tolist() == [[0, 4 / 2 + 8 / 4, 4 / 2], [2 / 2, 0, 1 / 4]]
