"""A team's own backgrounds and cut-outs: used, shared out, and refused where they are no use."""

from __future__ import annotations

import csv
import json
import struct
import zlib
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from palisade.errors import PalisadeError
from palisade.splits import NAMES
from palisade.tasks.vision.synthesis import corpus, material


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve backgrounds of stripes, and twelve cut-outs of plain white."""
    (tmp_path / "m" / "backgrounds").mkdir(parents=True)
    (tmp_path / "m" / "people").mkdir()
    stripes = np.tile(np.array([0, 0, 0, 0, 255, 255, 255, 255], np.uint8), (64, 8))
    for number in range(12):
        Image.fromarray(stripes).save(tmp_path / "m" / "backgrounds" / f"porch{number:02}.bmp")
        cutout = np.zeros((60, 30, 4), np.uint8)
        cutout[5:55, 8:22] = 255
        Image.fromarray(cutout, "RGBA").save(tmp_path / "m" / "people" / f"someone{number:02}.png")
    (tmp_path / "m" / "README.md").write_text("not an image")
    (tmp_path / "m" / "backgrounds" / "porch00.bmp.dvc").write_text("neither is this")
    return tmp_path / "m"


def read(folder: Path, megapixels: float = 1.0) -> dict[str, material.Stock]:
    return material.read(folder, largest_megapixels=megapixels, seed=7)


def test_every_file_is_in_one_split_and_every_split_has_some(folder: Path) -> None:
    stocks = read(folder)
    for part in ("backgrounds", "cutouts"):
        held = [name for split in NAMES for name in getattr(stocks[split], part)]
        assert len(held) == len(set(held)) == 12
        assert all(getattr(stocks[split], part) for split in NAMES)


def test_the_corpus_is_drawn_with_them_split_by_split(
    folder: Path, make_params: Any, some_events: Any, tmp_path: Path
) -> None:
    corpus.synthesize(
        make_params(), events=some_events[::6], seed=7, folder=tmp_path / "v", material=folder
    )
    with (tmp_path / "v" / "manifest.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    seen = defaultdict(set)
    for row in rows:
        seen[row["home_background"]].add(row["split"])
        for stand in json.loads(row["stands"]):
            if stand["kind"] == "person":
                seen[stand["cutout"]].add(row["split"])
    assert "" not in seen  # background_share and cutout_share are 1
    assert all(len(splits) == 1 for splits in seen.values())
    assert any(name.startswith("porch") for name in seen)
    assert any(name.startswith("someone") for name in seen)


def test_a_background_and_a_cutout_are_what_one_sees(
    folder: Path, make_params: Any, tmp_path: Path
) -> None:
    plain = make_params(
        image_px=64,
        things__lookalike_weights=[1.0, 0.0, 0.0],
        things__pet_share=0.0,
        things__litter_share=0.0,
        things__car_share=0.0,
        things__hidden_share=0.0,
        light__light_weights=[1.0, 0.0, 0.0],
        light__weather_weights=[1.0, 0.0, 0.0],
        light__defocus_px=[0.0, 0.0],
        homes__blur_px=[0.0, 0.0],
        homes__barrel=[0.0, 0.0],
        homes__vignette=[0.0, 0.0],
    )
    corpus.synthesize(plain, events=(), seed=7, folder=tmp_path / "v", material=folder)
    pictures = [
        np.asarray(Image.open(path), np.float64) for path in (tmp_path / "v" / "person").iterdir()
    ]
    # The stripes are eight pixels long, and where somebody is white they are not to be seen.
    swing = [np.abs(picture[:8, :-4] - picture[:8, 4:]).mean() for picture in pictures]
    assert np.median(swing) > 60
    evenness = [min(row[x : x + 5].std() for row in one for x in range(59)) for one in pictures]
    assert np.median(evenness) < 6


def refused(folder: Path, megapixels: float = 1.0) -> str:
    with pytest.raises(PalisadeError) as caught:
        read(folder, megapixels)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_cutout_without_alpha_channel_is_refused(folder: Path) -> None:
    Image.new("RGB", (20, 40)).save(folder / "people" / "flat.png")
    told = refused(folder)
    assert "flat.png" in told and "alpha channel" in told


def test_a_cutout_with_nothing_in_it_is_refused(folder: Path) -> None:
    Image.new("RGBA", (20, 40)).save(folder / "people" / "ghost.png")
    assert "ghost.png is wholly transparent" in refused(folder)


def test_a_file_that_is_no_image_is_refused(folder: Path) -> None:
    (folder / "backgrounds" / "text.png").write_bytes(b"not a picture at all")
    told = refused(folder)
    assert "text.png" in told and "decoded" in told


def test_a_truncated_image_is_refused(folder: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64), dtype=np.uint8)
    path = folder / "backgrounds" / "half.png"
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:1500])
    told = refused(folder)
    assert "half.png" in told and "decoded" in told


@pytest.mark.parametrize("side", [2000, 30_000])
def test_a_huge_image_is_refused_by_its_header_alone(folder: Path, side: int) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    # There are no pixels: whoever decodes it says so instead.
    body = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    (folder / "backgrounds" / "huge.png").write_bytes(body)
    told = refused(folder)
    assert "huge.png is too large" in told and "largest_megapixels" in told
