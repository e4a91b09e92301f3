"""What a firmware engineer needs of a release, as C: models, guards, and the code around them.

::

    firmware/README.md             how to wire it into an application
    firmware/include, src          the device's library
    firmware/main.c                an example that compiles and runs on a host
    firmware/model_<task>.c .h     the model as an aligned array, its SHA-256, its arena
    firmware/guard_<task>.c .h     the guard's tables
    firmware/stream_<task>.c .h    when a command in continuous sound is accepted, where it has any
    firmware/policy.c .h           what several sensors have to agree on, where there is a fusion
"""

from __future__ import annotations

import hashlib
import json
import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path

from palisade.errors import PalisadeError
from palisade.files import write_text
from palisade.guard import policy_source, source, tables
from palisade.stream import source as stream_source
from palisade.stream.listening import Listening

ALIGNMENT_BYTES = 16  # what TensorFlow Lite Micro asks of a model
# What is copied as it is, by where it lies in the project and in the folder.
COPIED = {
    "device/README.md": "README.md",
    "device/examples/main.c": "main.c",
    "device/include": "include",
    "device/src": "src",
}


def copy(found: Path, folder: Path, name: str) -> None:
    """Copy a file or folder of the device's sources to ``COPIED[name]`` in the folder."""
    target = folder / COPIED[name]
    target.parent.mkdir(parents=True, exist_ok=True)
    if found.is_dir():
        shutil.copytree(found, target)
    else:
        shutil.copyfile(found, target)


def write(folder: Path, task: str, *, model: Path, guard: Path, arena_bytes: int) -> None:
    """Write a task's model and guard as C.

    Raises:
        PalisadeError: The task's name is none in C, or the guard's file is no guard.
    """
    texts = {
        f"guard_{task}.h": source.c_header(task),
        f"guard_{task}.c": source.c_source(tables.read(guard), task),
        f"model_{task}.h": model_header(task, arena_bytes),
        f"model_{task}.c": model_source(task, model.read_bytes()),
    }
    for name, text in texts.items():
        write_text(folder / name, text)


def write_stream(folder: Path, task: str, stream: Path) -> None:
    """Write when a task accepts a command in continuous input, as C.

    Raises:
        PalisadeError: The task's name is none in C, or the file says nothing of the kind.
    """
    rules = Listening.read(stream)
    write_text(folder / f"stream_{task}.h", stream_source.c_header(rules, task))
    write_text(folder / f"stream_{task}.c", stream_source.c_source(rules, task))


def write_policy(folder: Path, policy: Path) -> None:
    """Write the fusion's policy as C. A witness counts for as long as an event lasts."""
    content = json.loads(policy.read_bytes())
    window_ms = round(content["window_s"] * 1000)
    rules = {
        task: policy_source.Rule(
            accepts=tuple(one["accepts"]),
            pooling=one["pooling"],
            threshold_lsb=one["threshold_lsb"],
            fresh_ms=window_ms,
        )
        for task, one in sorted(content["tasks"].items())
    }
    write_text(folder / "policy.h", policy_source.c_policy_header(rules))
    write_text(folder / "policy.c", policy_source.c_policy_source(rules, window_ms=window_ms))


def model_header(task: str, arena_bytes: int) -> str:
    """Declares the array, its length, its digest, and the arena that its interpreter needs."""
    if arena_bytes <= 0:
        raise PalisadeError(f"the arena of {task} is {arena_bytes} bytes", "run `dvc repro`")
    mark = f"MODEL_{task.upper()}_H"
    return f"""\
/* Made by the pipeline from the task's model; do not edit. */
#ifndef {mark}
#define {mark}

#include <stdint.h>

/* Of TensorFlow Lite Micro on a 64-bit host, whose pointers are larger than a microcontroller's. */
enum {{ MODEL_{task.upper()}_ARENA_BYTES = {arena_bytes} }};

extern const uint8_t model_{task}[];
extern const uint32_t model_{task}_bytes;
extern const uint8_t model_{task}_sha256[32]; /* what pal_boot compares the model with */

#endif
"""


def model_source(task: str, content: bytes) -> str:
    """Defines them."""
    aligned = f"__attribute__((aligned({ALIGNMENT_BYTES})))"
    return (
        f'#include "model_{task}.h"\n\n'
        f"const uint8_t model_{task}[] {aligned} = {{\n{_listed(content)}\n}};\n"
        f"const uint32_t model_{task}_bytes = {len(content)};\n"
        f"const uint8_t model_{task}_sha256[32] = {{\n"
        f"{_listed(hashlib.sha256(content).digest())}\n}};\n"
    )


def _listed(content: bytes) -> str:
    return "\n".join(_lines(", ".join(map(str, content))))


def _lines(text: str) -> Iterator[str]:
    for line in textwrap.wrap(text, 96):
        yield f"    {line}"
