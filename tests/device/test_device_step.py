"""A step's verdicts: sequence and time, attestation, and what becomes of a broken part."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from palisade.device import guard as device
from palisade.device import library
from palisade.device.step import Firmware, Frames, Stream, Verdict
from palisade.fusion import scores
from palisade.guard import consistency, texture
from palisade.guard.consistency import Consistency
from palisade.guard.judgement import NO_LABEL, Decision, Reason
from palisade.guard.tables import Guard
from tests.guard import drawn

MODEL = bytes(range(256)) * 3
DIGEST = hashlib.sha256(MODEL).digest()
FRAMES = Frames(samples=4, largest_gap=2, largest_gap_ms=100)
WRAP = 2**32


def guard(*, settled: bool = False, rejects_below: int = 0) -> Guard:
    """Three classes, a margin, and nothing else unless asked for."""
    off = {"kind": "off", "threshold": 0}
    table = drawn.guard(np.random.default_rng(1)).model_dump()
    table |= {"classes": 3, "embedding": 2, "energy": None, "autoencoder": None, "tree": None}
    table["texture"] = None
    table["limits"] = {"energy": off, "autoencoder": off, "tree": off, "texture": off}
    table["limits"]["margin"] = {"kind": "at_least", "threshold": rejects_below}
    table["engineered"] = {"height": 2, "width": 2, "channels": 1, "rows": 1, "columns": 1}
    twice = Consistency(window=2, needed=2, forget_after=3)
    table["consistency"] = twice.model_dump() if settled else None
    return Guard.model_validate(table)


@dataclass
class Parts:
    """A front end that takes samples for features, and a network whose logits are the first."""

    heard_enough: bool = True
    resets: int = 0
    now_ms: int | None = None
    fails: str = ""
    classes: int = 3
    seen: list[list[int]] = field(default_factory=list)

    def prepare(self, samples: np.ndarray) -> Any:
        if self.fails == "prepare":
            raise RuntimeError("the front end broke")
        return samples.astype(np.int8) if self.heard_enough else None

    def invoke(self, features: np.ndarray) -> Any:
        if self.fails == "invoke":
            raise RuntimeError("the network broke")
        self.seen.append(features.tolist())
        return features[: self.classes].copy(), np.zeros(2, np.int8)

    def reset(self) -> None:
        self.resets += 1

    def clock(self) -> int:
        assert self.now_ms is not None
        return self.now_ms


def stream(parts: Parts, table: Guard | None = None, **options: Any) -> Stream:
    clock = parts.clock if parts.now_ms is not None else None
    return Stream(
        table or guard(),
        Firmware(parts.prepare, parts.invoke, parts.reset, clock),
        options.pop("frames", FRAMES),
        **{"model": MODEL, "digest": DIGEST, **options},
    )


SAYS_0, SAYS_1 = np.array([9, 1, 0, 0], np.int16), np.array([1, 9, 0, 0], np.int16)


def why(verdict: Verdict) -> tuple[Decision, Reason]:
    return verdict.decision, verdict.reason


def test_frames_in_order_are_judged() -> None:
    parts = Parts()
    one = stream(parts)
    assert one.boot()
    for sequence in range(5):
        verdict = one.step(SAYS_1, sequence=sequence, time_ms=20 * sequence)
        assert why(verdict) == (Decision.ACCEPT, Reason.NONE)
        assert (verdict.label, verdict.scores.tolist(), verdict.status) == (
            1,
            [8, 0, 0, 0, 0],
            "PAL_OK",
        )
    assert parts.seen == [SAYS_1.tolist()] * 5


def test_a_device_that_was_not_booted_judges_nothing() -> None:
    parts = Parts()
    verdict = stream(parts).step(SAYS_0, sequence=0, time_ms=0)
    assert why(verdict) == (Decision.FAULT, Reason.NOT_ATTESTED) and verdict.label == NO_LABEL
    assert parts.seen == []


def test_a_model_that_is_not_the_one_released_judges_nothing() -> None:
    parts = Parts()
    changed = bytearray(MODEL)
    changed[700] ^= 1
    one = stream(parts, model=bytes(changed))
    assert not one.boot()
    assert why(one.step(SAYS_0, sequence=0, time_ms=0)) == (Decision.FAULT, Reason.NOT_ATTESTED)
    assert parts.seen == []


def test_a_second_boot_that_fails_takes_the_first_ones_word_back() -> None:
    ffi, _ = library.load()
    one = stream(Parts())
    assert one.boot()
    wrong = ffi.new("uint8_t[32]")
    one._device.digest = wrong
    assert not one.boot()
    verdict = one.step(SAYS_0, sequence=0, time_ms=0)
    assert verdict.reason == Reason.NOT_ATTESTED


def following(
    sequence: int, time_ms: int, *, after: tuple[int, int] = (10, 1000)
) -> tuple[Decision, Reason]:
    """What a frame that follows another one is told."""
    one = stream(Parts())
    assert one.boot()
    assert one.step(SAYS_0, sequence=after[0], time_ms=after[1]).decision == Decision.ACCEPT
    return why(one.step(SAYS_0, sequence=sequence, time_ms=time_ms))


ACCEPTED = (Decision.ACCEPT, Reason.NONE)
REPLAYED, STALE, GAP = (
    (Decision.FAULT, reason) for reason in (Reason.REPLAYED, Reason.STALE, Reason.GAP)
)


@pytest.mark.parametrize(
    ("sequence", "time_ms", "told"),
    [
        (11, 1001, ACCEPTED),
        (12, 1100, ACCEPTED),  # one frame missing, and 100 ms, are allowed
        (10, 1020, REPLAYED),
        (9, 1020, STALE),
        (13, 1020, GAP),
        (11, 1101, GAP),
        (11, 1000, STALE),  # a clock that stands still
        (11, 999, STALE),  # or runs back
        (10 + 2**31 - 1, 1020, GAP),
        (10 + 2**31, 1020, STALE),
        (WRAP - 1, 1020, STALE),
        (11, 1000 + 2**31 - 1, GAP),
        (11, 1000 + 2**31, STALE),
    ],
)
def test_a_frame_out_of_sequence_is_a_fault(
    sequence: int, time_ms: int, told: tuple[Decision, Reason]
) -> None:
    assert following(sequence, time_ms) == told
    # The same, with both counters about to wrap around.
    shifted = (WRAP - 1, WRAP - 5)
    wrapped = (sequence + shifted[0] - 10) % WRAP, (time_ms + shifted[1] - 1000) % WRAP
    assert following(*wrapped, after=shifted) == told


def test_ten_thousand_random_frames_are_told_what_arithmetic_says() -> None:
    rng = np.random.default_rng(2)
    one = stream(Parts())
    assert one.boot()
    last: tuple[int, int] | None = None
    told: set[Reason] = set()
    for _ in range(10000):
        ahead, passed = rng.choice([-1, 0, 1, 1, 1, 2, 3]), rng.choice([-7, 0, 20, 20, 100, 101])
        if rng.random() < 0.1:
            ahead, passed = rng.integers(0, WRAP, 2)
        base = last or (0, 0)
        sequence, time_ms = (base[0] + int(ahead)) % WRAP, (base[1] + int(passed)) % WRAP
        verdict = one.step(SAYS_0, sequence=sequence, time_ms=time_ms)
        expected = Reason.NONE if last is None else relation(int(ahead), int(passed))
        assert verdict.reason == expected
        assert (verdict.decision == Decision.ACCEPT) == (expected == Reason.NONE)
        told.add(expected)
        if expected in (Reason.NONE, Reason.GAP):
            last = sequence, time_ms
    assert told == {Reason.NONE, Reason.REPLAYED, Reason.STALE, Reason.GAP}


def relation(ahead: int, passed_ms: int) -> Reason:
    """What differences, taken as signed 32-bit numbers, make of a frame."""
    ahead, passed_ms = ((n + 2**31) % WRAP - 2**31 for n in (ahead, passed_ms))
    if ahead == 0:
        return Reason.REPLAYED
    if ahead < 0 or passed_ms <= 0:
        return Reason.STALE
    return Reason.GAP if ahead > 2 or passed_ms > 100 else Reason.NONE


def test_after_a_gap_the_stream_goes_on_with_nothing_remembered() -> None:
    parts = Parts()
    one = stream(parts, guard(settled=True))
    assert one.boot()
    said = [one.step(SAYS_0, sequence=n, time_ms=n).decision for n in (1, 2)]
    assert said == [Decision.VERIFY, Decision.ACCEPT]
    resets = parts.resets
    assert one.step(SAYS_0, sequence=50, time_ms=50).reason == Reason.GAP
    assert parts.resets == resets + 1
    said = [one.step(SAYS_0, sequence=n, time_ms=n).decision for n in (51, 52)]
    assert said == [Decision.VERIFY, Decision.ACCEPT]


def test_replayed_and_stale_frames_change_nothing() -> None:
    parts = Parts()
    one = stream(parts, guard(settled=True))
    assert one.boot()
    one.step(SAYS_0, sequence=5, time_ms=5)
    resets = parts.resets
    assert one.step(SAYS_1, sequence=5, time_ms=6).reason == Reason.REPLAYED
    assert one.step(SAYS_1, sequence=3, time_ms=6).reason == Reason.STALE
    assert one.step(SAYS_0, sequence=6, time_ms=6).decision == Decision.ACCEPT
    assert parts.resets == resets and len(parts.seen) == 2


@pytest.mark.parametrize(
    ("now_ms", "time_ms", "fresh"),
    [(500, 450, True), (500, 449, False), (500, 501, False), (20, WRAP - 30, True)],
)
def test_a_frame_that_took_too_long_is_stale(now_ms: int, time_ms: int, fresh: bool) -> None:
    frames = Frames(samples=4, largest_gap=2, largest_gap_ms=100, largest_age_ms=50)
    one = stream(Parts(now_ms=now_ms), frames=frames)
    assert one.boot()
    told = why(one.step(SAYS_0, sequence=0, time_ms=time_ms))
    assert told == (ACCEPTED if fresh else STALE)


@pytest.mark.parametrize("samples", [0, 3, 5, 4000])
def test_a_frame_of_another_length_is_a_fault_and_changes_nothing(samples: int) -> None:
    one = stream(Parts())
    assert one.boot()
    verdict = one.step(np.zeros(samples, np.int16), sequence=0, time_ms=0)
    assert verdict.decision == Decision.FAULT and verdict.reason in (Reason.LENGTH, Reason.ARGUMENT)
    assert one.step(SAYS_0, sequence=0, time_ms=0).decision == Decision.ACCEPT


def test_a_front_end_that_has_not_heard_enough_asks_to_wait() -> None:
    parts = Parts(heard_enough=False)
    one = stream(parts)
    assert one.boot()
    verdict = one.step(SAYS_0, sequence=0, time_ms=0)
    assert why(verdict) == (Decision.VERIFY, Reason.FILLING) and verdict.label == NO_LABEL
    assert parts.seen == []


@pytest.mark.parametrize(
    ("part", "reason"), [("prepare", Reason.FRONT_END), ("invoke", Reason.MODEL)]
)
def test_a_part_that_breaks_is_a_fault_and_clears_what_was_remembered(
    part: str, reason: Reason
) -> None:
    ffi, lib = library.load()
    parts = Parts()
    one = stream(parts, guard(settled=True))
    assert one.boot()
    one.step(SAYS_0, sequence=0, time_ms=0)
    resets, parts.fails = parts.resets, part
    with pytest.raises(RuntimeError, match="broke"):
        one.step(SAYS_0, sequence=1, time_ms=1)
    parts.fails = ""
    assert parts.resets == resets + 1
    assert one.step(SAYS_0, sequence=2, time_ms=2).reason == Reason.UNSETTLED

    @ffi.callback(f"pal_{part}")  # type: ignore[untyped-decorator]
    def broken(*_: Any) -> int:
        return int(lib.PAL_FAULT_NOT_FINITE)

    setattr(one._device, part, broken)
    verdict = one.step(SAYS_0, sequence=3, time_ms=3)
    assert why(verdict) == (Decision.FAULT, reason)
    assert verdict.status == "PAL_FAULT_NOT_FINITE" and verdict.label == NO_LABEL


@pytest.mark.parametrize("part", ["prepare", "invoke"])
def test_a_fault_of_a_part_lets_no_older_frame_in(part: str) -> None:
    parts = Parts()
    one = stream(parts)
    assert one.boot()
    one.step(SAYS_0, sequence=7, time_ms=7)
    parts.fails = part
    with pytest.raises(RuntimeError, match="broke"):
        one.step(SAYS_0, sequence=8, time_ms=8)
    parts.fails = ""
    assert one.step(SAYS_0, sequence=8, time_ms=9).reason == Reason.REPLAYED
    assert one.step(SAYS_0, sequence=7, time_ms=9).reason == Reason.STALE
    assert one.step(SAYS_0, sequence=9, time_ms=8).reason == Reason.STALE
    assert one.step(SAYS_0, sequence=9, time_ms=9).decision == Decision.ACCEPT


def test_a_network_with_other_outputs_than_the_guard_knows_is_a_fault() -> None:
    one = stream(Parts(classes=2))
    assert one.boot()
    verdict = one.step(SAYS_0, sequence=0, time_ms=0)
    assert why(verdict) == (Decision.FAULT, Reason.LENGTH)


def overwritten(table: Guard) -> Stream:
    """A stream whose network leaves other numbers where its input was."""
    parts = Parts()
    one = stream(parts, table)
    assert one.boot()
    said = parts.invoke

    def overwrites(features: np.ndarray) -> Any:
        outputs = said(features)
        one._features[:] = 127
        return outputs

    object.__setattr__(one._firmware, "invoke", overwrites)
    return one


def test_the_tree_looks_at_the_input_before_the_network_may_overwrite_it() -> None:
    table = guard().model_dump()
    table["tree"] = {
        "feature": [0],
        "threshold": [10],
        "left": [-1],
        "right": [-2],
        "label": [0, 1],
        "plausible": [1, 2],
    }
    table["limits"]["tree"] = {"kind": "at_least", "threshold": 1}
    one = overwritten(Guard.model_validate(table))
    assert why(one.step(SAYS_0, sequence=0, time_ms=0)) == ACCEPTED
    assert why(one.step(SAYS_1, sequence=1, time_ms=1)) == (Decision.REJECT, Reason.TREE)


def test_so_does_the_texture() -> None:
    """Of 2 x 2 elements that mostly are [[9, 1], [0, 0]], another one is far off."""
    table = guard().model_dump()
    form = Guard.model_validate(table).engineered
    usual = texture.counts(form, np.tile(SAYS_0.astype(np.int8), (50, 1)), octaves=1, stride=1)
    table["texture"] = texture.fit(usual, octaves=1, stride=1).model_dump()
    table["limits"]["texture"] = {"kind": "at_most", "threshold": 0}
    one = overwritten(Guard.model_validate(table))
    assert why(one.step(SAYS_0, sequence=0, time_ms=0)) == ACCEPTED
    said = one.step(SAYS_0 + 40 * (SAYS_1 > 5), sequence=1, time_ms=1)
    assert why(said) == (Decision.REJECT, Reason.TEXTURE)
    assert said.scores[4] > 0


def test_a_stream_settles_as_the_guard_and_its_consistency_do() -> None:
    rng = np.random.default_rng(3)
    table = guard(settled=True, rejects_below=3)
    assert table.consistency is not None
    samples = rng.integers(-6, 7, (10000, 4)).astype(np.int16)
    logits = samples[:, :3].astype(np.int8)
    features = samples.astype(np.int8)
    one = stream(Parts(), table, accepted=(1,))
    assert one.boot()
    told = [one.step(row, sequence=n, time_ms=n) for n, row in enumerate(samples)]
    judged = device.judge(table, logits, np.zeros((10000, 2), np.int8), features)
    settled, reason = consistency.settle(table.consistency, judged.label, judged.decision)
    np.testing.assert_array_equal([verdict.decision for verdict in told], settled)
    np.testing.assert_array_equal(
        [verdict.reason for verdict in told], np.where(reason > 0, reason, judged.reason)
    )
    margin = scores.margins(logits, np.array([False, True, False]))
    action = np.where(settled == Decision.ACCEPT, margin, scores.LOWEST_LSB)
    np.testing.assert_array_equal([verdict.action_lsb for verdict in told], action)
    assert np.unique(settled).tolist() == [Decision.REJECT, Decision.VERIFY, Decision.ACCEPT]


@pytest.mark.parametrize(
    "part", ["guard", "model", "digest", "prepare", "invoke", "features", "feature_count",
             "model_bytes", "frame_samples"],
)  # fmt: skip
def test_a_device_without_a_part_boots_and_steps_into_a_fault(part: str) -> None:
    ffi, _ = library.load()
    one = stream(Parts())
    assert one.boot()
    setattr(one._device, part, 0 if "_" in part else ffi.NULL)
    assert one.step(SAYS_0, sequence=0, time_ms=0).decision == Decision.FAULT
    assert not one.boot()
    assert one.step(SAYS_0, sequence=0, time_ms=0).decision == Decision.FAULT


def test_nothing_where_something_has_to_be_is_a_fault() -> None:
    ffi, lib = library.load()
    one = stream(Parts())
    assert one.boot()
    verdict = ffi.new("pal_verdict *")
    frame = ffi.new("pal_frame *", {"count": 4})
    arguments = (one._device, one._state, frame, verdict)
    for place in range(4):
        some = [ffi.NULL if at == place else one_ for at, one_ in enumerate(arguments)]
        verdict.judgement.decision = Decision.ACCEPT
        assert lib.pal_step(*some) == lib.PAL_FAULT_ARGUMENT
        if place < 3:
            assert verdict.judgement.decision == Decision.FAULT
            assert verdict.judgement.reason == Reason.ARGUMENT
    assert lib.pal_step(*arguments) == lib.PAL_FAULT_ARGUMENT  # a frame without samples
    assert lib.pal_boot(ffi.NULL, one._state) == lib.PAL_FAULT_ARGUMENT
    assert one._state.attested != lib.PAL_ATTESTED
    assert lib.pal_boot(one._device, ffi.NULL) == lib.PAL_FAULT_ARGUMENT


def test_memory_of_zeros_opens_no_door() -> None:
    ffi, lib = library.load()
    assert ffi.new("pal_verdict *").judgement.decision == lib.PAL_FAULT
    assert ffi.new("pal_agreement *").decision == lib.PAL_FAULT
    assert ffi.new("pal_state *").attested != lib.PAL_ATTESTED
    for garbage in (b"\xff", b"\x01", b"\xaa"):
        one = stream(Parts())
        ffi.memmove(one._state, garbage * ffi.sizeof("pal_state"), ffi.sizeof("pal_state"))
        assert one.step(SAYS_0, sequence=0, time_ms=0).reason == Reason.NOT_ATTESTED


def test_a_streams_memory_is_small() -> None:
    ffi, _ = library.load()
    assert ffi.sizeof("pal_state") <= 32 and ffi.sizeof("pal_verdict") <= 32
    assert 8 * ffi.sizeof("pal_witness") + 8 * ffi.sizeof("pal_state") <= 4096
