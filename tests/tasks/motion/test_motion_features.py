"""The front end of a trace: how hard each axis was shaken and what the PIR saw, by frames."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from palisade.backend import tf
from palisade.errors import PalisadeError
from palisade.tasks.motion.features import FrontEnd, Params

VALUES: dict[str, Any] = {
    "units": ["mg", "mg", "mg", "pir"],
    "samples": 62,
    "frame_samples": 3,
    "acc_offset_mg": 100.0,
    "pir_offset_mg": 250.0,
}
PIR = 3


def front_end(**changes: Any) -> FrontEnd:
    return FrontEnd(Params.model_validate({**VALUES, **changes}))


def still(count: int = 1) -> np.ndarray:
    return np.tile(np.float32([0, 1000, 0, 500]), (count, 62, 1))


def features(x: np.ndarray) -> np.ndarray:
    """``[n, frames, features]``."""
    return np.asarray(front_end()(tf.constant(x)))[:, :, 0]


def test_the_shape_is_whole_frames_of_one_feature_a_channel() -> None:
    assert front_end().shape == (20, 1, 4)
    assert front_end()(tf.constant(still(5))).shape == (5, 20, 1, 4)
    assert front_end(units=["pir"]).shape == (20, 1, 1)
    assert front_end(units=["pir"])(tf.constant(still()[..., 3:])).shape == (1, 20, 1, 1)


def test_a_door_at_rest_has_features_of_zero() -> None:
    assert np.abs(features(still())).max() < 1e-5


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_blow_is_seen_in_its_frame_and_on_its_axis_whichever_way_it_goes(axis: int) -> None:
    x = still(2)
    x[0, 30:33, axis] += 600
    x[1, 30:33, axis] -= 600
    found = features(x).copy()
    excess = 600 * (1 - 3 / 62) / 100  # over the offset, from the trace's mean, which it moves
    assert found[:, 10, axis] == pytest.approx([0.25 * np.log1p(excess**4)] * 2, rel=1e-4)
    found[:, 10, axis] = 0
    assert np.abs(found).max() < 0.01


def test_the_pirs_feature_has_the_sign_and_the_frame_of_its_swing() -> None:
    x = still(2)
    x[0, 30:33, 3] += 300
    x[1, 30:33, 3] -= 300
    found = features(x)[:, :, PIR]
    swing_mg = 300 * (1 - 3 / 62)  # from the trace's mean, which it moves
    assert found[:, 10] == pytest.approx(np.arcsinh([swing_mg / 250, -swing_mg / 250]), rel=1e-4)
    assert np.abs(np.delete(found, 10, axis=1)).max() < 0.1


def test_what_changes_its_sign_from_sample_to_sample_hardly_moves_the_pirs_feature() -> None:
    x = still()
    x[:, :, 3] += 50 * (-1.0) ** np.arange(62)
    assert np.abs(features(x)[..., PIR]).max() < 50 / 250 / 2


def test_shaking_below_the_offset_hardly_counts() -> None:
    x = still(2)
    wave = np.sin(np.arange(62))
    x[0, :, 2] += 20 * wave
    x[1, :, 2] += 200 * wave
    quiet, loud = features(x)[..., 2].max(axis=1)
    assert loud > 0.5
    assert quiet < loud / 100


def test_the_gradient_is_there_and_points_where_features_grow() -> None:
    draw = np.random.default_rng(1)
    front, x = front_end(), tf.constant(still(3) + draw.normal(0, 80, (3, 62, 4)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(front(x) ** 2)
    slope = np.asarray(tape.gradient(total, x))
    assert np.isfinite(slope).all()
    assert np.mean(slope[:, :60] != 0, axis=(0, 1)).min() > 0.9
    way = slope / np.linalg.norm(slope)
    step = 0.5
    rise = float(tf.reduce_sum(front(x + step * way) ** 2) - total)
    assert rise == pytest.approx(step * np.linalg.norm(slope), rel=0.1)


def test_the_gradient_of_a_sensor_that_delivers_nothing_is_finite() -> None:
    front, x = front_end(), tf.zeros((1, 62, 4))
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(front(x))
    assert np.isfinite(np.asarray(tape.gradient(total, x))).all()


@pytest.mark.parametrize("shape", [(1, 61, 4), (1, 62, 3)])
def test_traces_of_another_form_are_refused_by_name(shape: tuple[int, ...]) -> None:
    expected = rf"{shape[1]} samples of {shape[2]} channels, and features expects 62 of 4"
    with pytest.raises(PalisadeError, match=expected):
        front_end()(tf.zeros(shape))


def test_too_few_frames_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 4 frames"):
        front_end(frame_samples=20)
