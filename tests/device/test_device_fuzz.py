"""The guard under arbitrary bytes and sanitizers: no finding, and the harness would see one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from palisade.device import library
from palisade.guard.judgement import Reason

COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)]
RUNS = 20000
RANDOM_RUNS = 10000  # by the driver that comes with the target, of all kinds of bytes
PARTS = ("margin", "energy", "autoencoder", "engineered", "tree", "texture", "guard",
         "consistency", "agreement", "listen", "sha256", "step")  # fmt: skip
SANITIZE = ("-O1", "-g", "-fno-sanitize-recover=all")
FUZZ = library.DEVICE / "fuzz"


def build(compiler: str, program: Path, *extra: str | Path, source: Path, sanitizers: str) -> bool:
    """Compile the fuzz target on the sources in a folder; whether the sanitizers are there."""
    probe = [compiler, f"-fsanitize={sanitizers}", "-xc", "-", "-o", str(program)]
    entry = "int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void) { return 0; }"
    main = "" if "fuzzer" in sanitizers else "int main(void) { return 0; }"
    if subprocess.run(probe, input=entry + main, text=True, capture_output=True).returncode != 0:
        return False
    command: list[str | Path] = [compiler, *library.FLAGS, *library.WARNINGS, *SANITIZE]
    command += [f"-fsanitize={sanitizers}", f"-I{library.DEVICE / 'include'}", f"-I{FUZZ}"]
    files = [FUZZ / "fuzz_step.c", *extra, *(source / f"{part}.c" for part in PARTS)]
    done = subprocess.run([*command, "-o", program, *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return True


def random_bytes(program: Path, compiler: str, *, source: Path = library.DEVICE / "src") -> None:
    extra = FUZZ / "random_bytes.c"
    if not build(compiler, program, extra, source=source, sanitizers="address,undefined"):
        pytest.skip(f"{compiler} has no sanitizers here")


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_arbitrary_bytes_find_nothing_and_come_to_every_verdict(
    compiler: str, tmp_path: Path
) -> None:
    random_bytes(tmp_path / "fuzz", compiler)
    done = run(tmp_path / "fuzz", str(RANDOM_RUNS))
    assert done.returncode == 0, done.stderr[-2000:]
    *reasons, commands = (line.split(": ") for line in done.stdout.splitlines())
    counts = {int(reason): int(count) for reason, count in reasons}
    assert set(counts) == set(Reason) and min(counts.values()) > 100, done.stdout
    assert commands[0] == "commands" and int(commands[1]) > 100


def test_libfuzzer_finds_nothing(tmp_path: Path) -> None:
    source, program = library.DEVICE / "src", tmp_path / "fuzz"
    wanted = "fuzzer,address,undefined"
    if "clang" not in COMPILERS or not build("clang", program, source=source, sanitizers=wanted):
        pytest.skip("there is no clang with libFuzzer")
    done = run(
        program, f"-runs={RUNS}", "-seed=1", "-max_len=1024", f"-artifact_prefix={tmp_path}/"
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert f"Done {RUNS} runs" in done.stderr


@pytest.mark.parametrize(
    ("part", "right", "wrong"),
    [
        ("tree", "here >= tree->inner", "here > tree->inner"),  # reads past the nodes
        ("texture", "table->count != pal_texture_counts(form, table->octaves)", "0"),
        ("autoencoder", "encoder->inputs != width", "encoder->inputs == 0"),
        ("step", "state->attested != PAL_ATTESTED", "state->attested == 1"),
        ("guard", "outputs->classes != guard->classes", "outputs->classes > 32"),
        ("listen", "hidden->inputs != inputs", "hidden->inputs == 0"),
    ],
)
def test_a_check_left_out_is_found(part: str, right: str, wrong: str, tmp_path: Path) -> None:
    broken = tmp_path / "src"
    shutil.copytree(library.DEVICE / "src", broken)
    text = (broken / f"{part}.c").read_text()
    assert right in text
    (broken / f"{part}.c").write_text(text.replace(right, wrong))
    random_bytes(tmp_path / "fuzz", COMPILERS[0], source=broken)
    assert run(tmp_path / "fuzz", str(RANDOM_RUNS)).returncode != 0


@pytest.mark.nightly
def test_random_and_extreme_inputs_find_nothing_under_sanitizers(tmp_path: Path) -> None:
    """The comparisons with the references again, the library compiled with both sanitizers."""
    runtime = run("gcc", "-print-file-name=libasan.so").stdout.strip() if "gcc" in COMPILERS else ""
    if not Path(runtime).is_absolute():
        pytest.skip("gcc has no AddressSanitizer here")
    environment = {
        **os.environ,
        "CC": "gcc -fsanitize=address,undefined -fno-sanitize-recover=all",
        "LD_PRELOAD": runtime,
        "ASAN_OPTIONS": "detect_leaks=0",  # Python's own
        "PALISADE_BUILD": str(tmp_path),
    }
    names = ("guard", "tree", "texture", "sha256", "agreement", "listen", "step")
    files = [str(Path(__file__).with_name(f"test_device_{name}.py")) for name in names]
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *files]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert list(tmp_path.glob("device-*.so")), "the library was not compiled anew"
