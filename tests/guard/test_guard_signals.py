"""Each signal means what it says: against SciPy, floats, scikit-learn and counting by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logsumexp
from sklearn.tree import DecisionTreeClassifier

from palisade.guard import (
    autoencoder,
    consistency,
    dense,
    energy,
    engineered,
    fitting,
    margin,
    tree,
)
from palisade.guard.consistency import Consistency
from palisade.guard.engineered import Engineered
from palisade.guard.judgement import Decision, Reason
from palisade.guard.tree import Tree
from tests.guard import drawn


def test_margin_is_the_lead_of_the_first_of_equals() -> None:
    logits = np.array([[3, 10, 10], [-128, 127, 0], [5, -7, 2]], np.int8)
    label, lead = margin.top(logits)
    assert label.tolist() == [1, 1, 0]
    assert lead.tolist() == [0, 127, 3]


@pytest.mark.parametrize("scale", [0.004, 0.05, 0.3, 2.0])
@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_energy_is_the_log_sum_exp_to_a_hundredth_of_a_step(
    scale: float, temperature: float
) -> None:
    logits = drawn.rows(np.random.default_rng(1), 4000, 11)
    found = energy.score(energy.table(scale, temperature), logits) / 256
    exact = temperature * logsumexp(logits * (scale / temperature), axis=1) / scale
    np.testing.assert_allclose(found, exact, rtol=0, atol=0.01)


@pytest.mark.parametrize("scale", [1e-6, 400.0, 0.0, -1.0])
def test_energy_refuses_a_scale_that_its_integers_cannot_hold(scale: float) -> None:
    with pytest.raises(ValueError, match="is not between"):
        energy.table(scale)


def embeddings(n: int) -> np.ndarray:
    """Rectified mixtures of a few causes, as embeddings are, with some noise."""
    rng = np.random.default_rng(2)
    causes = np.abs(rng.normal(size=(n, 6))) @ np.abs(rng.normal(size=(6, 48))) * 10
    return np.clip(causes + rng.normal(size=(n, 48)) - 128, -128, 127).round().astype(np.int8)


def test_autoencoder_in_integers_errs_as_little_as_in_floats() -> None:
    clean = embeddings(1200)
    train, test = clean[:1000], clean[1000:]
    weights = fitting.fit(train, -128, hidden=12)
    x = test.astype(np.float64) + 128
    in_floats = np.mean(np.sum((weights(x) - x) ** 2, axis=1))
    network = autoencoder.quantise(weights, train, -128)
    in_integers = np.mean(autoencoder.score(network, test))
    # An int8 result is a whole number of steps: 1/12 a dimension, and the rounding of weights.
    assert in_integers < 1.05 * in_floats + 48
    in_step = autoencoder.reconstruct(network, test) - np.clip(weights(x) - 128, -128, 127)
    assert np.abs(in_step).mean() < 1


def test_autoencoder_tells_a_shuffled_embedding_from_a_clean_one() -> None:
    clean = embeddings(1200)
    network = autoencoder.quantise(fitting.fit(clean[:1000], -128, hidden=12), clean[:1000], -128)
    shuffled = np.random.default_rng(3).permuted(clean[1000:], axis=1)
    limit = np.quantile(autoencoder.score(network, clean[1000:]), 0.95)
    assert np.mean(autoencoder.score(network, shuffled) > limit) > 0.95


def test_autoencoder_of_embeddings_that_never_change_reconstructs_them() -> None:
    same = np.full((10, 5), 7, np.int8)
    network = autoencoder.quantise(fitting.fit(same, -128, hidden=2), same, -128)
    assert autoencoder.score(network, same).max() <= 5


def test_rounding_is_to_the_nearest_and_halves_go_up() -> None:
    half = dense.Dense(
        inputs=1,
        outputs=1,
        weights=[1],
        biases=[0],
        multiplier=2**30,
        shift=31,
        zero_point=0,
        lowest=-128,
    )
    x = np.array([[-3], [-2], [-1], [0], [1], [2], [3]], np.int8)
    assert dense.run(half, x).ravel().tolist() == [-1, -1, 0, 0, 1, 1, 2]


@pytest.mark.parametrize("factor", [2.0**-31, 3e-5, 0.5, 0.9999999999, 1.0, 77.7])
def test_a_factor_is_held_to_31_bits(factor: float) -> None:
    multiplier, shift = dense.fixed_point(factor)
    assert 2**30 <= multiplier < 2**31 and 1 <= shift <= 62
    assert multiplier / 2.0**shift == pytest.approx(factor, rel=2**-31)


def test_features_of_a_block_are_those_counted_by_hand() -> None:
    table = Engineered(height=3, width=2, channels=1, rows=2, columns=1)
    x = np.array([[1, 4], [9, -2], [-100, 100]], np.int8)[np.newaxis, :, :, np.newaxis]
    found = engineered.features(table, x)
    assert table.count == 10 and found.shape == (1, 10)
    # Row 0 alone, then rows 1 and 2, whose differences reach back into the block before.
    assert found[0].tolist() == [5, 0, 3, 1, 4, 7, 8 + 6 + 109 + 102, 11 + 200, -100, 100]
    assert table.name(6) == "down of row 1, column 0, channel 0"


def test_every_pair_of_neighbours_counts_once_whatever_the_grid() -> None:
    rng = np.random.default_rng(4)
    for _ in range(50):
        table = drawn.grid(rng)
        shape = (1, table.height, table.width, table.channels)
        x = rng.integers(-128, 128, shape).astype(np.int8)
        found = engineered.features(table, x).reshape(-1, table.channels, 5).sum(axis=0)
        wide = x[0].astype(int)
        np.testing.assert_array_equal(found[:, 0], wide.sum(axis=(0, 1)))
        np.testing.assert_array_equal(found[:, 1], np.abs(np.diff(wide, axis=0)).sum(axis=(0, 1)))
        np.testing.assert_array_equal(found[:, 2], np.abs(np.diff(wide, axis=1)).sum(axis=(0, 1)))


def test_tree_leads_where_scikit_learn_does_on_thresholds_too() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        table = drawn.grid(rng)
        grown, found = drawn.fitted(rng, table, 5)
        x = engineered.features(table, drawn.rows(rng, 500, table.inputs))
        # Each threshold itself, and its neighbours on either side.
        for inner, (feature, at) in enumerate(zip(found.feature, found.threshold, strict=True)):
            x[inner % len(x), feature] = at + rng.integers(-1, 2)
        leaves = tree.leaves(found, x)
        np.testing.assert_array_equal(found.label[leaves], grown.predict(x))
        # The same leaves, under other numbers.
        assert len(set(zip(leaves.tolist(), grown.apply(x).tolist(), strict=True))) == len(
            set(leaves.tolist())
        )


def test_a_leaf_lets_pass_the_labels_that_had_their_share() -> None:
    x = np.repeat([[0], [10]], 10, axis=0)
    y = np.array([3] * 7 + [1] * 2 + [0] + [1] * 10)
    grown = DecisionTreeClassifier(max_depth=1, random_state=0).fit(x, y)

    def passes(share: float) -> list[int]:
        found = tree.from_sklearn(grown, least_share=share)
        return tree.plausible(found, np.array([[0], [10]], np.int32)).tolist()

    assert passes(0.1) == [0b1011, 0b0010]
    assert passes(0.2) == [0b1010, 0b0010]
    assert passes(0.9) == [0b1000, 0b0010]  # the commonest passes whatever its share


def test_a_tree_that_never_asks_is_one_leaf() -> None:
    grown = DecisionTreeClassifier().fit([[1], [2]], [4, 4])
    found = tree.from_sklearn(grown, least_share=0.5)
    assert len(found.feature) == 0 and tree.depth(found) == 0
    assert tree.plausible(found, np.zeros((3, 1), np.int32)).tolist() == [16, 16, 16]


TREE = {"feature": [0, 0], "threshold": [1, 2], "label": [0, 1, 2], "plausible": [1, 2, 4]}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ([1, -1], [-2, 1]),  # a node that is its own child
        ([-1, -1], [-2, -3]),  # a leaf twice, and a node that nothing leads to
        ([0, -1], [-2, -3]),  # back to the root
        ([1, -1], [-2, -4]),  # a leaf that is not there
    ],
)
def test_a_tree_that_is_none_is_refused(left: list[int], right: list[int]) -> None:
    Tree.model_validate({**TREE, "left": [1, -1], "right": [-2, -3]})
    with pytest.raises(ValueError, match=r"every node but the root|at most 12 deep"):
        Tree.model_validate({**TREE, "left": left, "right": right})


def chain(length: int) -> dict[str, list[int]]:
    """A tree that asks ``length`` questions one after the other."""
    inner = range(length)
    return {
        "feature": [0] * length,
        "threshold": list(inner),
        "left": [-1 - node for node in inner],
        "right": [*range(1, length), -1 - length],
        "label": [0] * (length + 1),
        "plausible": [1] * (length + 1),
    }


def test_a_tree_deeper_than_the_device_walks_is_refused() -> None:
    assert tree.depth(Tree.model_validate(chain(12))) == 12
    with pytest.raises(ValueError, match="at most 12 deep"):
        Tree.model_validate(chain(13))


A, R, F, V = Decision.ACCEPT, Decision.REJECT, Decision.FAULT, Decision.VERIFY


@pytest.mark.parametrize(
    ("labels", "guard_says", "settled"),
    [
        ([1, 1, 1], [A, A, A], [V, A, A]),  # two of the last three
        ([1, 2, 1, 1], [A, A, A, A], [V, V, A, A]),  # a flip is outvoted
        ([1, 2, 2, 2], [A, A, A, A], [V, V, A, A]),
        ([1, 9, 1], [A, R, A], [V, R, A]),  # one rejection has no vote
        ([1, 9, 9, 1], [A, R, R, A], [V, R, R, V]),  # two clear the memory
        ([1, 9, 1], [A, F, A], [V, F, V]),  # and so does one fault
    ],
)
def test_a_label_counts_once_it_was_said_often_enough(
    labels: list[int], guard_says: list[Decision], settled: list[Decision]
) -> None:
    table = Consistency(window=3, needed=2, forget_after=2)
    found, reason = consistency.settle(
        table, np.array(labels, np.uint8), np.array(guard_says, np.uint8)
    )
    assert found.tolist() == settled
    assert all(bool(why) == (now != was) for why, now, was in zip(reason, found, guard_says))  # noqa: B905


def test_verification_says_whether_the_label_flipped_or_is_young() -> None:
    table = Consistency(window=2, needed=2, forget_after=9)
    label, said = np.array([4, 5, 5], np.uint8), np.full(3, A, np.uint8)
    _, reason = consistency.settle(table, label, said)
    assert reason.tolist() == [Reason.UNSETTLED, Reason.FLIP, Reason.NONE]
