"""Payloads as the C code walks them: what Python built, the same verdicts, nothing spoiled."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from palisade.boot import guard_tables, payload
from palisade.boot.failures import WrongPayload
from palisade.device import guard as device
from palisade.device import library
from palisade.device import payload as walked
from palisade.device.attest import Attested
from palisade.device.guard import JUDGEMENT
from palisade.device.step import Firmware, Frames, Stream
from palisade.guard.judgement import Reason
from palisade.guard.tables import Guard
from tests.boot import making
from tests.guard import drawn

DRIVER = Path(__file__).parent / "payload_extremes.c"
SANITIZERS = ["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
PARTS = ("payload", "sha256", "guard", "margin", "energy", "autoencoder", "engineered", "tree",
         "texture")  # fmt: skip
INCLUDE = f"-I{library.DEVICE / 'include'}"


def built(guard: Guard) -> bytes:
    parts = making.parts() | {"guard": guard_tables.to_bytes(guard)}
    return payload.build("voice", parts)


@pytest.fixture(scope="module")
def good() -> bytes:
    return payload.build("voice", making.parts(small=True))


def judged(memory: Any, guard: Guard, answers: drawn.Answers) -> np.ndarray:
    """What a guard in a payload says."""
    ffi, lib = library.load()
    found = np.zeros(len(answers.logits), JUDGEMENT)
    rows = [np.ascontiguousarray(one.reshape(len(found), -1)) for one in (
        answers.logits, answers.embedding, answers.features)]  # fmt: skip
    status = lib.pal_guard_judge_many(
        ffi.addressof(memory, "guard"), len(found), *map(library.pointer, rows),
        guard.engineered.inputs, ffi.from_buffer("pal_judgement[]", found),
    )  # fmt: skip
    library.require(status, "pal_guard_judge_many")
    return found


def test_a_guard_in_a_payload_judges_as_one_compiled_in() -> None:
    rng, seen = np.random.default_rng(70), set()
    for _ in range(12):
        guard = drawn.guard(rng, whole=False)
        opened = walked.opened(built(guard), "voice")
        memory = walked.guard(opened)
        answers = drawn.answers(rng, guard, 64)
        found = judged(memory, guard, answers)
        expected = device.judge(guard, answers.logits, answers.embedding, answers.features)
        np.testing.assert_array_equal(found["scores"], expected.scores)
        np.testing.assert_array_equal(found["decision"], expected.decision)
        np.testing.assert_array_equal(found["rejected"], expected.rejected)
        assert bool(memory.settles) == (guard.consistency is not None)
        if guard.consistency is not None:
            rule = memory.consistency
            assert (rule.window, rule.needed, rule.forget_after) == (
                guard.consistency.window, guard.consistency.needed, guard.consistency.forget_after,
            )  # fmt: skip
        seen |= {name for name in ("energy", "autoencoder", "tree", "texture", "consistency")
                 if getattr(guard, name) is None}  # fmt: skip
    assert len(seen) >= 4  # each of these was left out at least once


def test_the_parts_are_found_where_python_put_them(good: bytes) -> None:
    opened, expected = walked.opened(good, "voice"), payload.parse(good).parts
    found = (opened.model, opened.guard, opened.labels)
    assert found == tuple(expected[kind] for kind in payload.KINDS)
    assert opened.model_at == payload.HEADER_BYTES


@pytest.mark.parametrize("task", ["vision", "voic", "voice1", "", "v" * 15, "v" * 16, "v" * 40])
def test_the_payload_of_another_task_is_refused(task: str, good: bytes) -> None:
    with pytest.raises(library.Fault, match="PAL_FAULT_RANGE"):
        walked.opened(good, task)


def test_a_name_of_the_greatest_length_is_found() -> None:
    name = "a" * 15
    content = payload.build(name, making.parts())
    assert walked.opened(content, name).model
    with pytest.raises(library.Fault, match="PAL_FAULT_RANGE"):
        walked.opened(content, name + "a")


def test_any_flipped_bit_is_refused_in_python_and_c(good: bytes) -> None:
    name = range(16, 16 + len("voice"))
    for at in range(len(good)):
        changed = bytearray(good)
        changed[at] ^= 1 << at % 8
        with pytest.raises(library.Fault):
            walked.opened(bytes(changed), "voice")
        if at not in name:
            with pytest.raises(WrongPayload):
                payload.parse(bytes(changed))


def test_any_other_length_is_refused(good: bytes) -> None:
    for length in [*range(len(good)), len(good) + 1, len(good) + 16]:
        with pytest.raises(library.Fault, match="PAL_FAULT_LENGTH"):
            walked.opened(good.ljust(length, b"\0")[:length], "voice")


def test_room_that_no_part_takes_is_refused(good: bytes) -> None:
    """A length in the header that fits the region and not the parts."""
    longer = bytearray(good + bytes(16))
    longer[8:12] = len(longer).to_bytes(4, "little")
    with pytest.raises(library.Fault, match="PAL_FAULT_LENGTH"):
        walked.opened(bytes(longer), "voice")
    with pytest.raises(WrongPayload):
        payload.parse(bytes(longer))


def made_of(tables: bytes) -> str:
    """The status of guard tables by themselves."""
    ffi, lib = library.load()
    memory, at = ffi.new("pal_guard_memory *"), walked.in_memory(tables)
    part = ffi.new("pal_part *", {"bytes": len(tables)})
    part.data = ffi.cast("uint8_t *", library.pointer(at))
    said = str(ffi.string(ffi.cast("pal_status", lib.pal_payload_guard(part, memory))))
    assert (memory.guard.limits != ffi.NULL) == (said == "PAL_OK")
    return said


def test_guard_tables_of_another_length_are_refused() -> None:
    tables = guard_tables.to_bytes(drawn.guard(np.random.default_rng(71)))
    assert made_of(tables) == "PAL_OK"
    for length in [*range(8, len(tables)), len(tables) + 1, len(tables) + 4]:
        assert made_of(tables.ljust(length, b"\0")[:length]) == "PAL_FAULT_LENGTH"
    for wrong in (b"GLAP" + tables[4:], tables[:4] + b"\x20" + tables[5:]):
        assert made_of(wrong) == "PAL_FAULT_RANGE"
    # A limit whose kind only looks right in its lowest byte would be one that rejects nothing.
    assert made_of(tables[:25] + b"\x01" + tables[26:]) == "PAL_FAULT_RANGE"


def test_an_images_payload_is_found_by_its_header(good: bytes) -> None:
    ffi, lib = library.load()
    image = making.assembled(making.key.PrivateKey.generate(), good, {})
    assert walked.of_image(image) == walked.of_image(image + b"\xff" * 999) == good
    for slot, status in (
        (image[:31], "LENGTH"), (image[:600], "LENGTH"), (b"\0" + image[1:], "RANGE"),
        (image[:8] + b"\x1f\0" + image[10:], "LENGTH"),
        (image[:12] + b"\xff\xff\xff\xff" + image[16:], "LENGTH"),
    ):  # fmt: skip
        with pytest.raises(library.Fault, match=f"PAL_FAULT_{status}"):
            walked.of_image(slot)
    none = ffi.new("uint8_t **"), ffi.new("uint32_t *")
    at = ffi.cast("const uint8_t **", none[0])
    assert lib.pal_image_payload(ffi.NULL, 99, at, none[1]) == lib.PAL_FAULT_ARGUMENT
    some = ffi.new("uint8_t[99]")
    assert lib.pal_image_payload(some, 99, ffi.NULL, none[1]) == lib.PAL_FAULT_ARGUMENT
    assert lib.pal_image_payload(some, 99, at, ffi.NULL) == lib.PAL_FAULT_ARGUMENT


def test_nothing_where_something_has_to_be_is_a_fault(good: bytes) -> None:
    ffi, lib = library.load()
    memory, found = walked.in_memory(good + bytes(4)), ffi.new("pal_payload *")
    at = ffi.cast("uint8_t *", library.pointer(memory))
    arguments = (at, len(good), b"voice", found)
    assert lib.pal_payload_open(*arguments) == lib.PAL_OK
    for place in (0, 2, 3):
        some = [ffi.NULL if n == place else one for n, one in enumerate(arguments)]
        assert lib.pal_payload_open(*some) == lib.PAL_FAULT_ARGUMENT
    misaligned = (at + 4, *arguments[1:])
    assert lib.pal_payload_open(*misaligned) == lib.PAL_FAULT_ARGUMENT
    room = ffi.new("pal_guard_memory *")
    part = ffi.new("pal_part *")
    assert lib.pal_payload_guard(part, ffi.NULL) == lib.PAL_FAULT_ARGUMENT
    assert lib.pal_payload_guard(part, room) == lib.PAL_FAULT_ARGUMENT
    part.data, part.bytes = at + 2, 80
    assert lib.pal_payload_guard(part, room) == lib.PAL_FAULT_ARGUMENT


@pytest.mark.parametrize("share", [1, 7, 64, 100, 10**6])
def test_a_watch_notices_a_model_that_changes_as_it_runs(share: int, good: bytes) -> None:
    attested = Attested(good, "voice")
    length = len(attested.payload.model)
    calls = -(-length // share)
    assert all(attested.watch(share) for _ in range(5 * calls))
    before = attested.measured()
    attested.payload.memory[attested.payload.model_at + length - 1] ^= 1
    assert attested.measured()["model"] != before["model"]
    told = [attested.watch(share) for _ in range(2 * calls)]
    assert not told[-1]
    first = told.index(False)
    assert first < 2 * calls and not any(told[first:]), "once not believed, always"


def test_no_inference_is_answered_once_the_watch_has_seen_a_change(good: bytes) -> None:
    _, lib = library.load()
    guard = drawn.guard(np.random.default_rng(73))
    model: Any = bytearray(making.parts()["model"])
    answer = np.zeros(guard.classes, np.int8), np.zeros(guard.embedding, np.int8)
    features = np.zeros(guard.engineered.inputs, np.int8)
    one = Stream(
        guard, Firmware(lambda _: features, lambda _: answer, lambda: None),
        Frames(samples=4, largest_gap=9, largest_gap_ms=9),
        model=model, digest=hashlib.sha256(model).digest(),
    )  # fmt: skip
    watch = library.load()[0].new("pal_watch *")

    def reason(sequence: int) -> Reason:
        return one.step(np.zeros(4, np.int16), sequence=sequence, time_ms=sequence).reason

    assert one.boot()
    assert lib.pal_watch_step(one._device, one._state, watch, 10**6) == lib.PAL_OK
    assert reason(1) != Reason.NOT_ATTESTED
    model[7] ^= 1
    assert reason(2) != Reason.NOT_ATTESTED  # nothing looked yet
    assert lib.pal_watch_step(one._device, one._state, watch, 10**6) == lib.PAL_FAULT_RANGE
    assert reason(3) == Reason.NOT_ATTESTED
    assert not one.boot()
    model[7] ^= 1
    assert reason(4) == Reason.NOT_ATTESTED  # only a boot gives it back
    assert one.boot() and reason(5) != Reason.NOT_ATTESTED


def test_a_watch_whose_numbers_cannot_be_takes_the_attestation_back(good: bytes) -> None:
    for number, value in (("done", 10**6), ("done", 3)):
        attested = Attested(good, "voice")
        assert attested.watch(1)
        setattr(attested._watch, number, value)
        assert not attested.watch(1)
    ffi, lib = library.load()
    attested = Attested(good, "voice")
    arguments = (attested._device, attested._state, attested._watch)
    assert lib.pal_watch_step(*arguments, 0) == lib.PAL_FAULT_LENGTH
    for place in range(3):
        some = [ffi.NULL if n == place else one for n, one in enumerate(arguments)]
        assert lib.pal_watch_step(*some, 1) == lib.PAL_FAULT_ARGUMENT
    attested._state.attested = 1
    assert lib.pal_watch_step(*arguments, 1) == lib.PAL_FAULT_RANGE
    digest = ffi.new("uint8_t[32]")
    assert lib.pal_measure(ffi.NULL, digest) == lib.PAL_FAULT_ARGUMENT
    assert lib.pal_measure(attested._device, ffi.NULL) == lib.PAL_FAULT_ARGUMENT


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_sanitizers_find_nothing_in_spoiled_payloads(compiler: str, tmp_path: Path) -> None:
    if not shutil.which(compiler):
        pytest.skip(f"{compiler} is not installed")
    probe = tmp_path / "probe.c"
    probe.write_text("int main(void) { return 0; }\n")
    out = ["-o", str(tmp_path / "extremes")]
    if subprocess.run([compiler, *SANITIZERS, str(probe), *out], capture_output=True).returncode:
        pytest.skip(f"{compiler} has no sanitizers here")
    sources = [str(DRIVER), *(str(library.DEVICE / f"src/{part}.c") for part in PARTS)]
    gnu = [*library.FLAGS, "-D_POSIX_C_SOURCE=200112L", INCLUDE, "-O1"]
    subprocess.run([compiler, *gnu, *SANITIZERS, *sources, *out], check=True)
    (tmp_path / "good.bin").write_bytes(built(drawn.guard(np.random.default_rng(72))))
    done = subprocess.run(
        [str(tmp_path / "extremes"), str(tmp_path / "good.bin"), "8000"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    opened, made = map(int, done.stdout.split())
    assert opened > 2000 and made > 1200, (opened, made)
