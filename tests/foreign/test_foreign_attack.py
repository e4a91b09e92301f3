"""``attack``: a foreign int8 model, made here, goes through the command; bad input is one line."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
import soundfile
from PIL import Image

from palisade.backend import keras, tf
from palisade.commands.main import main
from palisade.foreign import mfcc, model
from palisade.foreign.searching import margins
from palisade.foreign.surgery import searchable

SIDE, SAMPLES = 8, 400


def converted(network: Any, shape: tuple[int, ...], spread: float, *, int8: bool = True) -> bytes:
    converter = tf.lite.TFLiteConverter.from_keras_model(network)
    if int8:
        dice = np.random.default_rng(0)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        ends = [np.zeros((1, *shape), np.float32), np.full((1, *shape), spread, np.float32)]
        drawn = [dice.uniform(0, spread, (1, *shape)).astype(np.float32) for _ in range(20)]
        converter.representative_dataset = lambda: ([one] for one in ends + drawn)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    return bytes(converter.convert())


def linear(shape: tuple[int, ...], weights: Any, bias: float, classes: int = 2) -> Any:
    """Class 1 where a weighted sum is above a bias; other classes never."""
    given = keras.Input(shape)
    dense = keras.layers.Dense(classes, activation="softmax")
    network = keras.Model(given, dense(keras.layers.Flatten()(given)))
    row = np.zeros((int(np.prod(shape)), classes), np.float32)
    row[:, 1] = weights
    dense.set_weights([row, np.array([bias, 0] + [-20] * (classes - 2), np.float32)])
    return network


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models, and data for them: dark and light pictures, low and high sounds."""
    folder, dice = tmp_path_factory.mktemp("shop"), np.random.default_rng(2)
    light = linear((SIDE, SIDE, 1), 1.0, SIDE * SIDE / 2)
    (folder / "light.tflite").write_bytes(converted(light, (SIDE, SIDE, 1), 1.0))
    (folder / "float.tflite").write_bytes(converted(light, (SIDE, SIDE, 1), 1.0, int8=False))
    many = linear((SIDE, SIDE, 1), 1.0, SIDE * SIDE / 2, classes=4)
    (folder / "many.tflite").write_bytes(converted(many, (SIDE, SIDE, 1), 1.0))
    above = linear((SAMPLES,), 1.0, 0.0)
    (folder / "sound.tflite").write_bytes(converted(above, (SAMPLES,), 1.0))
    pair = [keras.Input((2,)) for _ in range(2)]
    network = keras.Model(pair, keras.layers.Dense(2)(keras.layers.Add()(pair)))
    (folder / "pair.tflite").write_bytes(converted(network, (2,), 1.0, int8=False))
    for name, level in (("dark", 0.4), ("light", 0.6)):
        (folder / "pictures" / name).mkdir(parents=True)
        (folder / "sounds" / name).mkdir(parents=True)
        for number in range(12):
            far = level + (level - 0.5) * number / 12
            pixels = np.clip(far + dice.normal(0, 0.05, (SIDE, SIDE)), 0, 1) * 255
            Image.fromarray(pixels.astype(np.uint8)).save(folder / f"pictures/{name}/{number}.png")
            sound = (far - 0.5) * np.ones(SAMPLES) + 0.5 * (name == "light")
            soundfile.write(folder / f"sounds/{name}/{number}.wav", sound * 0.5, 16000)
    return folder


def told(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    status = main(["attack", *map(str, words)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_pictures_give_a_table_and_a_report(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "report.json"
    budgets = ("--budgets", "1/255", "24/255", "0.4")
    words = (shop / "light.tflite", "--data", shop / "pictures", "--queries", 200, *budgets)
    status, table, _ = told(capsys, *words, "--output", output)
    content = json.loads(output.read_text())
    assert status == 0 and "verdicts by TFLM" in table and "linf_24_255" in table
    assert content["how"]["search_sees"] == "inputs of the final Softmax"
    assert content["int8"]["n"] == 24 and content["int8"]["clean_accuracy"] == 1.0
    left = content["int8"]["worst_case_accuracy"]
    # 0.1 from the boundary at least: 1/255 breaks none, 0.4 in one direction all of them.
    assert left["linf_1_255"] == 1.0 and left["linf_102_255"] == 0.0
    assert content["attacks"]["linf_102_255"]["noise"]["value"] == 1.0
    curve = content["attacks"]["linf_24_255"]["square"]["accuracy_by_queries"]
    assert curve["0"] == 1.0 and curve["200"] == left["linf_24_255"]
    for figure in content["intervals"].values():
        assert figure["low"] <= figure["value"] <= figure["high"]
    again = tmp_path / "again.json"
    told(capsys, *words, "--output", again)
    assert again.read_bytes() == output.read_bytes()


def test_sound_is_attacked_as_samples(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--data", shop / "sounds", "--queries", 60, "--budgets", 60, 0, "--examples", 10)
    status, table, _ = told(capsys, shop / "sound.tflite", *words)
    assert status == 0 and "10 of 24 examples" in table
    lines = {line.split()[0]: line.split() for line in table.splitlines() if line[:4] == "snr_"}
    assert set(lines) == {"snr_60db", "snr_0db"}


def test_arrays_are_the_models_own_inputs(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    y = np.arange(10) % 2
    x = (0.4 + 0.2 * y)[:, None, None, None] * np.ones((10, SIDE, SIDE, 1))
    np.savez(tmp_path / "data.npz", x=x, y=y)
    words = (shop / "light.tflite", "--data", tmp_path / "data.npz", "--queries", 200)
    status, table, _ = told(capsys, *words, "--budgets", 0.02, 0.4)
    assert status == 0
    assert [line.split()[2] for line in table.splitlines()[5:8]][1:] == ["1.000", "0.000"]
    assert told(capsys, *words)[2].startswith("error: arrays have no budgets of their own")


@pytest.mark.parametrize("spoilt", ["one_array", "locked", "endless", "no_header"])
def test_arrays_that_cannot_be_read_are_one_clear_error(
    spoilt: str, shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, head = tmp_path / "data.npz", b"{'descr': '<f8', 'fortran_order': False, 'shape': "
    if spoilt == "one_array":
        with path.open("wb") as stream:
            np.save(stream, np.zeros(3))
    else:
        end = {"endless": b"(99999999999999,), }\n", "no_header": b"(((\n"}.get(spoilt, b"")
        with ZipFile(path, "w") as archive:
            content = head + end
            size = struct.pack("<H", len(content))
            archive.writestr("x.npy", b"\x93NUMPY\x01\x00" + size + content)
        if spoilt == "locked":
            content = bytearray(path.read_bytes())
            content[6] |= 1  # the flag of an encrypted member, here and in the directory
            content[content.index(b"PK\x01\x02") + 8] |= 1
            path.write_bytes(content)
    words = (shop / "light.tflite", "--data", path, "--budgets", 0.1)
    status, _, said = told(capsys, *words)
    assert status == 1 and "does not hold the arrays x and y" in said and said.count("\n") == 1


def test_a_labels_file_says_which_folder_is_which_class(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "labels.txt"
    file.write_text("light\n*\n", encoding="utf-8-sig")
    words = (shop / "light.tflite", "--data", shop / "pictures", "--queries", 1)
    _, table, _ = told(capsys, *words, "--labels", file)
    assert "clean                              0.000" in table
    assert "near chance" in table
    file.write_text("dark\nlight\nred\ngreen\n")
    many = (shop / "many.tflite", *words[1:])
    _, table, _ = told(capsys, *many, "--labels", file)
    assert "clean                              1.000" in table
    assert "no example of the classes 2, 3" in table


def cut(shop: Path, folder: Path) -> tuple[Path, Path]:
    broken = folder / "cut.tflite"
    broken.write_bytes((shop / "light.tflite").read_bytes()[:700])
    return broken, shop / "pictures"


def noise_file(shop: Path, folder: Path) -> tuple[Path, Path]:
    broken = folder / "noise.tflite"
    broken.write_bytes(b"\x18\0\0\0TFL3" + struct.pack("<200I", *range(200)))
    return broken, shop / "pictures"


def bad_picture(shop: Path, folder: Path) -> tuple[Path, Path]:
    for name in ("dark", "light"):
        (folder / name).mkdir()
        (folder / name / "a.png").write_bytes(b"no picture")
    return shop / "light.tflite", folder


def named(name: str) -> Callable[[Path, Path], tuple[Path, Path]]:
    return lambda shop, folder: (shop / name, shop / "pictures")


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (named("float.tflite"), "float.tflite has float32 inputs"),
        (named("pair.tflite"), "pair.tflite has 2 inputs"),
        (named("nothing.tflite"), "No such file"),
        (cut, "cut.tflite is not a TensorFlow Lite model"),
        (noise_file, "noise.tflite is not a TensorFlow Lite model"),
        (named("many.tflite"), "tells 4 classes, and the data has 2 folders (dark, light)"),
        (named("sound.tflite"), "takes inputs of [400], and the data are pictures"),
        (bad_picture, "a.png cannot be read (wrong_type)"),
        (lambda shop, folder: (shop / "light.tflite", folder), "no pictures and no recordings"),
        (lambda shop, folder: (shop / "light.tflite", folder / "x"), "is not a folder"),
        (lambda shop, folder: (shop / "light.tflite", shop / "sounds"), "which is no sound"),
    ],
)
def test_bad_input_is_one_line(
    make: Callable[[Path, Path], tuple[Path, Path]],
    problem: str,
    shop: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file, data = make(shop, tmp_path)
    status, out, err = told(capsys, file, "--data", data)
    assert (status, out) == (1, "")
    assert err.startswith("error: ") and problem in err and err.count("\n") == 1


def flipped(content: bytes) -> bytes:
    """With the middle of a compressed member changed."""
    middle = len(content) // 2
    return (
        content[:middle]
        + bytes(255 - one for one in content[middle : middle + 40])
        + content[middle + 40 :]
    )


@pytest.mark.parametrize("spoil", [lambda content: content[: len(content) // 2], flipped])
def test_a_spoiled_archive_is_one_line(
    spoil: Callable[[bytes], bytes],
    shop: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "inputs.npz"
    noise = np.random.default_rng(1).integers(0, 9, (40, 4, 4, 1)).astype(np.float32)
    np.savez_compressed(file, x=noise, y=np.zeros(40, np.int64))
    file.write_bytes(spoil(file.read_bytes()))
    status, out, err = told(capsys, shop / "light.tflite", "--data", file, "--budgets", "0.1")
    assert (status, out) == (1, "") and err.count("\n") == 1
    assert "does not hold the arrays x and y" in err


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--pixel-range", "nan", "nan"), "is no range of pixels"),
        (("--pixel-range", "1", "1"), "is no range of pixels"),
        (("--pixel-range", "1", "0"), "is no range of pixels"),
        (("--budgets", "1/255", "1.001/255"), "two budgets are linf_1_255"),
    ],
)
def test_senseless_numbers_are_named(
    words: tuple[str, ...], problem: str, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = told(capsys, shop / "light.tflite", "--data", shop / "pictures", *words)
    assert (status, out) == (1, "") and problem in err and err.count("\n") == 1


def test_the_table_is_printed_where_the_report_cannot_be_written(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    place = tmp_path / "file" / "report.json"
    words = ("--data", shop / "pictures", "--queries", "5", "--output", place)
    status, out, err = told(capsys, shop / "light.tflite", *words)
    assert status == 1 and "clean" in out and err.splitlines()[-1].startswith("error: ")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("dark\n", "has 1 lines, and"),
        ("dark\nred\n", "names no class for the folders light"),
        ("dark,dark\nlight\n", "names dark twice"),
    ],
)
def test_a_labels_file_that_does_not_fit_is_named(
    text: str, problem: str, shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "labels.txt"
    file.write_text(text)
    words = (shop / "light.tflite", "--data", shop / "pictures", "--labels", file)
    status, _, err = told(capsys, *words)
    assert status == 1 and problem in err and err.count("\n") == 1


@pytest.mark.parametrize(
    ("budget", "advice"), [("0", "4/255"), ("2", "4/255"), ("1/0", "4/255"), ("nan", "4/255")]
)
def test_a_wrong_budget_is_named(
    budget: str, advice: str, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (shop / "light.tflite", "--data", shop / "pictures", "--budgets", budget)
    status, _, err = told(capsys, *words)
    assert status == 1 and f"{budget} is no budget" in err and advice in err


def test_what_fools_litert_and_not_tflm_still_stands() -> None:
    y = np.array([0, 0, 0])
    litert = np.array([[5, 1], [1, 5], [1, 5]], np.int8)
    tflm = np.array([[5, 1], [5, 1], [1, 5]], np.int8)
    score = margins(lambda x: litert, lambda raw: raw, lambda x: tflm[x[:, 0]])
    found = score(np.arange(3, dtype=np.int8)[:, None], y)
    assert found[0] == 5 and 1 < found[1] < 1.5 and found[2] == 0


def test_equal_scores_go_to_the_first_class() -> None:
    scores = np.array([[7, 7], [7, 7]], np.int8)
    score = margins(lambda x: scores, lambda raw: raw, None)
    assert (score(np.zeros((2, 1)), np.array([0, 1])) > 0).tolist() == [True, False]


def test_without_its_softmax_a_model_answers_the_same(shop: Path) -> None:
    foreign = model.load(shop / "light.tflite")
    content, taken = searchable(foreign.content, 0)
    assert taken and not searchable(content, 0)[1]
    inputs = np.random.default_rng(0).integers(-128, 128, (40, SIDE, SIDE, 1)).astype(np.int8)
    logits = foreign.scores()(inputs)
    assert len(np.unique(logits[:, 1] - logits[:, 0].astype(int))) > 5
    label, runtime = foreign.verdict(inputs)
    apart = np.abs(logits[:, 1].astype(int) - logits[:, 0]) > 2
    assert runtime == "TFLM" and apart.sum() > 20
    assert np.array_equal(np.argmax(logits, 1)[apart], label[apart])


def test_features_are_those_of_tensorflow() -> None:
    sound = np.random.default_rng(0).integers(-9000, 9000, (2, 16000)).astype(np.int16)
    wave = sound / sound.max(axis=1, keepdims=True)
    spectra = tf.abs(tf.signal.stft(tf.cast(wave, tf.float32), 480, 320))
    bands = tf.signal.linear_to_mel_weight_matrix(40, 257, 16000, 20.0, 4000.0)
    logs = tf.math.log(tf.tensordot(spectra, bands, 1) + 1e-6)
    expected = tf.signal.mfccs_from_log_mel_spectrograms(logs)[..., :10].numpy()
    np.testing.assert_allclose(mfcc.features(sound)[..., 0], expected, atol=2e-3)
