"""A guard's tables as bytes that firmware reads where they lie: see ``palisade/payload.h``."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.guard.consistency import Consistency
from palisade.guard.dense import Dense
from palisade.guard.energy import Energy
from palisade.guard.engineered import Engineered
from palisade.guard.judgement import Signal
from palisade.guard.tables import Guard
from palisade.guard.texture import Texture
from palisade.guard.tree import Tree

MAGIC = b"PALG"
WORD_BYTES = 4
KINDS = {"off": 0, "at_least": 1, "at_most": 2}  # pal_limit_kind
TREE_ARRAYS = ("feature", "threshold", "left", "right", "label", "plausible")
TEXTURE_ARRAYS = ("means_q8", "weights", "shifts")


def to_bytes(guard: Guard) -> bytes:
    """The tables, little-endian; equal guards give equal bytes."""
    parts = {
        1: guard.energy and _energy(guard.energy),
        2: guard.autoencoder
        and _layer(guard.autoencoder.encoder) + _layer(guard.autoencoder.decoder),
        4: guard.tree and _tree(guard.tree),
        8: guard.texture and _texture(guard.texture),
        16: guard.consistency and _consistency(guard.consistency),
    }
    there = sum(bit for bit, part in parts.items() if part)
    head = MAGIC + struct.pack("<I", there) + _form(guard.engineered, guard) + _limits(guard)
    return head + b"".join(part for part in parts.values() if part)


def _form(grid: Engineered, guard: Guard) -> bytes:
    sizes = (grid.height, grid.width, grid.channels, grid.rows, grid.columns)
    return struct.pack("<5H2B", *sizes, guard.classes, guard.embedding)


def _limits(guard: Guard) -> bytes:
    limits = [guard.limits.of(signal) for signal in Signal]
    return b"".join(struct.pack("<iI", one.threshold, KINDS[one.kind]) for one in limits)


def _energy(energy: Energy) -> bytes:
    return struct.pack("<I", energy.octave_q8) + _array(energy.exp_q24)


def _layer(layer: Dense) -> bytes:
    scale = (layer.multiplier, layer.shift, layer.zero_point, layer.lowest)
    head = struct.pack("<iBbbBB3x", *scale, layer.inputs, layer.outputs)
    return head + _array(layer.weights) + _array(layer.biases)


def _tree(tree: Tree) -> bytes:
    head = struct.pack("<HH", len(tree.feature), len(tree.label))
    return head + b"".join(_array(getattr(tree, name)) for name in TREE_ARRAYS)


def _texture(texture: Texture) -> bytes:
    head = struct.pack("<HBB", len(texture.means_q8), texture.octaves, texture.stride)
    return head + b"".join(_array(getattr(texture, name)) for name in TEXTURE_ARRAYS)


def _consistency(table: Consistency) -> bytes:
    return struct.pack("<BBBx", table.window, table.needed, table.forget_after)


def _array(array: NDArray[Any]) -> bytes:
    content = array.astype(np.dtype(array.dtype).newbyteorder("<")).tobytes()
    return content + bytes(-len(content) % WORD_BYTES)
