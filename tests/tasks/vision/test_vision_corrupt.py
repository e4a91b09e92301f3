"""Field copies of the test set."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage

from palisade.splits import Split
from palisade.tasks.vision.distortion import corrupt
from palisade.tasks.vision.distortion.corrupt import KINDS, SEVERITIES, Params
from palisade.tasks.vision.samples.pixels import light, to_float

SHAPES = [(64, 64, 1), (32, 32, 3)]


def held_out(shape: tuple[int, ...] = (64, 64, 1), counts: tuple[int, ...] = (9, 3)) -> Split:
    """Soft blobs with fine texture, so that each has coarse and fine detail to lose."""
    dice = np.random.default_rng(5)
    n = sum(counts)
    blobs = scipy.ndimage.gaussian_filter(dice.normal(0, 1, (n, *shape)), (0, 4, 4, 0))
    x = 110 + 45 * blobs / blobs.std() + dice.normal(0, 6, (n, *shape))
    names = np.array([f"picture{place}" for place in range(n)])
    scenes = np.array([f"porch{place % 5}" for place in range(n)])
    y = np.repeat(np.arange(len(counts)), counts)
    return Split(np.clip(x, 0, 255).astype(np.uint8), y, names, scenes, ("nobody", "person"))


@pytest.fixture(autouse=True)
def _one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALISADE_WORKERS", "1")


@pytest.mark.parametrize("shape", SHAPES)
def test_every_picture_comes_in_every_kind_and_severity(shape: tuple[int, ...]) -> None:
    test = held_out(shape)
    field = corrupt.corrupt(test, Params(images=8), seed=1)
    assert field.x.shape == (8 * len(SEVERITIES) * 3, *shape)
    assert field.x.dtype == np.uint8
    assert len(set(field.ids)) == len(field)
    label = dict(zip(test.ids, test.y, strict=True))
    group = dict(zip(test.ids, test.groups, strict=True))
    cells: dict[str, set[str]] = {}
    for name, y, scene in zip(field.ids, field.y, field.groups, strict=True):
        kind, severity, picture = str(name).split("/", 2)
        assert (label[picture], group[picture]) == (y, scene)
        cells.setdefault(f"{kind}/{severity}", set()).add(picture)
    assert set(cells) == {f"{kind}/{severity}" for kind in KINDS for severity in (1, 2, 3)}
    assert len({frozenset(pictures) for pictures in cells.values()}) == 1
    assert set(SEVERITIES) == set(KINDS)
    chosen = [label[picture] for picture in cells["fog/1"]]
    assert (chosen.count(0), chosen.count(1)) == (6, 2), "in proportion to the classes"


def test_names_with_slashes_are_kept_whole() -> None:
    test = held_out()
    names = np.array([f"person/{name}.png" for name in test.ids])
    field = corrupt.corrupt(
        Split(test.x, test.y, names, test.groups, test.labels), Params(images=12), seed=1
    )
    assert {str(name).split("/", 2)[2] for name in field.ids} == set(names)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", SEVERITIES)
def test_a_larger_severity_is_farther_from_the_original(kind: str, shape: tuple[int, ...]) -> None:
    x = to_float(np.asarray(held_out(shape).x, np.uint8))
    far = [
        np.mean(
            [
                np.linalg.norm(corrupt.distort(one, kind, value, seed=1, name=str(n)) - one)
                for n, one in enumerate(x)
            ]
        )
        / np.linalg.norm(x[0])
        for value in SEVERITIES[kind]
    ]
    assert 0.01 < far[0] < far[1] < far[2] < 1.5


@pytest.mark.parametrize("kind", ["rain", "shadow", "glare", "rotation", "exposure", "shift"])
def test_nothing_but_the_severity_changes_with_it(kind: str) -> None:
    """A picture's lamp, shadow and drops stay where they are, and it is turned the same way."""
    x = to_float(np.asarray(held_out().x, np.uint8))
    for n, one in enumerate(x):
        first, last = (
            corrupt.distort(one, kind, value, seed=1, name=str(n)) - one
            for value in SEVERITIES[kind][1:]
        )
        assert np.sum(first * last) > 0.35 * np.linalg.norm(first) * np.linalg.norm(last)


def test_exposure_errs_to_either_side_by_its_stops() -> None:
    grey = np.full((8, 8, 1), 0.3, np.float32)
    found = [
        float(light(corrupt.distort(grey, "exposure", 1.5, seed=1, name=str(n))).mean())
        for n in range(20)
    ]
    stops = np.log2(np.array(found) / light(grey).mean())
    assert set(np.round(stops, 2)) == {-1.5, 1.5}


def test_contrast_keeps_its_share_of_the_deviation() -> None:
    x = to_float(np.asarray(held_out().x[0], np.uint8))
    for share in SEVERITIES["contrast"]:
        faint = corrupt.distort(x, "contrast", share, seed=1, name="a")
        assert faint.std() / x.std() == pytest.approx(share, rel=0.01)
        assert faint.mean() == pytest.approx(x.mean(), rel=0.01)


def test_shift_is_as_far_as_its_share_of_the_side() -> None:
    x = np.zeros((64, 64, 1), np.float32)
    x[28:36, 28:36] = 1
    for value in SEVERITIES["shift"]:
        for n in range(6):
            moved = corrupt.distort(x, "shift", value, seed=1, name=str(n))[..., 0]
            middle = np.array(scipy.ndimage.center_of_mass(moved)) - 31.5
            assert np.hypot(*middle) == pytest.approx(64 * value, abs=0.75)


def test_the_same_pictures_whatever_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corrupt, "BATCH", 3)
    alone = corrupt.corrupt(held_out(), Params(images=8), seed=1)
    monkeypatch.setenv("PALISADE_WORKERS", "2")
    together = corrupt.corrupt(held_out(), Params(images=8), seed=1)
    assert alone.x.tobytes() == together.x.tobytes()
    assert alone.ids.tobytes() == together.ids.tobytes()


def test_another_seed_gives_other_pictures() -> None:
    first, other = (corrupt.corrupt(held_out(), Params(images=12), seed=n) for n in (1, 2))
    rain = [str(name).startswith("rain/") for name in first.ids]
    assert not np.array_equal(first.x[rain], other.x[rain])
