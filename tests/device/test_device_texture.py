"""The device's texture scores what its reference does, to the bit; what does not fit is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from palisade.device import emulation, library, records
from palisade.device import guard as device
from palisade.device.emulation import Machine
from palisade.guard import texture
from palisade.guard.engineered import Engineered
from palisade.guard.texture import Texture
from tests.guard import drawn


def plain(form: Engineered) -> dict[str, Any]:
    return form.model_dump()


def scored(table: Texture, form: Engineered, x: np.ndarray) -> np.ndarray:
    """Scores of inputs ``[n, elements]`` by the C library."""
    ffi, lib = library.load()
    made = records.struct("pal_texture", device.of_texture(table))
    grid, score = records.struct("pal_engineered", plain(form)), ffi.new("int32_t *")
    found = []
    for row in x:
        status = lib.pal_texture_score(made, grid, library.pointer(row), len(row), score)
        library.require(status, "pal_texture_score")
        found.append(score[0])
    return np.array(found)


def drawings(seed: int) -> tuple[np.random.Generator, Any]:
    rng = np.random.default_rng(seed)

    def draw() -> tuple[Texture, Engineered]:
        while True:
            form = drawn.grid(rng)
            if (table := drawn.textured(rng, form)) is not None:
                return table, form

    return rng, draw


def test_scores_equal_the_reference() -> None:
    rng, draw = drawings(30)
    compared, least, most = 0, 2**31, 0
    while compared < 20000:
        table, form = draw()
        rows = drawn.rows(rng, 400, form.inputs)
        found = scored(table, form, rows)
        np.testing.assert_array_equal(found, texture.score(table, form, rows))
        compared, least, most = compared + 400, min(least, found.min()), max(most, found.max())
    assert least == 0 and most == 2**31 - 1, "both ends of a score must come out"


@pytest.mark.parametrize("shape", [(256, 256, 1), (65535, 1, 1), (1, 8192, 8), (4096, 1, 16)])
def test_the_largest_inputs_at_the_ends_of_every_number_do_not_overflow(
    shape: tuple[int, int, int],
) -> None:
    form = Engineered(height=shape[0], width=shape[1], channels=shape[2], rows=1, columns=1)
    size = texture.size(form, 1)
    board = np.indices(shape[:2]).sum(axis=0) % 2 * 127 - 64
    worst = np.broadcast_to(board[..., np.newaxis], shape).astype(np.int8).reshape(1, -1)
    for mean, weight, shift in ((0, -32768, 1), (2**24, -32768, 1), (2**24, 32767, 40)):
        table = Texture(
            octaves=1,
            stride=1,
            means_q8=np.full(size, mean),
            weights=np.full(size * (size + 1) // 2, weight),
            shifts=np.full(size, shift),
        )
        for x in (worst, np.zeros_like(worst)):
            np.testing.assert_array_equal(scored(table, form, x), texture.score(table, form, x))


def answered(**change: Any) -> str:
    """The status of one call with parts of it changed."""
    ffi, lib = library.load()
    form = Engineered(height=6, width=5, channels=2, rows=1, columns=1)
    table = texture.fit(
        texture.counts(form, drawn.rows(np.random.default_rng(31), 50, 60), octaves=2, stride=1),
        octaves=2,
        stride=1,
    )
    made = records.struct("pal_texture", device.of_texture(table))
    grid = records.struct("pal_engineered", plain(form))
    x = np.zeros(60, np.int8)
    call = {"table": made, "form": grid, "input": library.pointer(x), "count": 60,
            "score": ffi.new("int32_t *")}  # fmt: skip
    kept = []
    for name, value in change.items():
        if name in call:
            call[name] = value
        elif hasattr(grid, name):
            setattr(grid, name, value)
        else:
            kept.append(value)
            pointed = isinstance(value, np.ndarray)
            setattr(made, name, library.pointer(value) if pointed else value)
    return str(ffi.string(ffi.cast("pal_status", lib.pal_texture_score(*call.values()))))


def test_whatever_does_not_fit_is_answered_with_a_fault() -> None:
    ffi, _ = library.load()
    assert answered() == "PAL_OK"
    for name in ("table", "form", "input", "score", "means_q8", "weights", "shifts"):
        assert answered(**{name: ffi.NULL}) == "PAL_FAULT_ARGUMENT", name
    lengths = ({"count": 59}, {"count": 0}, {"count": 2**32 - 1}, {"height": 7}, {"height": 0})
    for change in lengths:
        assert answered(**change) == "PAL_FAULT_LENGTH", change
    # As many elements, and other counts; then more counts than the device holds.
    assert answered(height=60, width=1, channels=1) == "PAL_FAULT_LENGTH"
    assert answered(height=1, width=1, channels=60) == "PAL_FAULT_LENGTH"
    assert answered(height=3, width=2, channels=10) == "PAL_FAULT_LENGTH"
    for octaves in (1, 4):
        assert answered(octaves=octaves) == "PAL_FAULT_LENGTH", octaves
    for change in ({"octaves": 0}, {"octaves": 5}, {"stride": 0}):
        assert answered(**change) == "PAL_FAULT_RANGE", change
    for value in (-1, 2**24 + 1, -(2**31)):
        means = np.zeros(64, np.int32)
        means[63] = value
        assert answered(means_q8=means) == "PAL_FAULT_RANGE", value
    for value in (0, 63, 255):
        shifts = np.ones(64, np.uint8)
        shifts[0] = value
        assert answered(shifts=shifts) == "PAL_FAULT_RANGE", value


@pytest.mark.skipif(emulation.missing() is not None, reason="no emulated Cortex-M4 here")
def test_an_emulated_cortex_m4_comes_to_the_same_scores() -> None:
    machine = Machine()
    rng, draw = drawings(32)
    for _ in range(12):
        table, form = draw()
        rows = drawn.rows(rng, 60, form.inputs)
        made = machine.struct("pal_texture", device.of_texture(table))
        grid = machine.struct("pal_engineered", plain(form))
        x, score = machine.array(rows[0]), machine.array(np.zeros(1, np.int32))
        found = []
        for row in rows:
            machine.write(x, row)
            done = machine.call("pal_texture_score", made, grid, x, form.inputs, score)
            assert done.status == 0
            found.append(int(machine.read(score, 1, np.int32)[0]))
        np.testing.assert_array_equal(found, texture.score(table, form, rows))


@pytest.mark.skipif(emulation.missing() is not None, reason="no emulated Cortex-M4 here")
def test_a_difference_takes_some_twenty_instructions() -> None:
    """Of a picture of 64 x 64, each third row and column: 1,892 differences, and 32 residuals."""
    machine, rng = Machine(), np.random.default_rng(33)
    form = Engineered(height=64, width=64, channels=1, rows=1, columns=1)
    rows = rng.integers(-128, 128, (40, form.inputs)).astype(np.int8)
    seen = texture.counts(form, rows, octaves=2, stride=3)
    made = machine.struct("pal_texture", device.of_texture(texture.fit(seen, octaves=2, stride=3)))
    grid, x = machine.struct("pal_engineered", plain(form)), machine.array(rows[0])
    score = machine.array(np.zeros(1, np.int32))
    done = machine.call("pal_texture_score", made, grid, x, form.inputs, score, counting=True)
    assert done.status == 0 and done.instructions < 20 * 1892 + 10 * 32 * 33 // 2 + 2000
