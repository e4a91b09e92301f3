"""The device's guard says what its reference says, to the bit, on random and extreme inputs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from palisade.device import guard as device
from palisade.device import library, records
from palisade.guard import autoencoder, consistency, engineered, reference
from palisade.guard.judgement import Decision, Judgement, Reason, Signal
from palisade.guard.tables import Guard
from tests.guard import drawn

GUARDS, ANSWERS = 40, 400  # 16,000 answers


def assert_same(found: Judgement, expected: Judgement) -> None:
    for part in ("label", "scores", "rejected", "reason", "decision"):
        np.testing.assert_array_equal(getattr(found, part), getattr(expected, part), part)
        assert getattr(found, part).dtype == getattr(expected, part).dtype


@pytest.mark.parametrize("whole", [True, False])
def test_verdicts_and_every_score_equal_the_reference(whole: bool) -> None:
    rng = np.random.default_rng(10)
    seen = np.zeros((len(Signal), 2), int)
    for _ in range(GUARDS):
        guard = drawn.guard(rng, whole=whole)
        some = drawn.answers(rng, guard, ANSWERS)
        arrays = (some.logits, some.embedding, some.features)
        found = device.judge(guard, *arrays)
        assert_same(found, reference.judge(guard, *arrays))
        for signal in Signal:
            seen[signal] += np.bincount(found.rejects(signal), minlength=2)
    assert seen.min() > 200, "each signal must both pass and reject, or nothing was compared"


def test_reconstructions_equal_the_reference() -> None:
    rng, compared = np.random.default_rng(11), 0
    _, lib = library.load()
    while compared < 10000:
        width = int(rng.integers(1, 129))
        network, rows = drawn.network(rng, width), drawn.rows(rng, 500, width)
        table = records.struct("pal_autoencoder", device.of_autoencoder(network))
        found = np.empty_like(rows)
        for one, back in zip(rows, found, strict=True):
            lib.pal_autoencoder_reconstruct(
                table, library.pointer(one), width, library.pointer(back)
            )
        np.testing.assert_array_equal(found, autoencoder.reconstruct(network, rows))
        compared += len(rows)


def test_engineered_features_equal_the_reference() -> None:
    rng, compared = np.random.default_rng(12), 0
    while compared < 10000:
        table = drawn.grid(rng)
        rows = drawn.rows(rng, 400, table.inputs)
        np.testing.assert_array_equal(
            device.features(table, rows), engineered.features(table, rows)
        )
        compared += len(rows)


@pytest.mark.parametrize("shape", [(256, 256, 1), (65535, 1, 1), (1, 21845, 3)])
def test_the_largest_inputs_at_their_extremes_do_not_overflow(shape: tuple[int, int, int]) -> None:
    table = engineered.Engineered(
        height=shape[0], width=shape[1], channels=shape[2], rows=1, columns=1
    )
    board = np.indices(shape[:2]).sum(axis=0) % 2 * 255 - 128
    worst = np.broadcast_to(board[..., np.newaxis], shape).astype(np.int8)
    for x in (worst[np.newaxis], np.full((1, *shape), -128, np.int8)):
        found = device.features(table, x)
        np.testing.assert_array_equal(found, engineered.features(table, x))
        assert np.abs(found).max() < 2**24


def test_consistency_equals_the_reference_on_long_streams() -> None:
    rng, compared = np.random.default_rng(13), 0
    seen: set[int] = set()
    while compared < 20000:
        table = drawn.guard(rng).consistency
        assert table is not None
        label = rng.integers(0, int(rng.integers(1, 4)), 500).astype(np.uint8)
        said = rng.choice([3, 3, 3, 3, 1, 1, 0, 2], 500).astype(np.uint8)
        found, expected = device.settle(table, label, said), consistency.settle(table, label, said)
        np.testing.assert_array_equal(found[0], expected[0])
        np.testing.assert_array_equal(found[1], expected[1])
        seen |= set(found[1].tolist())
        compared += len(label)
    assert seen == {Reason.NONE, Reason.FLIP, Reason.UNSETTLED}


def test_enumerations_are_numbered_as_in_the_header() -> None:
    _, lib = library.load()
    for enumeration in (Decision, Reason, Signal):
        prefix = {Decision: "PAL_", Reason: "PAL_REASON_", Signal: "PAL_SIGNAL_"}[enumeration]
        for member in enumeration:
            assert getattr(lib, prefix + member.name) == member
    header = (library.DEVICE / "include/palisade/guard.h").read_text()
    assert header.count("    PAL_REASON_") == len(Reason)
    assert len(Signal) == lib.PAL_SIGNALS
    kinds = {"off": lib.PAL_LIMIT_OFF, "at_least": 1, "at_most": lib.PAL_LIMIT_AT_MOST}
    assert kinds == device._KINDS


def test_a_judgement_has_the_layout_of_the_header() -> None:
    ffi, _ = library.load()
    assert ffi.sizeof("pal_judgement") == device.JUDGEMENT.itemsize
    for name in device.JUDGEMENT.names or ():
        assert ffi.offsetof("pal_judgement", name) == device.JUDGEMENT.fields[name][1]  # type: ignore[index]


def test_the_thousands_of_an_evaluation_take_seconds() -> None:
    rng = np.random.default_rng(14)
    guard = drawn.guard(rng)
    some = drawn.answers(rng, guard, 20000)
    assert len(device.judge(guard, some.logits, some.embedding, some.features).label) == 20000


def test_arrays_of_other_sizes_are_refused() -> None:
    rng = np.random.default_rng(15)
    guard = drawn.guard(rng)
    some = drawn.answers(rng, guard, 5)
    with pytest.raises(ValueError, match=r"takes int8 \[5, .*got int8 \[5, "):
        device.judge(guard, some.logits[:, :-1], some.embedding, some.features)
    with pytest.raises(ValueError, match="got int8"):
        device.judge(guard, some.logits, some.embedding[:-1], some.features)
    with pytest.raises(ValueError, match="got float32"):
        device.judge(guard, some.logits, some.embedding, some.features.astype(np.float32))  # type: ignore[arg-type]


def judged(guard: Guard, change: dict[str, object], outputs: dict[str, object]) -> tuple[int, ...]:
    """Status, decision, reason and label of one answer with a part of a struct changed."""
    ffi, lib = library.load()
    table = records.struct("pal_guard", device.record(guard))
    for name, value in change.items():
        *parents, last = name.split(".")
        inside = table
        for parent in parents:
            inside = getattr(inside, parent)
        setattr(inside, last, value)
    rng = np.random.default_rng(16)
    some = drawn.answers(rng, guard, 1)
    logits, embedding = library.pointer(some.logits[0]), library.pointer(some.embedding[0])
    said = ffi.new("pal_outputs *", [logits, embedding, guard.classes, guard.embedding])
    for name, value in outputs.items():
        setattr(said, name, value)
    judgement = ffi.new("pal_judgement *", {"decision": 3, "label": 1})
    look = ffi.new("pal_look *", {"plausible": 2**32 - 1})
    status = lib.pal_guard_judge(table, said, look, judgement)
    return status, judgement.decision, judgement.reason, judgement.label


def test_whatever_does_not_fit_is_a_fault_and_no_label() -> None:
    ffi, lib = library.load()
    guard = drawn.guard(np.random.default_rng(17))
    argument = (lib.PAL_FAULT_ARGUMENT, Decision.FAULT, Reason.ARGUMENT, lib.PAL_NO_LABEL)
    length = (lib.PAL_FAULT_LENGTH, Decision.FAULT, Reason.LENGTH, lib.PAL_NO_LABEL)
    value = (lib.PAL_FAULT_RANGE, Decision.FAULT, Reason.VALUE, lib.PAL_NO_LABEL)
    assert judged(guard, {}, {})[0] == lib.PAL_OK
    assert judged(guard, {}, {"logits": ffi.NULL}) == argument
    assert judged(guard, {}, {"embedding": ffi.NULL}) == argument
    assert judged(guard, {"limits": ffi.NULL}, {}) == argument
    assert judged(guard, {"energy.exp_q24": ffi.NULL}, {}) == argument
    assert judged(guard, {"autoencoder.decoder.biases": ffi.NULL}, {}) == argument
    assert judged(guard, {}, {"classes": 2**32 - 1}) == length
    assert judged(guard, {}, {"width": 0}) == length
    assert judged(guard, {"classes": 33}, {"classes": 33}) == length
    assert judged(guard, {"classes": 1}, {"classes": 1}) == length
    assert judged(guard, {"embedding": 200}, {"width": 200}) == length
    assert judged(guard, {"autoencoder.encoder.outputs": 65}, {}) == length
    assert judged(guard, {"autoencoder.encoder.shift": 0}, {}) == value
    assert judged(guard, {"autoencoder.decoder.shift": 63}, {}) == value
    assert judged(guard, {"energy.octave_q8": 0}, {}) == value
    assert judged(guard, {"energy.octave_q8": 2**24 + 1}, {}) == value


def test_a_limit_of_an_unknown_kind_rejects_everything() -> None:
    guard = drawn.guard(np.random.default_rng(18))
    ffi, lib = library.load()
    table = records.struct("pal_guard", device.record(guard))
    judgement = ffi.new("pal_judgement *")
    for signal in Signal:
        table.limits[signal].kind = 77 if signal == Signal.ENERGY else 0
    some = drawn.answers(np.random.default_rng(19), guard, 1)
    outputs = ffi.new("pal_outputs *")
    outputs.logits, outputs.classes = library.pointer(some.logits[0]), guard.classes
    outputs.embedding, outputs.width = library.pointer(some.embedding[0]), guard.embedding
    assert lib.pal_guard_judge(table, outputs, ffi.new("pal_look *"), judgement) == lib.PAL_OK
    assert (judgement.decision, judgement.reason) == (Decision.REJECT, Reason.ENERGY)


def test_the_reference_and_the_device_break_apart_if_a_weight_is_off_by_one() -> None:
    """The comparison above can fail: one flipped bit of the tables is seen in the scores."""
    rng = np.random.default_rng(20)
    guard = drawn.guard(rng)
    assert guard.autoencoder is not None and guard.energy is not None
    some = drawn.answers(rng, guard, 400)
    arrays = (some.logits, some.embedding, some.features)
    expected = reference.judge(guard, *arrays).scores
    broken = guard.model_dump()
    broken["autoencoder"]["decoder"]["weights"][0] ^= 64
    broken["energy"]["octave_q8"] += 1
    found = device.judge(Guard.model_validate(broken), *arrays).scores
    assert (found != expected).any(axis=0)[[Signal.ENERGY, Signal.AUTOENCODER]].all()


def test_the_library_takes_nothing_from_the_host(tmp_path: Path) -> None:
    """No header of the guard's sources but C99's freestanding ones."""
    for name in ("margin", "energy", "autoencoder", "engineered", "tree", "texture", "guard",
                 "consistency", "agreement", "sha256", "step"):  # fmt: skip
        text = (library.DEVICE / f"src/{name}.c").read_text()
        text += (library.DEVICE / f"include/palisade/{name}.h").read_text()
        found = {line for line in text.splitlines() if line.startswith("#include <")}
        assert found <= {"#include <stddef.h>", "#include <stdint.h>"}, name
