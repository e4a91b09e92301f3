"""When a command is accepted, as C: tables that firmware compiles beside ``device/src``."""

from __future__ import annotations

import numpy as np

from palisade.guard.source import array, check_name, dense
from palisade.stream.confirmer import Confirmer
from palisade.stream.listening import Listening


def c_header(rules: Listening, name: str) -> str:
    """``stream_<name>.h``: declares ``listener_<name>``, and how often it is to be given a window.

    Raises:
        PalisadeError: C cannot have such a name.
    """
    check_name(name)
    mark = f"STREAM_{name.upper()}_H"
    return f"""\
/* Made by the pipeline from the task's stream; do not edit. */
#ifndef {mark}
#define {mark}

#include "palisade/listen.h"

#ifdef __cplusplus
extern "C" {{
#endif

/* From one window of the network's input to the next. */
enum {{ STREAM_{name.upper()}_HOP_MS = {rules.hop_ms} }};

extern const pal_listener listener_{name};

#ifdef __cplusplus
}}
#endif

#endif
"""


def c_source(rules: Listening, name: str) -> str:
    """``stream_<name>.c``, the tables that ``c_header`` declares.

    Raises:
        PalisadeError: C cannot have such a name.
    """
    check_name(name)
    pointers = ("confirmed_lsb", "&confirmer") if rules.confirmer else ("NULL", "NULL")
    sizes = (
        len(rules.actions),
        rules.classes,
        rules.smoothed_windows,
        rules.context_windows,
        rules.refractory_windows,
    )
    parts = [
        "/* Made by the pipeline from the task's stream; do not edit. */",
        f'#include "stream_{name}.h"\n\n#include <stddef.h>',
        array("actions", np.array(rules.actions, np.uint8)),
        array("thresholds_lsb", np.array(rules.thresholds_lsb, np.int16)),
        *(_confirmer(rules.confirmer, rules.confirmed_lsb or []) if rules.confirmer else []),
        f"const pal_listener listener_{name} = {{\n"
        f"    actions, thresholds_lsb, {', '.join(pointers)},\n"
        f"    {', '.join(f'{size}u' for size in sizes)},\n}};",
    ]
    return "\n\n".join(parts) + "\n"


def _confirmer(table: Confirmer, confirmed_lsb: list[int]) -> list[str]:
    layers = {"hidden": table.hidden, "output": table.output}
    structs = "\n".join(dense(name, layer) for name, layer in layers.items())
    return [
        array("confirmed_lsb", np.array(confirmed_lsb, np.int16)),
        *(array(f"{name}_weights", layer.weights) for name, layer in layers.items()),
        *(array(f"{name}_biases", layer.biases) for name, layer in layers.items()),
        f"static const pal_confirmer confirmer = {{\n{structs}\n}};",
    ]
