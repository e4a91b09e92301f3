"""The attacker of a door's sensors: a budget in mg that goes together with the PIR's share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from palisade.attacks.grid import Sequences
from palisade.backend import tf
from palisade.tasks.motion.budgets import Budgets
from palisade.tasks.motion.threat import InTraining, Params, Threat

VALUES: dict[str, Any] = {
    "units": ["mg", "mg", "mg", "pir"],
    "acc_range_mg": 2000.0,
    "pir_full_scale_counts": 4095.0,
    "pir_share_per_mg": 0.001,
    "sample_rate_hz": 50.0,
    "shift_ms": [-200.0, 200.0],
}
SEED = tf.constant([3, 4])
FEW = Sequences(events=2, attacked=1, goals=["person"])


def threat(**changes: Any) -> Threat:
    return Threat(Params.model_validate({**VALUES, **changes}))


def traces(count: int = 16, samples: int = 40) -> np.ndarray:
    draw = np.random.default_rng(2)
    acc = draw.integers(-2000, 2001, (count, samples, 3))
    return np.concatenate([acc, draw.integers(0, 4096, (count, samples, 1))], axis=2).astype(
        np.int32
    )


def test_every_sample_survives_the_way_through_the_signal() -> None:
    x = traces()
    x[0, :2] = [[-2000, -2000, -2000, 0], [2000, 2000, 2000, 4095]]
    for one in (threat(), threat(pir_share_per_mg=0.013)):
        back = one.realise(one.clip(one.signal(x)))
        assert back.dtype == np.int32
        assert np.array_equal(back, x)


@pytest.mark.parametrize("share_per_mg", [0.001, 0.002])
def test_a_budget_in_mg_goes_with_its_share_of_the_pirs_full_scale(share_per_mg: float) -> None:
    one = threat(pir_share_per_mg=share_per_mg)
    x = one.signal(np.tile(np.int32([0, 1000, 0, 2048]), (2, 8, 1)))
    radius = one.radius(x, 50.0)
    assert np.array_equal(radius, [50.0, 50.0])
    far = x + one.ball.project(tf.fill(x.shape, 1e6), radius)
    moved = one.realise(far) - one.realise(x)
    assert (moved[..., :3] == 50).all()
    assert np.abs(moved[..., 3] - 50 * share_per_mg * 4095).max() <= 0.51


def test_what_is_realised_is_rounded_and_saturates_where_the_sensors_do() -> None:
    one = threat()
    mg_per_count = 1000 / 4095
    loud = tf.constant([[[3000.0, -3000.0, 10.6, 2000.0], [0.4, -0.6, 0.0, 7.4 * mg_per_count]]])
    assert one.realise(loud).tolist() == [[[2000, -2000, 11, 4095], [0, -1, 0, 7]]]
    low = tf.constant([[[0.0, 0.0, 0.0, -5.0]]])
    assert one.realise(low).tolist() == [[[0, 0, 0, 0]]]
    assert np.asarray(one.clip(loud))[0, 0].tolist() == [2000, -2000, pytest.approx(10.6), 1000]


def test_a_single_pir_channel_has_a_budget_of_its_own() -> None:
    one = threat(units=["pir"], pir_full_scale_counts=20000.0)
    x = np.full((1, 8, 1), 10000, np.int32)
    assert (one.realise(one.signal(x) + 50.0) == 11000).all()


def test_placements_are_whole_samples_within_the_bounds_mirrored_at_the_edge() -> None:
    one, x = threat(), traces()
    placed = one.realise(one.place(one.signal(x), SEED))
    padded = np.pad(x, ((0, 0), (10, 10), (0, 0)), mode="reflect")
    lags = [
        [np.array_equal(some[at : at + 40], moved) for at in range(21)].index(True)
        for some, moved in zip(padded, placed, strict=True)
    ]
    assert min(lags) < 7 and max(lags) > 13
    still = threat(shift_ms=[0.0, 0.0])
    assert np.array_equal(still.realise(still.place(still.signal(x), SEED)), x)


def test_budgets_are_sorted_and_named_in_mg() -> None:
    grid = Budgets(
        steps=3,
        subset_examples=2,
        restarts=1,
        targets=1,
        queries=10,
        nes_queries=9,
        tree_queries=9,
        sequences=FEW,
        budgets_mg=[500.0, 12.5, 50.0],
        reference_mg=50.0,
    )
    assert [grid.name(budget) for budget in grid.budgets] == [
        "acc_12_5mg",
        "acc_50mg",
        "acc_500mg",
    ]
    assert grid.reference == 50.0


@pytest.mark.parametrize(
    ("budgets_mg", "message"),
    [
        ([10.0, 20.0], "reference_mg must be one of budgets_mg"),
        ([50.0, 50.0], "must not repeat a value"),
        ([0.0, 50.0], "must be above 0"),
    ],
)
def test_impossible_budgets_are_refused(budgets_mg: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Budgets(
            steps=3,
            subset_examples=2,
            restarts=1,
            targets=1,
            queries=10,
            nes_queries=9,
            tree_queries=9,
            sequences=FEW,
            budgets_mg=budgets_mg,
            reference_mg=50.0,
        )


def test_training_is_attacked_at_its_epsilon() -> None:
    adversary = InTraining(
        attack="pgd",
        fraction=0.5,
        steps=3,
        noise=1.0,
        ramp_epochs=1.0,
        placements=1,
        epsilon_mg=55.0,
    )
    assert adversary.budget == 55.0
