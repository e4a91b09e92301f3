"""A guard's file: the same bytes again, and one clear line for each mistake in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from palisade.errors import PalisadeError
from palisade.guard import tables
from palisade.guard.tables import Guard
from tests.guard import drawn


@pytest.fixture(scope="module")
def whole() -> Guard:
    return drawn.guard(np.random.default_rng(6))


def test_what_was_written_reads_back_to_the_same_bytes(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    for _ in range(20):
        guard = drawn.guard(rng, whole=False)
        tables.write(tmp_path / "guard.json", guard)
        content = (tmp_path / "guard.json").read_bytes()
        again = tables.read(tmp_path / "guard.json")
        assert again == guard
        tables.write(tmp_path / "again.json", again)
        assert (tmp_path / "again.json").read_bytes() == content


def test_guards_of_other_numbers_are_not_equal(whole: Guard) -> None:
    other = whole.model_dump()
    other["autoencoder"]["decoder"]["weights"][3] ^= 1
    assert Guard.model_validate(other) != whole


def test_tables_cannot_be_changed(whole: Guard) -> None:
    assert whole.energy is not None
    with pytest.raises(ValueError, match="read-only"):
        whole.energy.exp_q24[0] = 1
    with pytest.raises(ValueError, match="frozen"):
        whole.classes = 3  # type: ignore[misc]


def changed(guard: Guard, path: str, value: Any) -> str:
    """A guard's JSON with one value replaced, or taken away if ``value`` is ``...``."""
    content = json.loads(tables.to_json(guard))
    *parents, last = path.split(".")
    inside = content
    for name in parents:
        inside = inside[name]
    if value is ...:
        del inside[last]
    elif isinstance(inside[last], list) and isinstance(value, tuple):
        inside[last][value[0]] = value[1]
    else:
        inside[last] = value
    return json.dumps(content)


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("classes", 1, r"classes is 1: .*greater than or equal to 2"),
        ("classes", 3.0, r"classes is 3.0: .*integer"),
        ("classes", True, r"classes is True: .*integer"),
        ("classes", ..., r"classes is missing: add it"),
        ("schema_version", 2, r"schema_version is 2: "),
        ("energy.octave_q8", 0, r"energy.octave_q8 is 0"),
        ("energy.exp_q24", [1, 2], r"exp_q24 must hold 256"),
        ("energy.exp_q24", (0, 5), r"the first 16777216"),
        ("energy.exp_q24", (9, 16777216), r"exp_q24 must not rise"),
        ("energy.exp_q24", (255, -1), r"exp_q24 is .*numbers from 0 to 4294967295"),
        ("autoencoder.encoder.weights", (0, 128), r"weights is .*numbers from -128 to 127"),
        ("autoencoder.encoder.weights", (0, 1.0), r"weights is .*whole numbers"),
        ("autoencoder.encoder.weights", (0, True), r"weights is .*whole numbers"),
        ("autoencoder.encoder.weights", "text", r"weights is 'text': .*whole numbers"),
        ("autoencoder.encoder.weights", [0], r"weights must be outputs \* inputs"),
        ("autoencoder.encoder.shift", 63, r"shift is 63"),
        ("autoencoder.encoder.typo", 1, r"autoencoder.encoder.typo is unknown"),
        ("tree.feature", (0, 65535), r"tree asks for features"),
        ("tree.label", (0, 255), r"tree names labels beyond classes"),
        ("tree.plausible", (0, 2**32 - 1), r"tree names labels beyond classes"),
        ("tree.left", (0, 0), r"every node but the root"),
        ("texture.octaves", 5, r"texture.octaves is 5"),
        ("texture.means_q8", (0, -1), r"means_q8 must hold numbers from 0 to 16777216"),
        ("texture.means_q8", [], r"means_q8 must hold 1 to 128 numbers"),
        ("texture.weights", (0, 32768), r"weights is .*numbers from -32768 to 32767"),
        ("texture.weights", [1], r"weights must be a triangle"),
        ("texture.shifts", (0, 63), r"shifts must hold numbers from 1 to 62"),
        ("engineered.channels", 9, r"texture must hold the means of"),
        ("embedding", 1, r"autoencoder must be as wide as embedding"),
        ("engineered.rows", 1000, r"rows and columns must be at most"),
        ("engineered.height", 65535, r"at most 65536 elements"),
        ("limits.margin.kind", "above", r"limits.margin.kind is 'above'"),
        ("limits.margin.threshold", 2**31, r"limits.margin.threshold is 2147483648"),
        ("consistency.needed", 8, r"needed must be at most window"),
    ],
)
def test_a_mistake_is_named_in_one_short_line(
    tmp_path: Path, path: str, value: Any, line: str
) -> None:
    guard = drawn.guard(np.random.default_rng(8))
    assert guard.tree is not None and len(guard.tree.feature) > 1 and guard.classes < 32
    assert guard.consistency is not None and guard.consistency.window < 8
    if path.endswith("typo"):
        content = json.loads(tables.to_json(guard))
        content["autoencoder"]["encoder"]["typo"] = value
        text = json.dumps(content)
    else:
        text = changed(guard, path, value)
    (tmp_path / "guard.json").write_text(text)
    with pytest.raises(PalisadeError, match=line) as raised:
        tables.read(tmp_path / "guard.json")
    assert str(raised.value).count("\n") == 0 and len(str(raised.value)) < 420
    assert str(raised.value).startswith(str(tmp_path))


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "is not a guard's JSON"),
        (b"\xff\xfe{", "is not a guard's JSON"),
        (b'{"classes": 2, "classes": 3}', "classes stands twice"),
        (b"[" * 100000, "is not a guard's JSON"),
        (b"[]", "valid dictionary"),
        (b'{"classes": NaN}', "guard.json"),
    ],
)
def test_what_is_no_guard_is_refused(tmp_path: Path, content: bytes, line: str) -> None:
    (tmp_path / "guard.json").write_bytes(content)
    with pytest.raises(PalisadeError, match=line):
        tables.read(tmp_path / "guard.json")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PalisadeError, match=r"guard\.json cannot be read \(No such file"):
        tables.read(tmp_path / "guard.json")
    with pytest.raises(PalisadeError, match=r"cannot be read \(Is a directory"):
        tables.read(tmp_path)
