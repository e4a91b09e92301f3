"""Tables emitted as C, compiled by each compiler: the same verdicts, and the bytes that count."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import cffi  # type: ignore[import-untyped]
import numpy as np
import pytest

from palisade.device import emulation, library, listen
from palisade.device import guard as device
from palisade.device.step import Firmware, Frames, Stream
from palisade.errors import PalisadeError
from palisade.guard import flash, policy_source, reference, source
from palisade.guard.policy_source import Rule
from palisade.guard.tables import Guard
from palisade.stream import source as stream_source
from palisade.stream.listening import Listening
from tests.device import listen_rules
from tests.guard import drawn

COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)]
ARM = "arm-none-eabi-gcc"
CORTEX_M4 = ("-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16", "-Os")
PARTS = ("margin", "energy", "autoencoder", "engineered", "tree", "texture", "guard",
         "consistency", "agreement", "listen", "sha256", "step")  # fmt: skip
SOURCES = [library.DEVICE / f"src/{part}.c" for part in PARTS]
STRICT = (*library.FLAGS, *library.WARNINGS, f"-I{library.DEVICE / 'include'}")


def emit(guard: Guard, folder: Path, name: str) -> Path:
    """Writes a guard's source and header; the source's path."""
    (folder / f"guard_{name}.h").write_text(source.c_header(name))
    path = folder / f"guard_{name}.c"
    path.write_text(source.c_source(guard, name))
    return path


def run(*command: Any) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("compiler", COMPILERS)
def test_emitted_tables_give_the_verdicts_of_reference_and_cffi(
    compiler: str, tmp_path: Path
) -> None:
    rng = np.random.default_rng(50)
    guards = {f"t{n}": drawn.guard(rng, whole=n < 3) for n in range(6)}
    files = [emit(guard, tmp_path, name) for name, guard in guards.items()]
    shared = tmp_path / "emitted.so"
    run(compiler, *STRICT, "-fPIC", "-shared", "-o", shared, *files, *SOURCES)
    ffi = cffi.FFI()
    ffi.cdef(library.declarations())
    ffi.cdef("".join(f"extern pal_guard guard_{name};" for name in guards))
    lib = ffi.dlopen(str(shared))
    for name, guard in guards.items():
        some = drawn.answers(rng, guard, 400)
        arrays = (some.logits, some.embedding, some.features)
        found = np.zeros(400, device.JUDGEMENT)
        status = lib.pal_guard_judge_many(
            ffi.addressof(lib, f"guard_{name}"),
            400,
            *(ffi.from_buffer("int8_t[]", array) for array in arrays),
            guard.engineered.inputs,
            ffi.from_buffer("pal_judgement[]", found),
        )
        assert status == lib.PAL_OK
        for expected in (reference.judge(guard, *arrays), device.judge(guard, *arrays)):
            for part in ("label", "decision", "reason", "rejected", "scores"):
                np.testing.assert_array_equal(found[part], getattr(expected, part))


def test_every_number_can_be_emitted(tmp_path: Path) -> None:
    """The ends of int32 among thresholds and biases, where C has no literal of its own."""
    guard = drawn.guard(np.random.default_rng(51)).model_dump()
    guard["limits"]["margin"] = {"kind": "at_least", "threshold": -(2**31)}
    guard["tree"]["threshold"][0] = -(2**31)
    guard["autoencoder"]["encoder"]["biases"][:1] = [-(2**31)]
    path = emit(Guard.model_validate(guard), tmp_path, "ends")
    for compiler in COMPILERS:
        run(compiler, *STRICT, "-c", path, "-o", tmp_path / "ends.o")


def test_emitted_text_is_the_same_each_time_and_fits_a_page() -> None:
    guard = drawn.guard(np.random.default_rng(52))
    text = source.c_source(guard, "voice")
    assert text == source.c_source(Guard.model_validate(guard.model_dump()), "voice")
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("name", ["", "1st", "front-door", "Voice", "a b", "x;y"])
def test_a_name_that_c_cannot_have_is_refused(name: str) -> None:
    with pytest.raises(PalisadeError, match="cannot stand in a C name"):
        source.c_header(name)


def sizes(compiler: str, *options: str, folder: Path) -> None:
    """Lets a compiler hold the sizes of the structs against the pipeline's."""
    lines = [
        f"typedef char size_of_{name}[sizeof({name}) == {size} ? 1 : -1];"
        for name, size in flash.STRUCT_BYTES.items()
    ]
    path = folder / "sizes.c"
    path.write_text("\n".join(['#include "palisade/step.h"', *lines, ""]))
    run(compiler, *options, f"-I{library.DEVICE / 'include'}", "-fsyntax-only", path)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_structs_have_the_bytes_that_the_pipeline_counts(compiler: str, tmp_path: Path) -> None:
    probe = subprocess.run(
        [compiler, "-m32", "-ffreestanding", "-fsyntax-only", "-xc", "-"], input="int x;", text=True
    )
    if probe.returncode != 0:
        pytest.skip(f"{compiler} does not know 32-bit machines")
    sizes(compiler, "-m32", "-ffreestanding", folder=tmp_path)


@pytest.mark.skipif(not shutil.which(ARM), reason=f"{ARM} is not installed")
def test_a_cortex_m4_holds_the_tables_in_the_bytes_that_the_pipeline_counts(tmp_path: Path) -> None:
    sizes(ARM, *CORTEX_M4, folder=tmp_path)
    rng = np.random.default_rng(53)
    for _ in range(5):
        guard = drawn.guard(rng, whole=False)
        path, built = emit(guard, tmp_path, "voice"), tmp_path / "voice.o"
        run(ARM, *STRICT, *CORTEX_M4, "-c", path, "-o", built)
        text, data = map(int, run("arm-none-eabi-size", built).splitlines()[1].split()[:2])
        counted = sum(flash.table_bytes(guard).values())
        # On top: the pointer to the consistency, and up to 3 bytes of alignment an array.
        assert data == 0 and counted <= text <= counted + 4 + 3 * 18


@pytest.mark.skipif(not shutil.which(ARM), reason=f"{ARM} is not installed")
def test_guard_code_is_at_most_6_kb_of_cortex_m4_flash_and_listening_2(tmp_path: Path) -> None:
    found = {}
    for path in SOURCES:
        built = tmp_path / f"{path.stem}.o"
        run(ARM, *STRICT, *CORTEX_M4, "-c", path, "-o", built)
        text, data, bss = map(int, run("arm-none-eabi-size", built).splitlines()[1].split()[:3])
        assert (data, bss) == (0, 0), f"{path} has global state"
        found[path.stem] = text
    assert found.pop("listen") <= 2 * 1024
    assert sum(found.values()) <= 6 * 1024


@pytest.mark.skipif(not shutil.which(ARM), reason=f"{ARM} is not installed")
def test_a_streams_tables_take_the_bytes_that_are_counted(tmp_path: Path) -> None:
    rng = np.random.default_rng(58)
    for confirmed in (False, True):
        rules = listen_rules.rules(rng, confirmed=confirmed)
        path, built = emit_stream(rules, tmp_path, "voice"), tmp_path / "voice.o"
        run(ARM, *STRICT, *CORTEX_M4, "-c", path, "-o", built)
        text, data = map(int, run("arm-none-eabi-size", built).splitlines()[1].split()[:2])
        structs = emulation.size_bytes("pal_listener")
        structs += emulation.size_bytes("pal_confirmer") if confirmed else 0
        counted = rules.table_bytes + structs
        assert data == 0 and counted <= text <= counted + 3 * 7


def example(guard: Guard, compiler: str, folder: Path) -> list[str]:
    """What the example prints with a guard's tables."""
    tables = emit(guard, folder, "voice")
    main, program = library.DEVICE / "examples/main.c", folder / "example"
    run(compiler, *STRICT, f"-I{folder}", "-o", program, main, tables, *SOURCES)
    return run(program).splitlines()


def frames() -> list[tuple[int, int, np.ndarray]]:
    """Sequence numbers, times and samples of the example's frames."""
    found = []
    for n in range(12):
        samples = np.array([n // 3, *(7 * n + i * i % 5 for i in range(1, 16))])
        sequence = n if n < 8 else n - 1 if n < 9 else n + 2
        found.append((sequence, 20 * n, samples.astype(np.int8)))
    return found


def expected(guard: Guard) -> list[str]:
    """What the example has to print, by way of Python."""

    def prepare(samples: np.ndarray) -> np.ndarray:
        return np.resize(samples, guard.engineered.inputs)

    def invoke(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        logits = np.full(guard.classes, -features[1], np.int8)
        logits[(int(features[0]) + 128) % guard.classes] = features[1]
        return logits, np.resize(features, guard.embedding)

    model = b"stands for model.tflite\0"
    stream = Stream(
        guard,
        Firmware(prepare, invoke, lambda: None),
        Frames(samples=16, largest_gap=1, largest_gap_ms=100),
        model=model,
        digest=hashlib.sha256(model).digest(),
    )
    lines = []
    assert stream.boot()
    for sequence, time_ms, samples in frames():
        said = stream.step(samples, sequence=sequence, time_ms=time_ms)
        numbers = " ".join(map(str, said.scores.tolist()))
        decision = said.decision.name.lower()
        lines.append(
            f"frame {sequence}: {decision}, reason {said.reason.value}, label {said.label}, "
            f"scores {numbers}"
        )
    return lines


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_example_runs_and_says_what_the_pipeline_says(compiler: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(54)
    guard = next(one for one in iter(lambda: drawn.guard(rng), None) if one.engineered.inputs >= 16)
    lines = example(guard, compiler, tmp_path)
    assert lines[:13] == ["boot: attested", *expected(guard)]
    assert "fault, reason 16" in lines[9] and "fault, reason 18" in lines[10]
    assert lines[13] == "boot: not attested"
    assert all(re.fullmatch(r"frame \d+: fault, reason 15, .*", line) for line in lines[14:])
    assert len({line.split(",")[0].split()[-1] for line in lines[1:13]}) >= 2


RULES = {
    "voice": Rule(accepts=(0, 2), pooling="max", threshold_lsb=-3, fresh_ms=400),
    "motion": Rule(accepts=(1,), pooling="median", threshold_lsb=255, fresh_ms=2**32 - 1),
}


@pytest.mark.parametrize("compiler", COMPILERS)
def test_an_emitted_policy_says_what_it_was_given(compiler: str, tmp_path: Path) -> None:
    (tmp_path / "policy.h").write_text(policy_source.c_policy_header(RULES))
    path = tmp_path / "policy.c"
    path.write_text(policy_source.c_policy_source(RULES, window_ms=3000))
    shared = tmp_path / "policy.so"
    run(compiler, *STRICT, "-fPIC", "-shared", "-o", shared, path)
    enums = re.findall(r"^enum \{.*?^\};", (tmp_path / "policy.h").read_text(), re.M | re.S)
    ffi = cffi.FFI()
    ffi.cdef(library.declarations() + "\n".join(enums) + "extern pal_policy policy;")
    lib = ffi.dlopen(str(shared))
    assert (lib.policy.count, lib.policy.window_ms) == (lib.POLICY_TASKS, 3000) == (2, 3000)
    rules = lib.policy.modalities
    found = [(one.threshold_lsb, one.fresh_ms, one.pooling) for one in rules[0:2]]
    assert found == [(-3, 400, lib.PAL_POOL_MAX), (255, 2**32 - 1, lib.PAL_POOL_MEDIAN)]
    assert (lib.POLICY_VOICE, lib.POLICY_MOTION) == (0, 1)
    assert (lib.POLICY_VOICE_ACCEPTED, lib.POLICY_MOTION_ACCEPTED) == (0b101, 0b10)


def test_a_policy_that_the_device_cannot_hold_is_refused() -> None:
    many = {f"t{n}": RULES["voice"] for n in range(9)}
    with pytest.raises(PalisadeError, match="9 tasks does not fit .* 1 to 8"):
        policy_source.c_policy_source(many, window_ms=1)
    with pytest.raises(PalisadeError, match="cannot stand in a C name"):
        policy_source.c_policy_header({"front door": RULES["voice"]})
    with pytest.raises(PalisadeError, match=r"labels \[31\] do not fit"):
        policy_source.c_policy_header({"voice": Rule((31,), "max", 0, 0)})


@pytest.mark.parametrize("compiler", COMPILERS)
def test_emitted_rules_accept_what_the_pipeline_accepts(compiler: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(57)
    rules = {f"s{n}": listen_rules.rules(rng, confirmed=n > 1) for n in range(6)}
    files = [emit_stream(one, tmp_path, name) for name, one in rules.items()]
    shared = tmp_path / "streams.so"
    run(compiler, *STRICT, "-fPIC", "-shared", "-o", shared, *files, *SOURCES)
    ffi = cffi.FFI()
    ffi.cdef(library.declarations())
    for name, one in rules.items():
        ffi.cdef(f"enum {{ STREAM_{name.upper()}_HOP_MS = {one.hop_ms} }};")
    ffi.cdef("".join(f"extern pal_listener listener_{name};" for name in rules))
    lib, accepts = ffi.dlopen(str(shared)), 0
    for name, one in rules.items():
        logits = rng.integers(-128, 128, (600, one.classes)).astype(np.int8)
        expected = listen.listen(one, logits, np.ones(600, np.bool_))
        heard, action = ffi.new("pal_heard *"), ffi.new("uint8_t *")
        for row, told in zip(logits, expected, strict=True):
            said = ffi.from_buffer("int8_t[]", row)
            listener = ffi.addressof(lib, f"listener_{name}")
            assert lib.pal_listen(listener, heard, said, len(row), 1, action) == lib.PAL_OK
            assert action[0] == (told if told != listen.NOTHING else lib.PAL_NO_LABEL)
            accepts += told != listen.NOTHING
        assert (
            f"STREAM_{name.upper()}_HOP_MS = {one.hop_ms} "
            in (tmp_path / f"stream_{name}.h").read_text()
        )
    assert accepts > 50


def emit_stream(rules: Listening, folder: Path, name: str) -> Path:
    (folder / f"stream_{name}.h").write_text(stream_source.c_header(rules, name))
    path = folder / f"stream_{name}.c"
    path.write_text(stream_source.c_source(rules, name))
    return path


@pytest.mark.parametrize("compiler", [name for name in ("g++", "clang++") if shutil.which(name)])
def test_firmware_in_cplusplus_can_include_every_header(compiler: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(56)
    emit(drawn.guard(rng), tmp_path, "voice")
    emit_stream(listen_rules.rules(rng, confirmed=True), tmp_path, "voice")
    (tmp_path / "policy.h").write_text(policy_source.c_policy_header(RULES))
    names = [f"palisade/{part}.h" for part in PARTS] + [
        "guard_voice.h",
        "policy.h",
        "stream_voice.h",
    ]
    path = tmp_path / "all.cpp"
    use = "bool boots(const pal_device *d, pal_state *s) { return pal_boot(d, s) == PAL_OK; }\n"
    path.write_text("".join(f'#include "{name}"\n' for name in names) + use)
    built = tmp_path / "all.o"
    options = ("-std=c++14", "-Wall", "-Wextra", "-Werror", f"-I{library.DEVICE / 'include'}")
    run(compiler, *options, f"-I{tmp_path}", "-c", path, "-o", built)
    # Not under a C++ name, which the C library would not have.
    assert " pal_boot\n" in run("nm", built)
