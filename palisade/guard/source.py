"""A guard as C: constant arrays that firmware compiles beside ``device/src``."""

from __future__ import annotations

import re
import textwrap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.errors import PalisadeError
from palisade.guard.autoencoder import Autoencoder
from palisade.guard.dense import Dense
from palisade.guard.energy import Energy
from palisade.guard.judgement import Signal
from palisade.guard.tables import Guard
from palisade.guard.texture import Texture
from palisade.guard.tree import Tree

_KINDS = {"off": "PAL_LIMIT_OFF", "at_least": "PAL_LIMIT_AT_LEAST", "at_most": "PAL_LIMIT_AT_MOST"}


def c_header(name: str) -> str:
    """``guard_<name>.h``: declares ``guard_<name>`` and ``consistency_<name>``.

    Raises:
        PalisadeError: C cannot have such a name.
    """
    check_name(name)
    mark = f"GUARD_{name.upper()}_H"
    return f"""\
/* Made by the pipeline from the task's guard; do not edit. */
#ifndef {mark}
#define {mark}

#include "palisade/consistency.h"
#include "palisade/guard.h"

#ifdef __cplusplus
extern "C" {{
#endif

extern const pal_guard guard_{name};

/* NULL if each inference is judged by itself. */
extern const pal_consistency *const consistency_{name};

#ifdef __cplusplus
}}
#endif

#endif
"""


def c_source(guard: Guard, name: str) -> str:
    """``guard_<name>.c``, the tables that ``c_header`` declares.

    Raises:
        PalisadeError: C cannot have such a name.
    """
    check_name(name)
    parts = [
        "/* Made by the pipeline from the task's guard; do not edit. */",
        f'#include "guard_{name}.h"\n\n#include <stddef.h>',
        *(_energy(guard.energy) if guard.energy else []),
        *(_autoencoder(guard.autoencoder) if guard.autoencoder else []),
        *(_tree(guard.tree) if guard.tree else []),
        *(_texture(guard.texture) if guard.texture else []),
        _guard(guard, name),
        _consistency(guard, name),
    ]
    return "\n\n".join(parts) + "\n"


def check_name(name: str) -> None:
    """Raise a PalisadeError if C cannot have a name of that form."""
    if not re.fullmatch("[a-z][a-z0-9_]*", name):
        raise PalisadeError(f"{name!r} cannot stand in a C name", "use a-z, 0-9 and _")


def array(name: str, array: NDArray[Any]) -> str:
    """A constant array; C has none of length 0, so that one of those gets a number."""
    numbers = array.tolist() or [0]
    mark = "u" if array.dtype.kind == "u" else ""
    # C reads -2147483648 as minus a number that int cannot hold.
    texts = ["(-2147483647 - 1)" if n == -(2**31) else f"{n}{mark}" for n in numbers]
    body = textwrap.fill(", ".join(texts), 96, initial_indent="    ", subsequent_indent="    ")
    return f"static const {np.dtype(array.dtype).name}_t {name}[] = {{\n{body},\n}};"


def _energy(energy: Energy) -> list[str]:
    return [
        array("energy_exp_q24", energy.exp_q24),
        f"static const pal_energy energy = {{energy_exp_q24, {energy.octave_q8}u}};",
    ]


def _autoencoder(autoencoder: Autoencoder) -> list[str]:
    layers = {"encoder": autoencoder.encoder, "decoder": autoencoder.decoder}
    arrays = [
        text
        for name, layer in layers.items()
        for text in (
            array(f"{name}_weights", layer.weights),
            array(f"{name}_biases", layer.biases),
        )
    ]
    structs = "\n".join(dense(name, layer) for name, layer in layers.items())
    return [*arrays, f"static const pal_autoencoder autoencoder = {{\n{structs}\n}};"]


def dense(name: str, layer: Dense) -> str:
    """What a ``pal_dense`` is made of, of whose arrays each was written as ``<name>_<field>``."""
    numbers = (
        layer.multiplier,
        layer.shift,
        layer.zero_point,
        layer.lowest,
        layer.inputs,
        layer.outputs,
    )
    return f"    {{{name}_weights, {name}_biases, {', '.join(map(str, numbers))}}},"


def _tree(tree: Tree) -> list[str]:
    names = ("feature", "threshold", "left", "right", "label", "plausible")
    arrays = [array(f"tree_{name}", getattr(tree, name)) for name in names]
    inside = ", ".join(f"tree_{name}" for name in names)
    sizes = f"{len(tree.feature)}u, {len(tree.label)}u"
    return [*arrays, f"static const pal_tree tree = {{\n    {inside},\n    {sizes},\n}};"]


def _texture(texture: Texture) -> list[str]:
    names = ("means_q8", "weights", "shifts")
    arrays = [array(f"texture_{name}", getattr(texture, name)) for name in names]
    inside = ", ".join(f"texture_{name}" for name in names)
    sizes = f"{len(texture.means_q8)}u, {texture.octaves}u, {texture.stride}u"
    return [*arrays, f"static const pal_texture texture = {{\n    {inside},\n    {sizes},\n}};"]


def _guard(guard: Guard, name: str) -> str:
    limits = "\n".join(_limit(guard, signal) for signal in Signal)
    tables = ", ".join(
        f"&{table}" if getattr(guard, table) else "NULL"
        for table in ("energy", "autoencoder", "tree", "texture")
    )
    grid = guard.engineered
    sizes = (grid.height, grid.width, grid.channels, grid.rows, grid.columns)
    blocks = ", ".join(f"{size}u" for size in sizes)
    return (
        f"static const pal_limit limits[] = {{\n{limits}\n}};\n\n"
        f"const pal_guard guard_{name} = {{\n    limits, {tables},\n    {{{blocks}}},\n"
        f"    {guard.classes}u,\n    {guard.embedding}u,\n}};"
    )


def _limit(guard: Guard, signal: Signal) -> str:
    limit = guard.limits.of(signal)
    threshold = "(-2147483647 - 1)" if limit.threshold == -(2**31) else str(limit.threshold)
    return f"    {{{threshold}, {_KINDS[limit.kind]}}}, /* {signal.name.lower()} */"


def _consistency(guard: Guard, name: str) -> str:
    table = guard.consistency
    if table is None:
        return f"const pal_consistency *const consistency_{name} = NULL;"
    numbers = f"{table.window}u, {table.needed}u, {table.forget_after}u"
    return (
        f"static const pal_consistency consistency = {{{numbers}}};\n\n"
        f"const pal_consistency *const consistency_{name} = &consistency;"
    )
