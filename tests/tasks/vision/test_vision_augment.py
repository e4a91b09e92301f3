"""Distorted copies of the training set."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.ndimage
from numpy.typing import NDArray

from palisade import stage
from palisade.errors import PalisadeError
from palisade.splits import Split
from palisade.tasks.vision.distortion import (
    augment,
    geometry,
    lighting,
    operations,
    optics,
    weather,
)
from palisade.tasks.vision.distortion.augment import Params
from palisade.tasks.vision.samples.pixels import Picture, encoded, light, to_float, to_uint8

VALUES: dict[str, Any] = {
    "copies": 1,
    "mirror": {"probability": 0.5},
    "rotation": {"probability": 0.5, "angle_deg": [3.0, 10.0]},
    "zoom": {"probability": 0.5, "factor": [1.1, 1.2]},
    "crop": {"probability": 0.5, "kept_share": [0.7, 0.9]},
    "shift": {"probability": 0.5, "shift_share": [0.05, 0.15]},
    "patch": {"probability": 0.5, "side_share": [0.2, 0.4]},
    "shadow": {
        "probability": 0.5,
        "taken_share": [0.4, 0.8],
        "softness_share": [0.0, 0.2],
        "band_share": 0.5,
        "width_share": [0.2, 0.4],
    },
    "backlight": {
        "probability": 0.5,
        "veil": [0.2, 0.6],
        "spread_share": [0.1, 0.3],
        "underexposure_ev": [0.0, 1.0],
    },
    "lighting": {"probability": 0.5, "exposure_ev": [-1.0, -0.3], "bias": [-0.05, 0.05]},
    "rain": {
        "probability": 0.5,
        "streaks": [20, 60],
        "length_share": [0.1, 0.2],
        "slant_deg": [-20.0, 20.0],
        "opacity": [0.5, 0.9],
    },
    "lens_blur": {"probability": 0.5, "radius_share": [0.04, 0.06]},
    "motion_blur": {"probability": 0.5, "length_share": [0.1, 0.2]},
    "sensor_noise": {
        "probability": 0.5,
        "full_scale_electrons": [100.0, 500.0],
        "read_electrons": [2.0, 5.0],
    },
    "gamma": {"probability": 0.5, "exponent": [1.2, 1.5]},
    "sharpening": {"probability": 0.5, "amount": [0.5, 1.0], "radius_share": [0.02, 0.05]},
    "jpeg": {"probability": 0.5, "quality": [15, 40]},
}
OPERATIONS = [name for name, value in VALUES.items() if isinstance(value, dict)]
SHAPES = [(64, 64, 1), (32, 32, 3)]


def params(**changes: Any) -> Params:
    return stage.checked(Params, {**VALUES, **changes}, "params.yaml: augment.vision")


def only(name: str, **setting: Any) -> Params:
    """One operation on every copy, and no other."""
    probability = {one: {**VALUES[one], "probability": 0.0} for one in OPERATIONS}
    return params(**{**probability, name: {**VALUES[name], "probability": 1.0, **setting}})


def training_set(shape: tuple[int, ...] = (32, 32, 1), pictures: int = 24) -> Split:
    """Soft blobs of middling brightness, so that every operation has something to change."""
    draw = np.random.default_rng(3)
    blobs = scipy.ndimage.gaussian_filter(draw.normal(0, 1, (pictures, *shape)), (0, 2, 2, 0))
    x = np.clip(120 + 40 * blobs / blobs.std(), 5, 250).astype(np.uint8)
    y = np.arange(pictures) % 2
    names = np.array([f"porch{n}" for n in range(pictures)])
    return Split(x, y, names, names, ("nobody", "person"))


@pytest.fixture(autouse=True)
def _one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALISADE_WORKERS", "1")


def changed(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Share of the pictures that differ."""
    return float(np.mean(np.any(first != second, axis=(1, 2, 3))))


@pytest.mark.parametrize("shape", SHAPES)
def test_originals_stay_as_they_are_and_copies_keep_label_and_scene(
    shape: tuple[int, ...],
) -> None:
    train = training_set(shape)
    large = augment.augment(train, params(copies=2), seed=1)
    n = len(train)
    assert large.x.shape == (3 * n, *shape)
    assert large.x.dtype == np.uint8
    assert np.array_equal(large.x[:n], train.x)
    for copy in range(3):
        part = large.take(slice(copy * n, copy * n + n))
        assert np.array_equal(part.y, train.y)
        assert np.array_equal(part.groups, train.groups)
    assert large.ids[n] == f"{train.ids[0]}+1"
    assert len(set(large.ids)) == 3 * n


def test_no_copies_leave_the_training_set_itself() -> None:
    train = training_set()
    assert np.array_equal(augment.augment(train, params(copies=0), seed=1).x, train.x)


def test_one_worker_and_two_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(augment, "BATCH", 5)
    alone = augment.augment(training_set(), params(), seed=1)
    monkeypatch.setenv("PALISADE_WORKERS", "2")
    together = augment.augment(training_set(), params(), seed=1)
    assert alone.x.tobytes() == together.x.tobytes()
    assert alone.ids.tobytes() == together.ids.tobytes()


def test_a_copy_depends_on_its_own_picture_alone() -> None:
    train = training_set()
    fewer = train.take(slice(5, None))
    whole, part = (augment.augment(split, params(), seed=1) for split in (train, fewer))
    assert np.array_equal(whole.x[len(train) + 5 :], part.x[len(fewer) :])


def test_another_seed_and_another_copy_give_other_pictures() -> None:
    train = training_set()
    n = len(train)
    first = augment.augment(train, params(copies=2), seed=1)
    other = augment.augment(train, params(copies=2), seed=2)
    assert changed(first.x[n:], other.x[n:]) > 0.9
    assert changed(first.x[n : 2 * n], first.x[2 * n :]) > 0.9


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_acts_with_its_probability(name: str, shape: tuple[int, ...]) -> None:
    train = training_set(shape)
    n = len(train)
    always = augment.augment(train, only(name), seed=1)
    assert changed(always.x[n:], train.x) > 0.9
    never = augment.augment(train, only(name, probability=0.0), seed=1)
    assert np.array_equal(never.x[n:], train.x)


def test_settings_of_one_operation_leave_the_draws_of_the_others_alone() -> None:
    """So that changing one knob is one change of the training set."""
    train = training_set()
    without = params(gamma={**VALUES["gamma"], "probability": 0.0})
    some = augment.augment(train, without, seed=1)
    all_of_them = augment.augment(train, params(), seed=1)
    same = 1 - changed(some.x[len(train) :], all_of_them.x[len(train) :])
    assert 0.2 < same < 0.8


def test_every_operation_of_the_params_is_one() -> None:
    loaded = [name for name, one in params() if isinstance(one, operations.Operation)]
    assert loaded == OPERATIONS


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mirror": {"probability": 1.5}}, r"mirror\.probability is 1\.5"),
        ({"jpeg": {"probability": 0.5, "quality": [80, 20]}}, "write the lower bound first"),
        ({"jpeg": {"probability": 0.5, "quality": [20, 100]}}, "a quality is from 1 to 95"),
        ({"zoom": {"probability": 0.5, "factor": [0.0, 1.0]}}, r"zoom\.factor\.0 is 0\.0"),
        ({"crop": {"probability": 0.5, "kept_share": [0.5, 1.5]}}, "a share is from 0 to 1"),
        ({"snow": {}}, "snow is unknown"),
    ],
)
def test_impossible_settings_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(PalisadeError, match=message):
        params(**changes)


def draw(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def grey(value: float, px: int = 33) -> Picture:
    return np.full((px, px, 1), value, np.float32)


def point(px: int = 33) -> Picture:
    """A point of light in the middle of black."""
    x = np.zeros((px, px, 1), np.float32)
    x[px // 2, px // 2] = 1
    return x


def corner(px: int = 32) -> Picture:
    """The top left quarter white, the rest black."""
    x = np.zeros((px, px, 1), np.float32)
    x[: px // 2, : px // 2] = 1
    return x


def test_integers_and_floats_of_pixels_agree_and_saturate() -> None:
    every = np.arange(256, dtype=np.uint8)
    assert np.array_equal(to_uint8(to_float(every)), every)
    assert np.array_equal(to_uint8(encoded(light(to_float(every)))), every)
    assert to_uint8(np.array([-0.5, 1.5], np.float32)).tolist() == [0, 255]


def test_light_is_that_of_srgb() -> None:
    """18 % grey, and the values of IEC 61966-2-1 near black."""
    linear = light(np.array([0.4613, 0.04045, 1.0], np.float32))
    assert linear == pytest.approx([0.18, 0.0031308, 1.0], abs=1e-4)


def test_a_stop_is_twice_the_light_and_too_much_saturates() -> None:
    x = encoded(np.full((4, 4, 1), 0.2, np.float32))
    assert light(lighting.expose(x, 1.0)) == pytest.approx(0.4, abs=1e-4)
    assert light(lighting.expose(x, -2.0)) == pytest.approx(0.05, abs=1e-4)
    assert lighting.expose(x, 5.0) == pytest.approx(1, abs=1e-6)


def test_gamma_keeps_black_and_white() -> None:
    x = np.float32([0, 0.25, 1]).reshape(3, 1, 1)
    assert lighting.gamma(x, 0.5).ravel() == pytest.approx([0, 0.5, 1])


def test_a_shadow_takes_its_share_of_the_light_on_its_own_side() -> None:
    x = grey(0.7)
    right = lighting.half_plane(x.shape, angle_deg=0, offset_share=0.1, softness_share=0.1)
    shaded = light(lighting.shade(x, right, 0.6)) / light(x)
    assert np.allclose(shaded[:, :17], 1, atol=1e-4)
    assert np.allclose(shaded[:, -10:], 0.4, atol=1e-4)
    below = lighting.half_plane(x.shape, angle_deg=90, offset_share=0.0, softness_share=0.0)
    assert not below[:16].any() and below[17:].all()


def test_glare_is_half_as_strong_at_its_spread() -> None:
    dark = grey(0.0, 41)
    lit = light(lighting.glare(dark, veil=0.5, spread_share=10 / 41, down_share=0, right_share=0))
    assert lit[20, 20, 0] == pytest.approx(0.5, abs=1e-3)
    assert lit[20, 30, 0] == pytest.approx(0.25, abs=1e-3)
    assert lit[10, 20, 0] == pytest.approx(0.25, abs=1e-3)


def test_motion_blur_is_as_long_as_its_way_and_loses_no_light() -> None:
    flat = light(optics.motion_blur(point(), 9.0, 0.0))[..., 0]
    assert np.flatnonzero((flat > 1e-4).any(axis=0)).tolist() == list(range(11, 22))
    assert np.flatnonzero((flat > 1e-4).any(axis=1)).tolist() == [16]
    assert flat[16, 13:20] == pytest.approx(1 / 9, rel=0.05)
    for angle in (0.0, 30.0, 90.0, 135.0):
        assert light(optics.motion_blur(point(), 9.0, angle)).sum() == pytest.approx(1, abs=0.01)
    falling = light(optics.motion_blur(point(), 9.0, 45.0))[..., 0]
    assert falling[18, 18] > 0.05 and falling[18, 14] == 0


def test_defocus_is_a_disc_of_its_radius() -> None:
    disc = light(optics.defocus(point(), 5.0))[..., 0]
    assert disc.sum() == pytest.approx(1, abs=0.01)
    assert np.flatnonzero(disc[16] > 1e-4).tolist() == list(range(11, 22))
    assert disc[16, 19] == pytest.approx(disc[16, 16], rel=0.02)
    assert disc[11, 11] == 0, "its corners are round"
    assert np.allclose(optics.defocus(grey(0.4), 5.0), 0.4, atol=1e-4)


@pytest.mark.parametrize(("value", "electrons", "read"), [(0.5, 400.0, 3.0), (0.2, 100.0, 8.0)])
def test_sensor_noise_has_the_variance_of_photons_and_reading(
    value: float, electrons: float, read: float
) -> None:
    x = encoded(np.full((200, 200, 1), value, np.float32))
    noisy = light(optics.sensor_noise(x, electrons, read, draw()))
    assert noisy.mean() == pytest.approx(value, rel=0.01)
    assert noisy.std() * electrons == pytest.approx(np.sqrt(value * electrons + read**2), rel=0.03)


def test_jpeg_is_coarser_at_a_lower_quality() -> None:
    for shape in SHAPES:
        x = to_float(np.asarray(training_set(shape, 1).x[0], np.uint8))
        errors = [np.abs(optics.jpeg(x, quality) - x).mean() for quality in (95, 40, 8)]
        assert 0 < errors[0] < errors[1] < errors[2] < 0.2


def test_sharpening_overshoots_at_edges_alone() -> None:
    sharp = optics.sharpen(0.25 + 0.5 * corner(), 1.0, 1.0)[..., 0]
    assert sharp[4, 15] > 0.8 and sharp[4, 16] < 0.2
    assert sharp[4, 4] == pytest.approx(0.75, abs=1e-3)


def test_rain_leans_with_the_wind_and_heavier_rain_holds_the_lighter() -> None:
    def fallen(**changes: Any) -> NDArray[Any]:
        options: dict[str, Any] = {"streaks": 30, "length_share": 0.2, "slant_deg": 0.0}
        rain = weather.rain(grey(0.1, 64), **{**options, **changes}, opacity=0.9, draw=draw())
        return np.asarray(rain[..., 0] - 0.1)

    upright, lying = fallen(), fallen(slant_deg=90.0)
    assert np.abs(np.diff(upright, axis=0)).sum() < 0.5 * np.abs(np.diff(upright, axis=1)).sum()
    assert np.abs(np.diff(lying, axis=1)).sum() < 0.5 * np.abs(np.diff(lying, axis=0)).sum()
    assert np.mean(fallen(streaks=60) >= upright - 1e-6) > 0.95
    assert fallen(streaks=60).sum() > 1.5 * upright.sum()
    assert 0.2 < upright.max() <= 0.85


def test_fog_lets_its_share_of_the_light_through() -> None:
    white, black = (weather.fog(grey(value, 64), 0.7, draw()) for value in (1.0, 0.0))
    through = light(white) - light(black)
    assert through.mean() == pytest.approx(np.exp(-0.7), abs=0.02)
    assert through.std() > 0.02, "it is denser here than there"
    assert light(black).mean() == pytest.approx(0.6 * (1 - np.exp(-0.7)), abs=0.02)


def test_mirror_exchanges_left_and_right() -> None:
    assert geometry.mirror(corner())[0, :, 0].tolist() == [0] * 16 + [1] * 16


def test_shift_is_exact_and_mirrors_at_the_edge() -> None:
    x = np.random.default_rng(0).random((8, 8, 3)).astype(np.float32)
    moved = geometry.shift(x, 2, -3)
    assert np.array_equal(moved[2:, :-3], x[:-2, 3:])
    assert np.array_equal(moved[1, :-3], x[0, 3:]) and np.array_equal(moved[0, :-3], x[1, 3:])
    assert np.array_equal(geometry.shift(x, 0, 0), x)


def test_rotation_by_a_quarter_is_clockwise() -> None:
    x = np.random.default_rng(0).random((9, 9, 3)).astype(np.float32)
    assert np.allclose(geometry.rotate(x, 90.0), np.rot90(x, -1), atol=1e-5)
    assert np.allclose(geometry.rotate(x, 0.0), x, atol=1e-6)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_zoom_scales_about_the_middle(factor: float) -> None:
    disc = np.hypot(*(np.mgrid[:65, :65] - 32)) < 12
    zoomed = geometry.zoom(disc[..., None].astype(np.float32), factor)
    middle = slice(17, 48) if factor < 1 else slice(None)  # beyond it, mirrored discs
    assert zoomed[32, middle].sum() == pytest.approx(23 * factor, abs=1.1)
    assert zoomed[middle, 32].sum() == pytest.approx(23 * factor, abs=1.1)


def test_crop_takes_the_part_asked_for() -> None:
    x = corner()
    assert np.allclose(geometry.crop(x, 0.5, 0.0, 0.0)[:30, :30], 1)
    assert not geometry.crop(x, 0.5, 1.0, 1.0)[2:, 2:].any()
    assert np.allclose(geometry.crop(x, 1.0, 0.3, 0.8), x)


def test_a_patch_hides_its_box_and_is_cut_off_at_the_edges() -> None:
    hidden = geometry.cover(grey(0.2, 10), (-2, 7, 5, 6), [0.9])
    assert np.flatnonzero((hidden == np.float32(0.9)).any(axis=(1, 2))).tolist() == [0, 1, 2]
    assert np.flatnonzero((hidden == np.float32(0.9)).any(axis=(0, 2))).tolist() == [7, 8, 9]
    assert np.array_equal(geometry.cover(grey(0.2, 10), (-9, 0, 5, 6), [0.9]), grey(0.2, 10))
