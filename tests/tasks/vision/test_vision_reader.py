"""What is found in a folder of pictures."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from palisade import preparation, stage
from palisade.corpus import Found
from palisade.errors import PalisadeError
from palisade.splits import NAMES, Split
from palisade.tasks.vision.recordings import reader
from palisade.tasks.vision.recordings.reader import Params

VALUES: dict[str, Any] = {
    "classes": ["nobody", "person"],
    "image_px": 32,
    "channels": "grey",
    "fit": "crop",
    "shortest_side_px": 20,
    "largest_pixels": 1_000_000,
    "validation_percent": 10.0,
    "test_percent": 10.0,
    "calibration_percent": 10.0,
    "least_per_class": 1,
    "simple_accuracy_limit": 0.75,
}


def params(**changes: Any) -> Params:
    return stage.checked(Params, {**VALUES, **changes}, "params.yaml: prepare.vision")


PARAMS = params()


@pytest.fixture(autouse=True)
def _one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALISADE_WORKERS", "1")


def corpus(folder: Path, files: Iterable[str]) -> Path:
    """Empty files: what is found depends on names alone."""
    for name in ("nobody", "person"):
        (folder / name).mkdir(exist_ok=True)
    for name in files:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    return folder


def noise(seed: int, px: int = 32) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (px, px), dtype=np.uint8)


def drawn(folder: Path, scenes: int = 4) -> Path:
    """Two pictures of each class in each of so many scenes, one scene a split."""
    for label in ("nobody", "person"):
        (folder / label).mkdir(parents=True)
        for scene in range(scenes):
            for n in range(2):
                seed = scene * 10 + n + (100 if label == "person" else 0)
                Image.fromarray(noise(seed)).save(folder / label / f"porch{scene}_nohash_{n}.png")
    for scene, name in enumerate(("validation", "testing", "calibration"), start=1):
        (folder / f"{name}_list.txt").write_text(f"person/porch{scene}_nohash_0.png\n")
    return folder


def split_of(found: Found) -> dict[str, str]:
    return {one.id: one.split for one in found.recordings}


def test_every_kind_of_picture_is_found_under_its_folders_label(tmp_path: Path) -> None:
    files = [f"person/a_nohash_{n}.{e}" for n, e in enumerate(("png", "JPG", "webp", "tiff"))]
    found = reader.scan(corpus(tmp_path, [*files, "nobody/b.jpeg", "nobody/c.bmp"]), PARAMS)
    assert {one.id: (one.label, one.group) for one in found.recordings} == {
        **dict.fromkeys(files, ("person", "a")),
        "nobody/b.jpeg": ("nobody", "nobody/b"),
        "nobody/c.bmp": ("nobody", "nobody/c"),
    }


def test_labels_are_the_classes_in_the_order_of_the_params() -> None:
    assert reader.labels(params(classes=["truck", "bird", "cat"])) == ("truck", "bird", "cat")


def test_a_scene_is_one_group_whatever_its_labels(tmp_path: Path) -> None:
    """With somebody at the door and without, a porch is the same porch."""
    files = [f"{label}/porch_nohash_{n}.png" for label in ("person", "nobody") for n in range(3)]
    found = reader.scan(corpus(tmp_path, files), PARAMS)
    assert {one.group for one in found.recordings} == {"porch"}


def test_numbered_pictures_of_two_classes_are_groups_of_their_own(tmp_path: Path) -> None:
    corpus(tmp_path, ["person/0000.jpg", "person/0001.jpg", "nobody/0000.jpg"])
    (tmp_path / "testing_list.txt").write_text("person/0000.jpg\n")
    (tmp_path / "validation_list.txt").write_text("nobody/0000.png\n")
    none_by_hash = params(calibration_percent=0.0)
    found = reader.scan(tmp_path, none_by_hash)
    assert len({one.group for one in found.recordings}) == 3
    assert found.conflicting == ()
    assert split_of(found) == {
        "person/0000.jpg": "test",
        "person/0001.jpg": "train",
        "nobody/0000.jpg": "validation",
    }


def test_a_scene_in_two_lists_is_reported_and_kept_together(tmp_path: Path) -> None:
    corpus(tmp_path, ["person/porch_nohash_0.png", "nobody/porch_nohash_1.png"])
    for name in ("testing_list.txt", "validation_list.txt"):
        (tmp_path / name).write_text("person/porch_nohash_0.png\nnobody/elsewhere_nohash_0.png\n")
    found = reader.scan(tmp_path, PARAMS)
    assert found.conflicting == ("porch",), "and no scene that is not there"
    assert set(split_of(found).values()) == {"test"}


def test_other_files_are_reported_and_hidden_ones_and_scenes_passed_over(tmp_path: Path) -> None:
    files = [
        "person/a_nohash_0.png",
        "person/notes.txt",
        "person/film.gif",
        "persons/b_nohash_0.png",
        "person/.DS_Store",
        ".git/x.png",
        "_scenes_/07c2f1a09b3e.png",
    ]
    (tmp_path / "manifest.csv").touch()
    found = reader.scan(corpus(tmp_path, files), PARAMS)
    assert [one.id for one in found.recordings] == ["person/a_nohash_0.png"]
    assert {one.id: one.reason for one in found.left_out} == {
        "person/notes.txt": "wrong_type",
        "person/film.gif": "wrong_type",
        "persons/b_nohash_0.png": "other_label",
    }
    assert {one.reason for one in found.left_out} <= set(reader.REASONS)


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(PalisadeError, match=r"no folder .*nowhere"):
        reader.scan(tmp_path / "nowhere", PARAMS)
    (tmp_path / "nobody").mkdir()
    with pytest.raises(PalisadeError, match=r"no folder .*person"):
        reader.scan(tmp_path, PARAMS)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"classes": ["person"]}, "at least 2 items"),
        ({"classes": ["person", "person"]}, "name each class once"),
        ({"classes": ["person", "_scenes_"]}, "none beginning with _"),
        ({"image_px": 97}, "image_px is 97"),
        ({"image_px": 15}, "image_px is 15"),
        ({"channels": "infrared"}, "'grey' or 'colour'"),
        ({"fit": "squeeze"}, "'crop', 'stretch' or 'pad'"),
        ({"largest_pixels": 10**9}, "largest_pixels is 1000000000"),
    ],
)
def test_impossible_params_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(PalisadeError, match=message):
        params(**changes)


def test_a_folder_becomes_four_splits_that_share_no_scene(tmp_path: Path) -> None:
    prepared = preparation.prepare(reader, drawn(tmp_path / "c"), PARAMS)
    scenes = {name: set(prepared.splits[name].groups) for name in NAMES}
    assert scenes == {
        "train": {"porch0"},
        "validation": {"porch1"},
        "test": {"porch2"},
        "calibration": {"porch3"},
    }
    train = prepared.splits["train"]
    assert train.x.shape == (4, 32, 32, 1)
    assert train.x.dtype == np.uint8
    assert np.array_equal(
        train.x[list(train.ids).index("person/porch0_nohash_1.png"), ..., 0], noise(101)
    )
    assert sum(prepared.left_out.values()) == 0


def test_bad_files_are_counted_by_reason_and_the_rest_is_used(tmp_path: Path) -> None:
    person = drawn(tmp_path / "c") / "person"
    (person / "a.png").touch()
    (person / "b.png").write_text("no picture at all")
    (person / "c.png").write_bytes((person / "porch0_nohash_0.png").read_bytes()[:300])
    Image.fromarray(noise(1, 16)).save(person / "d.png")
    Image.new("L", (32, 32), 90).save(person / "e.png")
    frames = [Image.fromarray(noise(n)) for n in range(2)]
    frames[0].save(person / "f.webp", save_all=True, append_images=frames[1:])
    Image.new("1", (1001, 1000)).save(person / "g.png")
    # Of another mode, size and format than the rest, and as good as they are.
    Image.fromarray(noise(7, 96)).convert("CMYK").save(person / "porch0_nohash_9.jpg")
    prepared = preparation.prepare(reader, tmp_path / "c", PARAMS)
    assert {reason: n for reason, n in prepared.left_out.items() if n} == {
        "empty": 1,
        "wrong_type": 1,
        "corrupt": 1,
        "too_small": 1,
        "blank": 1,
        "animated": 1,
        "too_large": 1,
    }
    assert "person/porch0_nohash_9.jpg" in prepared.splits["train"].ids


def test_an_empty_class_is_named(tmp_path: Path) -> None:
    folder = drawn(tmp_path / "c")
    for path in (folder / "nobody").iterdir():
        path.unlink()
    with pytest.raises(PalisadeError, match=r"class nobody has 0 scene"):
        preparation.prepare(reader, folder, PARAMS)


def test_a_class_of_one_scene_alone_is_named(tmp_path: Path) -> None:
    with pytest.raises(PalisadeError, match=r"class nobody has 1 scene\(s\) \(porch0\)"):
        preparation.prepare(reader, drawn(tmp_path / "c", scenes=1), PARAMS)


def pictures(bright: NDArray[np.bool_], channels: int = 1) -> Split:
    """Noise, brighter on the left where ``bright``."""
    draw = np.random.default_rng(int(bright.sum()))
    x = draw.normal(120, 30, (len(bright), 24, 24, channels))
    x[:, :, :12] += 40 * bright[:, None, None, None]
    names = np.array([str(n) for n in range(len(bright))])
    return Split(
        np.clip(x, 0, 255).astype(np.uint8),
        bright.astype(np.int64),
        names,
        names,
        ("nobody", "person"),
    )


@pytest.mark.parametrize("channels", [1, 3])
def test_hardness_tells_easy_data_from_hard(channels: int) -> None:
    half = np.arange(120) % 2 == 0
    train, test = pictures(half, channels), pictures(half[:80], channels)
    assert reader.hardness(train, test, PARAMS) > 0.95
    shuffled = np.random.default_rng(0).permutation(train.y)
    unrelated = Split(train.x, shuffled, train.ids, train.groups, train.labels)
    assert reader.hardness(unrelated, test, PARAMS) < 0.75


def test_the_probe_sees_means_over_sixteen_squares_a_side() -> None:
    x = noise(0, 64)
    small = reader.small_pictures(np.stack([x, 255 - x])[..., None])
    means = x.reshape(16, 4, 16, 4).mean(axis=(1, 3)).ravel() / 255
    assert np.abs(small[0] - means).max() <= 1 / 255 + 1e-6  # rounded across, then down
    assert np.allclose(small[0] + small[1], 1, atol=2.1 / 255)
    assert np.array_equal(reader.small_pictures(np.stack([x] * 3, axis=-1)[None])[0], small[0])


def test_facts_are_brightness_and_contrast_as_shares_of_full_scale() -> None:
    x = np.zeros((2, 16, 16, 1), np.uint8)
    x[0, :8] = 255  # half white: brightness 0.5, deviation 0.5
    x[1] = 102
    names = np.array(["a", "b"])
    facts = reader.facts(Split(x, np.array([0, 1]), names, names, ("nobody", "person")), PARAMS)
    assert facts == pytest.approx({"brightness_mean": 0.45, "contrast_mean": 0.25})


DATA = Path(__file__).parents[3].parent / "shared" / "data" / "inria_person"


@pytest.mark.skipif(not DATA.is_dir(), reason="the public pictures are not here")
def test_real_people_are_read_by_params_alone(tmp_path: Path) -> None:
    for label in ("person", "no_person"):
        (tmp_path / label).mkdir()
        for path in sorted((DATA / label).iterdir())[:40]:
            (tmp_path / label / path.name).symlink_to(path)
    real = params(classes=["no_person", "person"], image_px=64, fit="pad", validation_percent=20.0)
    prepared = preparation.prepare(reader, tmp_path, real)
    assert sum(len(split) for split in prepared.splits.values()) == 80
    assert prepared.splits["train"].x.shape[1:] == (64, 64, 1)
