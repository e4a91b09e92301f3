"""How people, things, light and lens look."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.tasks.vision.synthesis import (
    backdrop,
    camera,
    figure,
    homes,
    lighting,
    people,
    picture,
    shading,
    things,
    view,
)
from palisade.tasks.vision.synthesis.brush import Layer
from palisade.tasks.vision.synthesis.palette import Palette
from palisade.tasks.vision.synthesis.people import Person

EYE, INFRARED = Palette(infrared=False), Palette(infrared=True)
EXTENT_PX, UNIT_PX = 200, 160.0


@pytest.fixture(scope="module")
def someone(make_params: Any) -> Person:
    """A plain person who faces the camera."""
    drawn = people.draw(make_params().people, np.random.default_rng(3))
    return replace(
        drawn,
        build=1.0,
        lean=0.0,
        facing="front",
        mirrored=False,
        pose="hang",
        hair="short",
        hat="",
        garment="jacket",
        bottoms="trousers",
        pattern="",
        load="",
        skin=0.7,
        hair_tone=0.1,
        top_tone=0.3,
        bottom_tone=0.5,
        hat_tone=0.9,
        beard=False,
        glasses=False,
        scarf=False,
        umbrella=False,
    )


def drawn(person: Person, palette: Palette = EYE, stride: float = 0.0) -> NDArray[np.uint8]:
    """Grey and coverage ``[200, 200, 2]`` of a person 160 pixels tall, feet at row 190."""
    layer = Layer(EXTENT_PX, 100, 190, UNIT_PX, mirrored=person.mirrored, lean=person.lean)
    figure.draw(layer, person, palette, stride=stride)
    return np.asarray(layer.image)


def test_a_person_is_as_tall_as_told_and_slim(someone: Person) -> None:
    rows, columns = np.nonzero(drawn(someone)[..., 1])
    assert rows.max() - rows.min() == pytest.approx(UNIT_PX, rel=0.03)
    assert 0.25 < (columns.max() - columns.min()) / UNIT_PX < 0.45


def test_a_face_is_where_a_face_is(someone: Person) -> None:
    grey = drawn(someone)[..., 0]
    cheek = grey[round(190 - 0.915 * UNIT_PX), 100 + round(0.03 * UNIT_PX)]
    crown = grey[round(190 - 0.985 * UNIT_PX), 100]
    assert cheek == round(255 * 0.7)
    assert crown == round(255 * 0.1)


@pytest.mark.parametrize(
    "change",
    [
        *({"facing": facing} for facing in ("back", "side")),
        *({"pose": pose} for pose in sorted(set(people.POSES) - {"hang", "walk"})),
        *({"hat": hat} for hat in people.HATS),
        *({"load": load} for load in people.LOADS),
        *({"pattern": pattern} for pattern in people.PATTERNS),
        *({"garment": garment} for garment in sorted(set(people.GARMENTS) - {"jacket"})),
        *({"bottoms": bottoms} for bottoms in ("skirt", "shorts")),
        *({"hair": hair} for hair in sorted(set(people.HAIRS) - {"short"})),
        *({flag: True} for flag in ("beard", "glasses", "scarf", "umbrella")),
        {"build": 1.4},
        {"lean": 0.06},
    ],
    ids=str,
)
def test_every_trait_shows(someone: Person, change: dict[str, Any]) -> None:
    changed = drawn(replace(someone, **change)) != drawn(someone)
    assert changed.any(axis=-1).sum() > 30


def test_all_combinations_can_be_drawn(someone: Person) -> None:
    for facing, pose, load, umbrella in itertools.product(
        sorted(set(people.FACINGS)), sorted(set(people.POSES)), ("", *people.LOADS), (False, True)
    ):
        person = replace(someone, facing=facing, pose=pose, load=load, umbrella=umbrella)
        assert drawn(person, INFRARED, stride=0.7)[..., 1].any()


def test_a_walker_strides_and_one_who_turns_round_is_the_mirror_image(someone: Person) -> None:
    walker = replace(someone, pose="walk", facing="side")
    assert (drawn(walker, stride=1.0) != drawn(walker, stride=-1.0)).any()
    there = drawn(walker, stride=0.5)[..., 1] > 0
    back = drawn(replace(walker, mirrored=True), stride=0.5)[..., 1] > 0
    assert (there[:, 1:] != back[:, :0:-1]).mean() < 0.015  # rounding of outlines
    assert (there != back).mean() > 0.03


def test_one_who_crouches_is_lower(someone: Person) -> None:
    standing, crouching = (
        np.nonzero(drawn(one)[..., 1])[0].min()
        for one in (someone, replace(someone, pose="crouch"))
    )
    assert crouching - standing == pytest.approx(0.2 * UNIT_PX, abs=3)


def test_infrared_turns_cloth_round_and_makes_skins_alike_and_eyes_shine() -> None:
    assert EYE.cloth(0.1) < EYE.cloth(0.9)
    assert INFRARED.cloth(0.1) > INFRARED.cloth(0.9)
    assert abs(INFRARED.skin(0.25) - INFRARED.skin(0.8)) < 0.2 * abs(EYE.skin(0.25) - EYE.skin(0.8))
    assert INFRARED.leaf(0.3) > EYE.leaf(0.3)
    assert INFRARED.eye > 0.9 > 0.2 > EYE.eye


@pytest.mark.parametrize("kind", sorted(set(things.HEIGHTS_M) - {things.SHADOW}))
def test_every_thing_is_drawn_from_the_ground_to_its_height(kind: str, make_params: Any) -> None:
    for look in range(6):
        thing = things.draw(kind, make_params().people, np.random.default_rng(look))
        layer = Layer(400, 200, 380, 100.0, mirrored=thing.mirrored)
        things.paint(layer, thing, EYE, np.random.default_rng(thing.look))
        rows = np.nonzero(np.asarray(layer.image)[..., 1])[0]
        foot, top = (380 - rows.max()) / 100, (380 - rows.min()) / 100
        assert foot == pytest.approx(0, abs=0.12)
        assert thing.height_m * 0.7 < top < thing.height_m * 1.3 + 0.1


@pytest.mark.parametrize("shown", homes.VIEWS)
@pytest.mark.parametrize("infrared", [False, True])
def test_a_place_has_ground_that_recedes_and_sky_that_is_far(
    shown: str, infrared: bool, make_params: Any
) -> None:
    home = replace(homes.draw("train", 1, make_params(), backgrounds=(), seed=7), view=shown)
    place = backdrop.paint(home, 96, infrared, 7)
    assert place.grey.shape == place.distance_m.shape == (96, 96)
    assert np.isfinite(place.grey).all() and place.grey.min() >= 0 and place.grey.max() <= 1
    middle = place.distance_m[:, 48]
    assert middle[-1] < middle[70] < middle[48] or shown == "hallway"
    assert (place.distance_m > 0.3).all()
    assert (place.sky[-20:] == 0).all()
    assert place.grey.std() > 0.03


def shot(make_params: Any, **changes: Any) -> picture.Picture:
    params = make_params()
    home = homes.draw("train", 0, params, backgrounds=(), seed=7)
    one = picture.draw("train/person/0", "person", home, params, cutouts=(), seed=7)
    return replace(one, **{"sun": 0.0, "backlight": False, "infrared": False, **changes})


def test_lamp_and_infrared_light_fall_off_and_daylight_does_not(make_params: Any) -> None:
    near_far = np.array([1.0, 6.0], np.float32)
    day = lighting.strength(shot(make_params, light="day"), near_far)
    lamp = lighting.strength(shot(make_params, light="night"), near_far)
    infrared = lighting.strength(shot(make_params, light="night", infrared=True), near_far)
    assert day[0] == day[1]
    assert lamp[0] > 3 * lamp[1]
    assert infrared[0] > 5 * infrared[1]


def test_the_exposure_aims_at_the_brightness_without_burning_out(make_params: Any) -> None:
    dim = np.full((32, 32), 0.05, np.float32)
    assert camera.exposure(dim, 0.25) == pytest.approx(5.0)
    lit = dim.copy()
    lit[:8] = 0.9
    assert camera.exposure(lit, 0.9) * 0.9 < 1.2


def test_the_lens_bends_and_dims_towards_the_corners(make_params: Any) -> None:
    params = make_params()
    home = homes.draw("train", 0, params, backgrounds=(), seed=7)
    one = shot(make_params, noise=0.0, defocus_px=0.0, sharpening=0.0, jpeg_quality=95)
    plain = replace(home, barrel=0.0, vignette=0.0, blur_px=0.0)
    even = np.full((96, 96), 0.4, np.float32)
    dice = np.random.default_rng(0)
    straight = camera.take(even, one, plain, 32, dice)
    assert np.ptp(straight) <= 1
    bent = camera.take(even, one, replace(plain, barrel=0.2), 32, dice)
    assert bent[0, 0] < 40 < bent[16, 16]
    dimmed = camera.take(even, one, replace(plain, vignette=0.5), 32, dice)
    assert dimmed[0, 0] < 0.7 * dimmed[16, 16]


def test_noise_and_compression_change_pixels_as_told(make_params: Any) -> None:
    params = make_params()
    home = replace(homes.draw("train", 0, params, backgrounds=(), seed=7), barrel=0.0, vignette=0.0)
    even = np.full((64, 64), 0.4, np.float32)
    spreads = [
        camera.take(
            even,
            shot(make_params, noise=noise, jpeg_quality=95),
            home,
            64,
            np.random.default_rng(0),
        ).std()
        for noise in (0.0, 0.01, 0.04)
    ]
    assert spreads[0] < 0.6 < spreads[1] < spreads[2] / 2.5
    texture = np.random.default_rng(0).integers(0, 255, (64, 64), dtype=np.uint8)
    losses = [
        np.abs(camera.through_jpeg(texture, q).astype(int) - texture).mean() for q in (20, 60, 95)
    ]
    assert losses[0] > losses[1] > losses[2] > 0


def test_what_is_as_grey_as_its_background_is_set_apart() -> None:
    behind = np.full((10, 10), 0.4, np.float32)
    cover = np.ones((10, 10), np.float32)
    for own in (0.35, 0.4, 0.45):
        factor = shading.separation(np.full((10, 10), own, np.float32), behind, cover, 0.2)
        assert abs(own * factor - 0.4) == pytest.approx(0.2, abs=1e-5)
    far = np.full((10, 10), 0.9, np.float32)
    assert shading.separation(far, behind, cover, 0.2) == 1.0


def test_a_shadow_starts_at_the_foot_and_goes_aside(someone: Person) -> None:
    layer = Layer(EXTENT_PX, 100, 190, 80.0)
    figure.draw(layer, someone, EYE, stride=0.0)
    shadow = shading.cast(layer.image.getchannel("A"), 190, squash=0.5, slope=0.6)
    rows, columns = np.nonzero(shadow > 0.5)
    assert rows.max() == pytest.approx(190, abs=4)
    assert rows.min() == pytest.approx(190 - 0.5 * 80, abs=4)
    head, foot = columns[rows < rows.min() + 4].mean(), columns[rows > rows.max() - 4].mean()
    assert abs(head - foot) == pytest.approx(0.6 * 80, rel=0.2)


def test_a_nearer_thing_looks_larger_and_stands_lower(make_params: Any) -> None:
    home = homes.draw("train", 0, make_params(), backgrounds=(), seed=7)
    seen = view.of(home, 100)
    assert seen.scale(1.0) == 2 * seen.scale(2.0)
    assert seen.row(1.0) > seen.row(2.0) > seen.horizon_px
    assert seen.row(2.0, home.camera_m) == pytest.approx(seen.horizon_px)
    assert seen.distance(seen.row(1.7)) == pytest.approx(1.7)
