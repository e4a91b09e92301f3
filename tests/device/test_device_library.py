"""The C library is found, compiled once, and its faults have names."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from palisade.device import library
from palisade.errors import PalisadeError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, which the library is to use."""
    place = tmp_path / "cache"
    monkeypatch.setenv("PALISADE_BUILD", str(place))
    return place


@pytest.fixture
def device(tmp_path: Path) -> Path:
    """A library of two functions, to be changed."""
    made = tmp_path / "device"
    include, source = made / "include/palisade", made / "src"
    include.mkdir(parents=True)
    source.mkdir()
    (include / "a_user.h").write_text('#include "palisade/base.h"\nbase one(void);\n')
    (include / "base.h").write_text("typedef int base;\n")
    (source / "one.c").write_text(
        '#include "palisade/a_user.h"\n#include "own.h"\nbase one(void) { return OWN; }\n'
    )
    (source / "own.h").write_text("#define OWN 1\n")
    return made


def test_nothing_of_the_device_imports_tensorflow() -> None:
    modules = ("library", "records", "preprocess", "plans", "frontend", "emulation")
    imports = "".join(f"import palisade.device.{name}; " for name in modules)
    code = f"import sys; {imports}sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_second_build_is_the_first_one(folder: Path, device: Path) -> None:
    first = library.build(device)
    made_at = first.stat().st_mtime_ns
    assert library.build(device) == first
    assert first.stat().st_mtime_ns == made_at
    assert [path.name for path in folder.iterdir()] == [first.name]


@pytest.mark.parametrize("name", ["src/one.c", "src/own.h", "include/palisade/base.h"])
def test_a_change_of_any_file_is_built_anew(folder: Path, device: Path, name: str) -> None:
    first = library.build(device)
    path = device / name
    path.write_text(path.read_text() + "/* changed */\n")
    assert library.build(device) != first


def test_flags_are_part_of_the_name(
    folder: Path, device: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = library.build(device)
    monkeypatch.setattr(library, "FLAGS", (*library.FLAGS, "-DOTHER"))
    assert library.build(device) != first


def test_processes_that_build_at_once_all_load_it(folder: Path, device: Path) -> None:
    code = (
        "import ctypes, pathlib, sys; from palisade.device import library; "
        "print(ctypes.CDLL(str(library.build(pathlib.Path(sys.argv[1])))).one())"
    )
    command = [sys.executable, "-c", code, str(device)]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [run.communicate()[0] for run in runs] == ["1\n"] * 4
    assert len(list(folder.iterdir())) == 1


def test_no_compiler_is_one_line_that_says_what_to_install(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PalisadeError, match="^there is no C compiler: install gcc or clang"):
        library.build()


def test_a_compiler_that_is_not_there_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", "no-such-compiler -m64")
    with pytest.raises(PalisadeError, match="^CC is no-such-compiler, which is not there: "):
        library.build()


def test_a_compiler_may_come_with_flags(
    folder: Path, device: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = library.build(device)
    monkeypatch.setenv("CC", f"{library.compiler()[0]} -DMORE")
    assert library.build(device) != plain


def test_what_the_compiler_refuses_is_quoted(folder: Path, device: Path) -> None:
    (device / "src/one.c").write_text("int one(void) { return missing; }\n")
    with pytest.raises(PalisadeError, match=r"failed: .*one\.c.*missing") as caught:
        library.build(device)
    assert "\n" not in str(caught.value)
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, device: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PALISADE_BUILD", str(tmp_path / "file"))
    with pytest.raises(PalisadeError, match="set PALISADE_BUILD to a folder"):
        library.build(device)


def test_headers_come_after_those_that_they_include(device: Path) -> None:
    assert [path.name for path in library.headers(device)] == ["base.h", "a_user.h"]


def test_declarations_are_free_of_the_preprocessor() -> None:
    text = library.declarations()
    assert not [line for line in text.splitlines() if line.startswith(("#", "extern"))]
    assert "pal_mfcc_clip_i8(" in text


def test_a_fault_has_its_name() -> None:
    with pytest.raises(library.Fault, match="^f answered PAL_FAULT_LENGTH$"):
        library.require(library.load()[1].PAL_FAULT_LENGTH, "f")
    library.require(library.load()[1].PAL_OK, "f")


@pytest.mark.parametrize(
    "array", [np.zeros((4, 4), np.int16)[:, ::2], np.zeros(4), np.zeros(4, ">i4")]
)
def test_an_array_that_c_would_misread_is_refused(array: np.ndarray) -> None:
    with pytest.raises(ValueError, match="C cannot read an array of"):
        library.pointer(array)


def test_the_digest_does_not_depend_on_where_the_sources_are(
    folder: Path, device: Path, tmp_path: Path
) -> None:
    moved = shutil.copytree(device, tmp_path / "elsewhere")
    assert library.build(Path(moved)) == library.build(device)
