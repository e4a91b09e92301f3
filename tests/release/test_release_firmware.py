"""The firmware folder of a release compiles as it is, and holds the models that were signed."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from benchmarks.workspace import Workspace
from palisade.device import library
from palisade.errors import PalisadeError
from palisade.release import firmware

PRINTS = """
#include <stdio.h>
#include "model_door.h"
int main(void)
{
    if ((uintptr_t)model_door % 16 != 0) {
        return 1;
    }
    for (uint32_t i = 0; i < model_door_bytes; i++) {
        printf("%02x", model_door[i]);
    }
    for (int i = 0; i < 32; i++) {
        printf("%02x", model_door_sha256[i]);
    }
    printf("%d", MODEL_DOOR_ARENA_BYTES);
    return 0;
}
"""


def compiled(folder: Path, *files: str) -> Path:
    """A program made of files in a folder, with no warning let pass."""
    strict = [*library.FLAGS, *library.WARNINGS, f"-I{folder}", f"-I{folder / 'include'}"]
    program = folder / "program"
    command = [*library.compiler(), *strict, "-o", str(program), *files]
    subprocess.run(command, cwd=folder, check=True)
    return program


def said(program: Path) -> str:
    return subprocess.run([program], check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("length", [1, 96, 5000])
def test_a_model_comes_out_of_its_array_byte_for_byte(length: int, tmp_path: Path) -> None:
    content = bytes(number * 7 % 256 for number in range(length))
    (tmp_path / "model_door.h").write_text(firmware.model_header("door", 4096))
    (tmp_path / "model_door.c").write_text(firmware.model_source("door", content))
    (tmp_path / "main.c").write_text(PRINTS)
    printed = said(compiled(tmp_path, "main.c", "model_door.c"))
    assert printed == content.hex() + hashlib.sha256(content).hexdigest() + "4096"


def test_an_arena_of_nothing_is_refused() -> None:
    with pytest.raises(PalisadeError, match="the arena of door is 0 bytes"):
        firmware.model_header("door", 0)


def test_the_example_of_a_release_compiles_and_runs(smoke: Workspace, tmp_path: Path) -> None:
    """Copied out of the project: it needs nothing but its own folder."""
    folder = tmp_path / "firmware"
    subprocess.run(["cp", "-r", smoke.root / "models/release/firmware", folder], check=True)
    sources = [str(path.relative_to(folder)) for path in sorted((folder / "src").glob("*.c"))]
    lines = said(compiled(folder, "main.c", "guard_voice.c", *sources)).splitlines()
    assert len(lines) > 5
    compiled(folder, "-c", "policy.c")
    compiled(folder, "-c", "stream_voice.c")
    told = smoke.root / "models/release/voice/stream.json"
    assert told.read_bytes() == (smoke.root / "models/voice/stream.json").read_bytes()
    for task in ("voice", "vision", "motion"):
        compiled(folder, "-c", f"model_{task}.c")
        digest = hashlib.sha256((smoke.root / f"models/{task}/model.tflite").read_bytes())
        numbers = ", ".join(map(str, digest.digest()))
        text = " ".join((folder / f"model_{task}.c").read_text().split())
        assert numbers in text
