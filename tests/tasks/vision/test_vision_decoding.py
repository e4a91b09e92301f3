"""One picture file to a square of pixels."""

from __future__ import annotations

import io
import resource
import struct
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from palisade.corpus import Recording, Unusable
from palisade.errors import PalisadeError
from palisade.tasks.vision.recordings import reader
from palisade.tasks.vision.recordings.reader import Params


def params(**changes: Any) -> Params:
    values: dict[str, Any] = {
        "classes": ["nobody", "person"],
        "image_px": 32,
        "channels": "grey",
        "fit": "stretch",
        "shortest_side_px": 20,
        "largest_pixels": 1_000_000,
        "validation_percent": 10.0,
        "test_percent": 10.0,
        "calibration_percent": 10.0,
        "least_per_class": 1,
        "simple_accuracy_limit": 0.75,
    }
    return Params.model_validate({**values, **changes})


def decode(path: Path, **changes: Any) -> NDArray[np.uint8]:
    return reader.decode(Recording(path, path.name, "person", "a", "train"), params(**changes))


def refusal(path: Path, **changes: Any) -> str:
    with pytest.raises(Unusable) as refused:
        decode(path, **changes)
    assert refused.value.reason in reader.REASONS
    return refused.value.reason


def noise(*shape: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def smooth(px: int = 32) -> NDArray[np.uint8]:
    """Red rises to the right, green to the bottom, blue falls: what compression keeps."""
    ramp = np.linspace(40, 210, px)
    red, green = np.meshgrid(ramp, ramp)
    return np.stack([red, green, 250 - red], axis=-1).astype(np.uint8)


GREY = np.asarray(Image.fromarray(smooth()).convert("L"), dtype=np.float64)


def grey_file(path: Path, **saving: Any) -> Path:
    Image.fromarray(noise(32, 32)).save(path, **saving)
    return path


@pytest.mark.parametrize("ending", ["png", "bmp", "tiff", "webp"])
def test_a_picture_of_the_right_size_keeps_its_very_pixels(tmp_path: Path, ending: str) -> None:
    colour, grey = noise(32, 32, 3), noise(32, 32)
    path = tmp_path / f"a.{ending}"
    options = {"lossless": True} if ending == "webp" else {}
    Image.fromarray(colour).save(path, **options)
    assert np.array_equal(decode(path, channels="colour"), colour)
    if ending != "webp":  # which holds no grey
        Image.fromarray(grey).save(path)
        assert np.array_equal(decode(path)[..., 0], grey)


def test_channels_and_side_are_those_of_the_params(tmp_path: Path) -> None:
    Image.fromarray(noise(100, 80, 3)).save(tmp_path / "a.jpg")
    for fit in ("crop", "stretch", "pad"):
        assert decode(tmp_path / "a.jpg", fit=fit).shape == (32, 32, 1)
        large = decode(tmp_path / "a.jpg", fit=fit, channels="colour", image_px=96)
        assert large.shape == (96, 96, 3)
        assert large.dtype == np.uint8


FILES: dict[str, tuple[str, Any]] = {
    "grey": ("png", lambda colour: colour.convert("L")),
    "colour JPEG": ("jpg", lambda colour: colour),
    "CMYK JPEG": ("jpg", lambda colour: colour.convert("CMYK")),
    "YCbCr": ("tiff", lambda colour: colour.convert("YCbCr")),
    "palette": ("png", lambda colour: colour.convert("L").convert("P")),
    "opaque alpha": ("png", lambda colour: colour.convert("RGBA")),
    "grey with alpha": ("png", lambda colour: colour.convert("L").convert("LA")),
    "palette with alpha": ("tiff", lambda colour: colour.convert("L").convert("PA")),
    "16 bits": ("png", lambda _: Image.fromarray((GREY * 256 + 7).astype(np.uint16))),
    "16 bits TIFF": ("tiff", lambda _: Image.fromarray((GREY * 256 + 7).astype(np.uint16))),
    "WebP": ("webp", lambda colour: colour),
}


@pytest.mark.parametrize("name", FILES)
def test_any_mode_gives_the_same_picture(tmp_path: Path, name: str) -> None:
    ending, made = FILES[name]
    made(Image.fromarray(smooth())).save(tmp_path / f"a.{ending}")
    error = decode(tmp_path / f"a.{ending}")[..., 0] - GREY
    assert np.abs(error).max() <= (12 if ending in ("jpg", "webp") else 2)


def test_one_bit_is_black_and_white(tmp_path: Path) -> None:
    Image.fromarray(noise(32, 32) > 128).save(tmp_path / "a.png")
    assert np.array_equal(decode(tmp_path / "a.png")[..., 0], 255 * (noise(32, 32) > 128))


def test_grey_files_are_colour_of_equal_channels(tmp_path: Path) -> None:
    pixels = decode(grey_file(tmp_path / "a.png"), channels="colour")
    assert np.array_equal(pixels, np.repeat(noise(32, 32)[..., None], 3, axis=-1))


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_parts_show_mid_grey(tmp_path: Path, mode: str) -> None:
    alpha = np.zeros((32, 32), np.uint8)
    alpha[:16], alpha[16:24] = 255, 128
    picture = Image.new("RGBA", (32, 32), (255, 255, 255, 0))
    picture.putalpha(Image.fromarray(alpha))
    picture.convert(mode).save(tmp_path / "a.png")
    column = decode(tmp_path / "a.png")[:, 0, 0]
    assert set(column[:16]) == {255}
    assert abs(int(column[20]) - 192) <= 1
    assert set(column[24:]) == {128}


def test_a_transparent_colour_of_a_palette_shows_mid_grey(tmp_path: Path) -> None:
    picture = Image.fromarray(np.repeat([0, 1], 512).reshape(32, 32).astype(np.uint8), mode="P")
    picture.putpalette([250, 250, 250, 10, 10, 10])
    picture.save(tmp_path / "a.png", transparency=1)
    pixels = decode(tmp_path / "a.png")
    assert (set(pixels[:16].ravel()), set(pixels[16:].ravel())) == ({250}, {128})


# EXIF's orientation, and where the bright corner of the stored picture is shown (row, column).
CORNERS = {1: (0, 0), 3: (-1, -1), 6: (0, -1), 8: (-1, 0), 2: (0, -1)}


@pytest.mark.parametrize("orientation", CORNERS)
def test_pictures_are_shown_upright(tmp_path: Path, orientation: int) -> None:
    stored = np.zeros((64, 128), np.uint8)
    stored[:32, :64] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(stored).save(tmp_path / "a.png", exif=exif)
    pixels = decode(tmp_path / "a.png")
    assert pixels[CORNERS[orientation]] == 255
    assert pixels.mean() == pytest.approx(255 / 4, abs=2)


def bars() -> NDArray[np.uint8]:
    """``[64, 128]``: a quarter black, half a ramp from 50 to 200 downwards, a quarter white."""
    picture = np.repeat(np.linspace(50, 200, 64)[:, None], 128, axis=1)
    picture[:, :32], picture[:, 96:] = 0, 255
    return picture.astype(np.uint8)


def test_crop_keeps_the_middle(tmp_path: Path) -> None:
    Image.fromarray(bars()).save(tmp_path / "wide.png")
    wide = decode(tmp_path / "wide.png", fit="crop", image_px=64)[..., 0]
    assert np.array_equal(wide, bars()[:, 32:96])
    Image.fromarray(bars().T).save(tmp_path / "high.png")
    assert np.array_equal(decode(tmp_path / "high.png", fit="crop", image_px=64)[..., 0], wide.T)


def test_stretch_keeps_everything(tmp_path: Path) -> None:
    Image.fromarray(bars()).save(tmp_path / "a.png")
    pixels = decode(tmp_path / "a.png", fit="stretch", image_px=64)[..., 0]
    assert np.all(pixels[:, :15] == 0) and np.all(pixels[:, -15:] == 255)
    assert np.abs(pixels[:, 32] - np.linspace(50, 200, 64)).max() <= 1


def test_pad_continues_the_edges(tmp_path: Path) -> None:
    Image.fromarray(bars()).save(tmp_path / "a.png")
    pixels = decode(tmp_path / "a.png", fit="pad", image_px=64)[..., 0]
    assert np.all(pixels[:16] == pixels[16]) and np.all(pixels[48:] == pixels[47])
    middle = pixels[16:48, 32].astype(float)
    assert np.abs(middle - np.linspace(51, 199, 32)).max() <= 1.5


def test_a_fine_pattern_becomes_grey_rather_than_moire(tmp_path: Path) -> None:
    stripes = np.tile(np.array([0, 255], np.uint8), (300, 150))
    stripes[:150] = 0
    Image.fromarray(stripes).save(tmp_path / "a.png")
    assert np.abs(decode(tmp_path / "a.png")[17:, 1:-1].astype(float) - 127.5).max() < 10


def test_a_line_of_many_pixels_is_padded_without_being_made_a_large_square(
    tmp_path: Path,
) -> None:
    Image.fromarray(noise(1, 900_000)).save(tmp_path / "a.png")
    assert decode(tmp_path / "a.png", fit="pad", shortest_side_px=1).shape == (32, 32, 1)


def _png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(name: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("width", "height"),
    [(30_000, 30_000), (12_000, 10_000), (1001, 1000), (2**31 - 1, 1), (40_000, 2**31 - 1)],
)
@pytest.mark.filterwarnings("error")
def test_a_picture_that_claims_too_many_pixels_is_never_decoded(
    tmp_path: Path, width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.png").write_bytes(_png_header(width, height))
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    monkeypatch.setattr(Image.Image, "convert", lambda *_: pytest.fail("decoded"))
    assert refusal(tmp_path / "a.png") == "too_large"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 50_000


def test_a_picture_of_just_the_largest_number_of_pixels_is_read(tmp_path: Path) -> None:
    Image.fromarray(noise(100, 100)).save(tmp_path / "a.png")
    assert decode(tmp_path / "a.png", largest_pixels=10_000).any()
    assert refusal(tmp_path / "a.png", largest_pixels=9_999) == "too_large"


def _spoil(path: Path, how: str) -> None:
    """Write a file that is unusable in a given way."""
    picture, stored = Image.fromarray(noise(64, 64, 3)), io.BytesIO()
    if how == "text":
        path.write_text("this is no picture at all\n" * 100)
    elif how.startswith("half a "):
        picture.save(stored, how.removeprefix("half a "))
        path.write_bytes(stored.getvalue()[: len(stored.getvalue()) // 2])
    elif how.startswith("the beginning of a "):
        picture.save(stored, how.removeprefix("the beginning of a "))
        path.write_bytes(stored.getvalue()[:20])
    elif how == "a PNG with a flipped bit":
        picture.save(stored, "PNG")
        damaged = bytearray(stored.getvalue())
        damaged[len(damaged) // 2] ^= 16
        path.write_bytes(damaged)
    elif how.startswith("animated "):
        more = [Image.fromarray(noise(64, 64, 3)[::-1]) for _ in range(2)]
        name = how.removeprefix("animated ")
        picture.save(path, name, save_all=True, append_images=more)
    elif how == "floats":
        Image.fromarray(noise(64, 64).astype(np.float32)).save(path, "TIFF")
    elif how == "one colour":
        Image.new("RGB", (64, 64), (90, 20, 30)).save(path, "PNG")
    elif how == "narrow":
        Image.fromarray(noise(64, 19)).save(path, "PNG")


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("text", "wrong_type"),
        ("floats", "wrong_type"),
        ("animated GIF", "wrong_type"),
        *[(f"half a {name}", "corrupt") for name in ("PNG", "JPEG", "BMP", "WEBP", "TIFF")],
        *[(f"the beginning of a {name}", "corrupt") for name in ("PNG", "JPEG", "BMP", "TIFF")],
        ("a PNG with a flipped bit", "corrupt"),
        *[(f"animated {name}", "animated") for name in ("PNG", "WEBP", "TIFF")],
        ("one colour", "blank"),
        ("narrow", "too_small"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_unusable_files_are_refused_with_their_reason(
    tmp_path: Path, how: str, reason: str
) -> None:
    _spoil(tmp_path / "a.png", how)
    assert refusal(tmp_path / "a.png") == reason


def test_a_file_of_no_bytes_is_empty(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    assert refusal(tmp_path / "a.png") == "empty"


def test_a_telephones_jpeg_with_previews_is_its_first_picture(tmp_path: Path) -> None:
    preview = Image.new("RGB", (32, 32))
    Image.fromarray(smooth()).save(
        tmp_path / "a.jpg", "MPO", save_all=True, append_images=[preview]
    )
    assert np.abs(decode(tmp_path / "a.jpg")[..., 0] - GREY).max() <= 12


@pytest.mark.parametrize("name", ["PNG", "JPEG", "BMP", "WEBP", "TIFF"])
def test_no_damage_does_more_than_leave_a_picture_out(tmp_path: Path, name: str) -> None:
    stored, dice = io.BytesIO(), np.random.default_rng(1)
    Image.fromarray(noise(24, 24, 3)).save(stored, name)
    for _ in range(60):
        damaged = np.frombuffer(stored.getvalue(), np.uint8).copy()
        damaged[dice.integers(0, min(len(damaged), 400), 4)] = dice.integers(0, 256, 4)
        (tmp_path / "a.png").write_bytes(damaged.tobytes())
        with suppress(Unusable):
            assert decode(tmp_path / "a.png").shape == (32, 32, 1)


def test_frames_of_an_event_are_squares_from_top_to_bottom(tmp_path: Path) -> None:
    frames = noise(5, 32, 32, 3)
    Image.fromarray(frames.reshape(160, 32, 3)).save(tmp_path / "a.png")
    assert np.array_equal(
        reader.decode_scene(tmp_path / "a.png", params(channels="colour")), frames
    )
    for fit in ("crop", "stretch", "pad"):
        small = reader.decode_scene(tmp_path / "a.png", params(image_px=16, fit=fit))
        assert small.shape == (5, 16, 16, 1)
        for frame, whole in zip(small, frames, strict=True):
            Image.fromarray(whole).save(tmp_path / "one.png")
            assert np.array_equal(frame, decode(tmp_path / "one.png", image_px=16))


def test_a_blank_frame_is_a_frame(tmp_path: Path) -> None:
    Image.new("L", (32, 64)).save(tmp_path / "a.png")
    assert not reader.decode_scene(tmp_path / "a.png", params()).any()


def test_a_strip_that_is_no_whole_number_of_squares_is_named(tmp_path: Path) -> None:
    Image.fromarray(noise(100, 32)).save(tmp_path / "07c2.png")
    with pytest.raises(PalisadeError, match=r"07c2\.png is 32 px wide and 100 px high"):
        reader.decode_scene(tmp_path / "07c2.png", params())


def test_an_event_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(_png_header(30_000, 60_000))
    with pytest.raises(Unusable, match="too_large"):
        reader.decode_scene(tmp_path / "a.png", params())
