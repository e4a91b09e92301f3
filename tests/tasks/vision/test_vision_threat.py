"""The camera's attacker: budgets in parts of full scale, and placements that cost nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from palisade.attacks.grid import Sequences
from palisade.backend import tf
from palisade.errors import PalisadeError
from palisade.tasks.vision import features
from palisade.tasks.vision.budgets import Budgets
from palisade.tasks.vision.threat import Params, Threat

SEED = tf.constant([3, 4])
FEW = Sequences(events=2, attacked=1, goals=["person"])
STILL: dict[str, Any] = {
    "shift_share": 0.0,
    "rotation_deg": 0.0,
    "zoom": [1.0, 1.0],
    "mirror": False,
}
PICTURES = np.random.default_rng(1).integers(0, 256, (12, 16, 16, 1)).astype(np.uint8)


def threat(**changes: Any) -> Threat:
    return Threat(Params.model_validate({**STILL, **changes}))


def placed(**changes: Any) -> np.ndarray:
    one = threat(**changes)
    return np.asarray(one.realise(one.place(one.signal(PICTURES), SEED)))


def test_every_grey_level_survives_the_way_through_the_signal() -> None:
    one = threat()
    assert np.array_equal(one.realise(one.signal(PICTURES)), PICTURES)


def test_a_subject_that_may_not_move_stays_where_it_is() -> None:
    assert np.array_equal(placed(), PICTURES)


def test_a_shift_moves_whole_pixels_and_reflects_at_the_edge() -> None:
    moved = placed(shift_share=0.25)
    padded = np.pad(PICTURES, ((0, 0), (4, 4), (4, 4), (0, 0)), mode="symmetric")
    windows = [
        [padded[i, row : row + 16, column : column + 16] for row in range(9) for column in range(9)]
        for i in range(len(PICTURES))
    ]
    found = [
        [np.array_equal(window, one) for window in some].index(True)
        for some, one in zip(windows, moved, strict=True)
    ]
    assert len(set(found)) > 6


def test_about_half_of_the_pictures_are_mirrored() -> None:
    pairs = list(zip(placed(mirror=True), PICTURES, strict=True))
    mirrored = [np.array_equal(one, picture[:, ::-1]) for one, picture in pairs]
    same = [np.array_equal(one, picture) for one, picture in pairs]
    assert all(a != b for a, b in zip(mirrored, same, strict=True))
    assert 2 <= sum(mirrored) <= 10


def test_zoom_and_rotation_keep_the_middle_in_the_middle() -> None:
    spot = np.zeros((20, 17, 17, 1), np.uint8)
    spot[:, 7:10, 7:10] = 255
    one = threat(zoom=[0.8, 1.4], rotation_deg=40.0)
    moved = np.asarray(one.place(one.signal(spot), SEED))
    weight = moved.sum(axis=(1, 2, 3))
    rows = (moved.sum(axis=(2, 3)) @ np.arange(17)) / weight
    assert np.allclose(rows, 8, atol=0.05)
    sizes = weight / 9  # grows with the square of the zoom
    assert sizes.min() < 0.9 and sizes.max() > 1.5


def test_budgets_are_named_in_parts_of_255() -> None:
    grid = Budgets(
        steps=3,
        subset_examples=2,
        restarts=1,
        targets=1,
        queries=10,
        nes_queries=9,
        tree_queries=9,
        sequences=FEW,
        budgets_linf=[0.25098, 0.0156863, 0.001961],
        reference_linf=0.25098,
    )
    assert [grid.name(b) for b in grid.budgets] == ["linf_0_5_255", "linf_4_255", "linf_64_255"]


def test_a_reference_outside_the_list_is_refused() -> None:
    with pytest.raises(ValueError, match="reference_linf must be one of budgets_linf"):
        Budgets(
            steps=3,
            subset_examples=2,
            restarts=1,
            targets=1,
            queries=10,
            nes_queries=9,
            tree_queries=9,
            sequences=FEW,
            budgets_linf=[0.1, 0.2],
            reference_linf=0.3,
        )


def test_the_networks_input_has_a_step_of_its_own_for_each_grey_level() -> None:
    front_end = features.FrontEnd(features.Params(image_px=16, channels="grey"))
    levels = np.unique(np.asarray(front_end(threat().signal(PICTURES))) * 255)
    assert np.allclose(levels, np.rint(levels), atol=1e-4)
    assert np.ptp(levels) == pytest.approx(np.ptp(PICTURES))


def test_pictures_of_another_form_are_refused_by_name() -> None:
    front_end = features.FrontEnd(features.Params(image_px=32, channels="colour"))
    with pytest.raises(PalisadeError, match="image_px and channels"):
        front_end(threat().signal(PICTURES))
