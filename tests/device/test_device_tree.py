"""The device's walk through a tree: scikit-learn's leaves, and an end to every walk."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from palisade.device import library, records
from palisade.device.guard import of_tree
from palisade.guard import engineered, tree
from palisade.guard.engineered import Engineered
from palisade.guard.tree import Tree
from tests.guard import drawn


def struct(table: Tree) -> Any:
    """``pal_tree *`` of a tree."""
    return records.struct("pal_tree", of_tree(table))


def test_labels_are_those_of_scikit_learn_on_thresholds_and_extremes() -> None:
    rng, compared = np.random.default_rng(20), 0
    ffi, lib = library.load()
    leaf = ffi.new("uint32_t *")
    while compared < 10000:
        grid = drawn.grid(rng)
        grown, table = drawn.fitted(rng, grid, int(rng.integers(2, 33)))
        nodes = struct(table)
        x = engineered.features(grid, drawn.rows(rng, 400, grid.inputs))
        for place, (feature, at) in enumerate(zip(table.feature, table.threshold, strict=True)):
            x[place % len(x), feature] = at + place % 3 - 1
        found = np.zeros(len(x), np.int64)
        for place, one in enumerate(x):
            status = lib.pal_tree_leaf(nodes, library.pointer(one), len(one), leaf)
            assert status == lib.PAL_OK
            found[place] = leaf[0]
        np.testing.assert_array_equal(found, tree.leaves(table, x))
        np.testing.assert_array_equal(table.label[found], grown.predict(x))
        compared += len(x)


def test_a_walk_from_the_networks_input_ends_in_the_same_leaf() -> None:
    rng, compared = np.random.default_rng(21), 0
    ffi, lib = library.load()
    leaf = ffi.new("uint32_t *")
    while compared < 10000:
        grid = drawn.grid(rng)
        _, table = drawn.fitted(rng, grid, 7)
        nodes = struct(table)
        blocks = ffi.new("pal_engineered *", grid.model_dump())
        x = drawn.rows(rng, 400, grid.inputs)
        expected = tree.leaves(table, engineered.features(grid, x))
        for one, at in zip(x, expected, strict=True):
            status = lib.pal_tree_leaf_of(nodes, blocks, library.pointer(one), grid.inputs, leaf)
            assert (status, leaf[0]) == (lib.PAL_OK, at)
        compared += len(x)


def chain(length: int, **changes: object) -> dict[str, object]:
    """Arrays of a tree that asks ``length`` questions, all answered to the right."""
    tree_ = {
        "feature": [0] * length,
        "threshold": [-1] * length,
        "left": [-1] * length,
        "right": [*range(1, length), -1 - length],
        "label": [0] * (length + 1),
        "plausible": [1] * (length + 1),
        "inner": length,
        "leaves": length + 1,
    }
    return {**tree_, **changes}


C_TYPES = {
    "feature": "uint16_t[]",
    "threshold": "int32_t[]",
    "left": "int16_t[]",
    "right": "int16_t[]",
    "label": "uint8_t[]",
    "plausible": "uint32_t[]",
}


def walked(arrays: dict[str, object], value: int = 0) -> tuple[int, int]:
    """Status and leaf of a walk through unchecked arrays; one input of one element."""
    ffi, lib = library.load()
    kept = {name: ffi.new(kind, arrays[name]) for name, kind in C_TYPES.items() if arrays[name]}
    table = ffi.new("pal_tree *", {**arrays, **{n: kept.get(n, ffi.NULL) for n in C_TYPES}})
    grid = ffi.new("pal_engineered *", [1, 1, 1, 1, 1])
    features, leaf = np.array([value, 0, 0, value, value], np.int32), ffi.new("uint32_t *")
    one = lib.pal_tree_leaf(table, library.pointer(features), 5, leaf)
    first = leaf[0]
    leaf[0] = 0
    x = np.array([value], np.int8)
    assert lib.pal_tree_leaf_of(table, grid, library.pointer(x), 1, leaf) == one
    assert leaf[0] == first
    return one, first


def test_the_deepest_tree_is_walked_to_its_end_and_a_deeper_one_is_a_fault() -> None:
    _, lib = library.load()
    assert walked(chain(12)) == (lib.PAL_OK, 12)
    assert walked(chain(13))[0] == lib.PAL_FAULT_RANGE


@pytest.mark.parametrize(
    "changes",
    [
        {"right": [0]},  # round and round
        {"right": [32767]},
        {"right": [-32768]},
        {"feature": [65535]},
        {"feature": [5]},
        {"leaves": 0},
        {"leaves": 1},
        {"leaves": 4097},
        {"inner": 4096},
    ],
)
def test_nodes_leaves_and_features_that_are_not_there_are_faults(
    changes: dict[str, object],
) -> None:
    _, lib = library.load()
    assert walked(chain(1))[0] == lib.PAL_OK
    assert walked(chain(1, **changes))[0] == lib.PAL_FAULT_RANGE


def test_a_tree_without_arrays_is_a_fault() -> None:
    _, lib = library.load()
    for name in C_TYPES:
        assert walked(chain(1, **{name: None}))[0] == lib.PAL_FAULT_ARGUMENT
    lone = {"feature": None, "threshold": None, "left": None, "right": None}
    assert walked(chain(0, **lone)) == (lib.PAL_OK, 0)


def test_sizes_that_no_input_has_are_faults() -> None:
    ffi, lib = library.load()
    x, value = np.zeros(6, np.int8), ffi.new("int32_t *")

    def answer(sizes: list[int], count: int, feature: int = 0) -> int:
        grid = ffi.new("pal_engineered *", sizes)
        status: int = lib.pal_engineered_one(grid, library.pointer(x), count, feature, value)
        return status

    assert answer([2, 3, 1, 2, 3], 6, 29) == lib.PAL_OK
    assert answer([2, 3, 1, 2, 3], 6, 30) == lib.PAL_FAULT_RANGE
    assert answer([2, 3, 1, 2, 3], 6, 2**32 - 1) == lib.PAL_FAULT_RANGE
    grids = [[2, 3, 1, 3, 3], [2, 3, 1, 2, 4], [2, 3, 1, 0, 3], [2, 3, 1, 2, 0]]
    for sizes in [*grids, [0, 3, 1, 1, 1], [65535] * 3 + [1, 1], [65535, 2, 1, 1, 1]]:
        assert answer(sizes, 6) == lib.PAL_FAULT_LENGTH, sizes
        assert answer(sizes, sizes[0] * sizes[1] % 2**32) == lib.PAL_FAULT_LENGTH, sizes
    assert answer([2, 3, 1, 2, 3], 5) == lib.PAL_FAULT_LENGTH
    assert lib.pal_engineered_one(ffi.NULL, library.pointer(x), 6, 0, value) == 1


def test_the_device_counts_inputs_and_features_as_the_pipeline_does() -> None:
    ffi, lib = library.load()
    rng = np.random.default_rng(22)
    for _ in range(200):
        grid = drawn.grid(rng)
        table = ffi.new("pal_engineered *", grid.model_dump())
        assert lib.pal_engineered_inputs(table) == grid.inputs
        assert lib.pal_engineered_features(table) == grid.count
    assert lib.PAL_MAX_INPUT == engineered.LARGEST_INPUT
    assert lib.PAL_MAX_FEATURES == engineered.MOST_FEATURES
    assert lib.PAL_TREE_MAX_DEPTH == tree.DEEPEST and lib.PAL_TREE_MAX_INNER == tree.MOST_INNER
    with pytest.raises(ValueError, match="at most 4096 features"):
        Engineered(height=64, width=64, channels=1, rows=64, columns=64)
