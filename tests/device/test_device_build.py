"""The C sources are clean to every compiler at hand, and call nothing but themselves."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from palisade.device import emulation, library

INCLUDE = f"-I{library.DEVICE / 'include'}"
STRICT = [*library.FLAGS, *library.WARNINGS, INCLUDE]
SANITIZERS = ["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
DRIVER = Path(__file__).parent / "extremes.c"
# What a compiler may call without being asked; C libraries for microcontrollers have them.
MEMORY = {"memcpy", "memmove", "memset", "memcmp"}


def there(command: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(command) is None, reason=f"{command} is not installed")


COMPILERS = [
    pytest.param(name, marks=there(name)) for name in ("gcc", "clang", "arm-none-eabi-gcc")
]


def run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Path]]:
    """Every source compiled once by a compiler, without a warning."""

    @cache
    def compiled(compiler: str) -> list[Path]:
        folder = tmp_path_factory.mktemp(compiler)
        target = [*emulation.PROCESSOR, "-Os"] if compiler.startswith("arm") else ["-O3"]
        for source in library.sources():
            place = str(folder / f"{source.stem}.o")
            run([compiler, *STRICT, *target, "-c", str(source), "-o", place])
        return sorted(folder.glob("*.o"))

    return compiled


@pytest.mark.parametrize("compiler", COMPILERS)
def test_no_compiler_finds_fault(compiler: str, objects: Callable[[str], list[Path]]) -> None:
    assert len(objects(compiler)) == len(library.sources()) > 10


def test_a_conversion_that_loses_bits_would_be_a_fault(tmp_path: Path) -> None:
    source = tmp_path / "lossy.c"
    source.write_text("signed char lossy(int x);\nsigned char lossy(int x) { return x; }\n")
    done = subprocess.run(
        [*library.compiler(), *STRICT, "-c", str(source), "-o", str(tmp_path / "lossy.o")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0 and "conversion" in done.stderr


@pytest.mark.parametrize("compiler", COMPILERS[:2])
@pytest.mark.parametrize("language", ["c", "c++"])
def test_each_header_stands_alone(compiler: str, language: str, tmp_path: Path) -> None:
    standard = ["-std=c99"] if language == "c" else ["-std=c++14"]
    flags = [*standard, *library.WARNINGS, INCLUDE, "-x", language, "-fsyntax-only"]
    for header in library.headers():
        user = tmp_path / f"{header.stem}.txt"
        user.write_text(f'#include "palisade/{header.name}"\n')
        run([compiler, *flags, str(user)])


def sanitized(compiler: str, program: Path, *files: Path) -> Path:
    """The driver of extremes with these sources; skips where a compiler has no sanitizers."""
    probe = program.with_suffix(".c")
    probe.write_text("int main(void) { return 0; }\n")
    out = ["-o", str(program)]
    if subprocess.run([compiler, *SANITIZERS, str(probe), *out], capture_output=True).returncode:
        pytest.skip(f"{compiler} has no sanitizers here")
    sources = [str(path) for path in (DRIVER, *files)]
    run([compiler, *library.FLAGS, INCLUDE, "-O0", *SANITIZERS, *sources, *out])
    return program


@pytest.mark.parametrize("compiler", COMPILERS[:2])
def test_sanitizers_find_nothing_under_extreme_inputs(compiler: str, tmp_path: Path) -> None:
    program = sanitized(compiler, tmp_path / "extremes", *library.sources())
    often = [int(count) for count in run([str(program), "10000"]).split()]
    assert len(often) == 5 and min(often) > 5000, "a status hardly came out"


@pytest.mark.parametrize("compiler", COMPILERS[:1])
def test_the_sanitizers_do_watch_the_library(compiler: str, tmp_path: Path) -> None:
    """A median that reads one row too many is found, so a pass above means something."""
    shutil.copytree(library.DEVICE, tmp_path / "device")
    median = tmp_path / "device/src/median.c"
    broken = median.read_text().replace("y + 1 < height ?", "y < height ?")
    assert broken != median.read_text()
    median.write_text(broken)
    program = sanitized(compiler, tmp_path / "extremes", *library.sources(tmp_path / "device"))
    done = subprocess.run([str(program), "1000"], capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "heap-buffer-overflow" in done.stderr


@pytest.mark.parametrize(
    ("compiler", "tools"),
    [
        pytest.param("gcc", "", marks=there("gcc")),
        pytest.param("arm-none-eabi-gcc", "arm-none-eabi-", marks=there("arm-none-eabi-gcc")),
    ],
)
def test_nothing_is_called_but_the_library_itself(
    compiler: str, tools: str, objects: Callable[[str], list[Path]]
) -> None:
    """No libm and no allocation; and no variable that lives between two calls."""
    defined, wanted = set(), set()
    for place in objects(compiler):
        for line in run([f"{tools}nm", str(place)]).splitlines():
            kind, name = line.split()[-2:]
            assert kind not in "BbDdCG", f"{place.name} has the variable {name}"
            (wanted if kind == "U" else defined).add(name)
    arithmetic = {name for name in wanted if name.startswith("__aeabi_")}  # 64-bit integers
    foreign = wanted - defined - MEMORY - arithmetic
    assert foreign <= {"_GLOBAL_OFFSET_TABLE_", "__stack_chk_fail"}
    doubles = {name for name in arithmetic if name.startswith(("__aeabi_d", "__aeabi_f2d"))}
    assert not doubles, "float32 only: a Cortex-M4F has no double precision"


@pytest.mark.parametrize("compiler", COMPILERS[:2])
def test_imprecise_arithmetic_is_refused(compiler: str, tmp_path: Path) -> None:
    source = library.DEVICE / "src/numeric.c"
    done = subprocess.run(
        [compiler, *STRICT, "-ffast-math", "-c", str(source), "-o", str(tmp_path / "out.o")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0 and "compile without -ffast-math" in done.stderr


FEATURES = """
import hashlib
import sys
import numpy as np
from palisade.device import library, records

library.FLAGS = (*library.FLAGS, sys.argv[1])
rng = np.random.default_rng(1)
real = lambda *shape: rng.uniform(0.1, 1, shape).astype(np.float32)
tables = records.struct("pal_mfcc_tables", {
    "window": 480, "hop": 320, "fft_length": 512, "bands": 8, "coefficients": 8,
    "weights_count": 160, "energy_offset": 0.4, "taper": real(480) / 32768, "cosine": real(129),
    "first_bin": np.arange(1, 161, 20).astype(np.uint16), "bins": np.full(8, 20, np.uint16),
    "weights": real(160), "cepstral": real(8, 8) - 0.5,
})
sound = rng.integers(-32768, 32767, 16000).astype(np.int16)
found, scratch = np.zeros((49, 8), np.float32), np.zeros(528, np.float32)
ffi, lib = library.load()
point = library.pointer
status = lib.pal_mfcc_clip(tables, point(sound), 16000, point(scratch), 528, point(found), 392)
library.require(status, "pal_mfcc_clip")
small = [lib.pal_asinh_f32(float(x)) + lib.pal_exp_f32(float(x)) for x in rng.normal(size=1000)]
print(hashlib.sha256(found.tobytes() + np.float32(small).tobytes()).hexdigest(), found.std() > 1)
"""


@there("gcc")
@there("clang")
def test_compilers_and_levels_agree_to_the_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALISADE_BUILD", str(tmp_path))
    digests = set()
    for compiler, level in (("gcc", "-O0"), ("gcc", "-O3"), ("clang", "-Os")):
        monkeypatch.setenv("CC", compiler)
        digests.add(run([sys.executable, "-c", FEATURES, level]))
    assert len(list(tmp_path.iterdir())) == 3
    assert len(digests) == 1 and digests.pop().endswith("True\n")
