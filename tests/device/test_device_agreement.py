"""The device's fusion is that of ``palisade.fusion``, to the bit, and asks for fresh windows."""

from __future__ import annotations

import numpy as np
import pytest

from palisade.device import agreement as device
from palisade.device import library
from palisade.device.agreement import Modality, Witness
from palisade.device.library import Fault
from palisade.fusion import scores
from palisade.fusion.decision import agreement
from palisade.fusion.events import Events
from palisade.fusion.policy import Pooling
from palisade.guard.judgement import Decision, Reason

POOLINGS: tuple[Pooling, ...] = ("max", "mean", "median")
ALL = ("voice", "vision", "motion")


@pytest.mark.parametrize("pooling", POOLINGS)
def test_pooled_scores_equal_those_of_the_pipeline(pooling: Pooling) -> None:
    rng = np.random.default_rng(40)
    sizes = rng.integers(1, 33, 10000)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    span = rng.choice([1, 3, 256], len(sizes))[owner]  # many ties, some, few
    margin = rng.integers(-255, 256, len(owner)) % span - span // 2
    margin[owner % 50 == 0] = rng.choice([-255, 255], int((owner % 50 == 0).sum()))
    expected = scores.pool(margin, owner, pooling)
    parts = np.split(margin, np.cumsum(sizes)[:-1])
    found = [device.pool(part, pooling) for part in parts]
    np.testing.assert_array_equal(found, expected)


def test_margins_equal_those_of_the_pipeline() -> None:
    rng, compared = np.random.default_rng(41), 0
    while compared < 10000:
        classes = int(rng.integers(2, 33))
        accepted = rng.random(classes) < rng.uniform(0.1, 0.9)
        accepted[:2] = [True, False]
        accepted = rng.permutation(accepted)
        logits = rng.integers(-128, 128, (500, classes)).astype(np.int8)
        logits[::5] = rng.choice(np.array([-128, 127], np.int8), logits[::5].shape)
        np.testing.assert_array_equal(
            device.margins(logits, accepted), scores.margins(logits, accepted)
        )
        compared += len(logits)


def test_decisions_equal_those_of_the_pipeline() -> None:
    rng = np.random.default_rng(42)
    count = 3000
    windows = rng.integers(1, 6, (count, 3))
    thresholds = rng.integers(-30, 31, 3)
    modalities = [
        Modality(pooling, int(threshold), 1000)
        for pooling, threshold in zip(POOLINGS, thresholds, strict=True)
    ]
    margins = rng.integers(-60, 100, (count, 3, 5))
    works = rng.random((count, 3, 5)) < 0.97
    told = Events(
        tasks=ALL,
        scenes=np.arange(count).astype(str),
        kinds=np.full(count, ""),
        splits=np.full(count, "test"),
        near_miss=np.zeros(count, np.bool_),
        truth=np.ones((count, 3), np.bool_),
        scores=np.zeros((count, 3), np.int64),
        plausible=np.zeros((count, 3), np.bool_),
        aligned=True,
    )
    for task, pooling in enumerate(POOLINGS):
        kept = np.arange(5) < windows[:, [task]]
        owner = np.repeat(np.arange(count), windows[:, task])
        told.scores[:, task] = scores.pool(margins[:, task][kept], owner, pooling)
        told.plausible[:, task] = (works[:, task] | ~kept).all(axis=1)
    expected = agreement(told, thresholds)
    for event in range(count):
        heard = [
            Witness(
                margins[event, task, :n].tolist(), works[event, task, :n].tolist(), [2**32 - 1] * n
            )
            for task, n in enumerate(windows[event].tolist())
        ]
        found = device.agree(modalities, heard, now_ms=5, window_ms=100)
        np.testing.assert_array_equal(found.scores_lsb, told.scores[event])
        np.testing.assert_array_equal(found.works, told.plausible[event])
        np.testing.assert_array_equal(found.agrees, expected[event])
        assert (found.decision == Decision.ACCEPT) == expected[event].all()


SURE = [Modality("max", 0, 500), Modality("mean", 0, 500)]


def said(margin: int, *times_ms: int, plausible: bool = True) -> Witness:
    return Witness([margin] * len(times_ms), [plausible] * len(times_ms), list(times_ms))


@pytest.mark.parametrize(
    ("first", "second", "decision", "reason"),
    [
        (said(9, 900), said(9, 900), Decision.ACCEPT, Reason.NONE),
        (said(9, 900), said(-1, 900), Decision.REJECT, Reason.BELOW),
        (said(9, 900), said(0, 900), Decision.ACCEPT, Reason.NONE),
        (said(9, 900), said(9, 499), Decision.VERIFY, Reason.NO_WITNESS),  # 501 ms old
        (said(9, 900), said(9, 500), Decision.ACCEPT, Reason.NONE),
        (said(9, 900), said(9, 1001), Decision.VERIFY, Reason.NO_WITNESS),  # to come
        (said(9, 900), said(9), Decision.VERIFY, Reason.NO_WITNESS),
        (said(9, 900), said(9, 900, plausible=False), Decision.FAULT, Reason.IMPLAUSIBLE),
        (said(9), said(9, 900, plausible=False), Decision.FAULT, Reason.IMPLAUSIBLE),
    ],
)
def test_why_an_action_does_not_pass(
    first: Witness, second: Witness, decision: Decision, reason: Reason
) -> None:
    found = device.agree(SURE, [first, second], now_ms=1000, window_ms=800)
    assert (found.decision, found.reason) == (decision, reason)
    assert (decision == Decision.ACCEPT) == bool(found.agrees.all())


def test_windows_of_an_earlier_event_do_not_count() -> None:
    old_and_new = Witness([-255, 200, 200], [False, True, True], [100, 950, 990])
    found = device.agree([Modality("mean", 200, 50)], [old_and_new], now_ms=1000, window_ms=800)
    assert found.decision == Decision.ACCEPT and found.scores_lsb.tolist() == [200]


def test_times_wrap_around() -> None:
    late = said(9, 2**32 - 100)
    assert device.agree(SURE[:1], [late], now_ms=399, window_ms=500).agrees.all()
    assert not device.agree(SURE[:1], [late], now_ms=401, window_ms=500).agrees.any()


def test_a_sensor_that_fell_silent_is_not_fresh_again_once_the_time_has_wrapped() -> None:
    ffi, lib = library.load()
    rules = ffi.new("pal_modality[]", [{"threshold_lsb": 0, "fresh_ms": 500, "pooling": 0}])
    policy = ffi.new("pal_policy *", [rules, 800, 1])
    witness, found = ffi.new("pal_witness *"), ffi.new("pal_agreement *")

    def decision(now_ms: int) -> Decision:
        now_ms %= 2**32
        assert lib.pal_agree(policy, witness, 1, now_ms, found) == lib.PAL_OK
        return Decision(found.decision)

    assert lib.pal_witness_add(witness, 9, 1, 1000) == lib.PAL_OK
    assert decision(900) == Decision.VERIFY  # to come, and not forgotten
    assert decision(1500) == decision(1000) == Decision.ACCEPT
    assert decision(1000 + 2**32) == Decision.ACCEPT  # nobody asked in between
    assert decision(1801) == Decision.VERIFY
    assert decision(1000 + 2**32) == Decision.VERIFY and witness.count == 0


def test_what_is_forgotten_makes_room_in_order() -> None:
    """Against a plain list: windows come and go, and the newest 32 of the event count."""
    ffi, lib = library.load()
    rng = np.random.default_rng(45)
    window_ms = 400
    rules = ffi.new("pal_modality[]", [{"threshold_lsb": 0, "fresh_ms": 100, "pooling": 1}])
    policy = ffi.new("pal_policy *", [rules, window_ms, 1])
    witness, found = ffi.new("pal_witness *"), ffi.new("pal_agreement *")
    told: list[tuple[int, int]] = []
    now_ms, forgotten = 0, 0
    for margin in rng.integers(-255, 256, 10000).tolist():
        now_ms += int(rng.choice([1, 10, 60, 500]))
        assert lib.pal_witness_add(witness, margin, 1, now_ms) == lib.PAL_OK
        told = [*told, (now_ms, margin)][-32:]
        if rng.random() < 0.3:
            assert lib.pal_agree(policy, witness, 1, now_ms, found) == lib.PAL_OK
            kept = [(at, one) for at, one in told if now_ms - at <= window_ms]
            forgotten += len(told) - len(kept)
            told = kept
            assert found.scores_lsb[0] == sum(one for _, one in told) // len(told)
        assert witness.count == len(told)
    assert forgotten > 1000


def test_the_last_windows_are_remembered_and_older_ones_are_not() -> None:
    many = Witness([255, *[-7] * 32], [True] * 33, [10] * 33)
    found = device.agree([Modality("max", 0, 500)], [many], now_ms=10, window_ms=500)
    assert found.scores_lsb.tolist() == [-7]


@pytest.mark.parametrize("count", [0, 33])
def test_no_window_and_too_many_are_faults(count: int) -> None:
    with pytest.raises(Fault, match="PAL_FAULT_LENGTH"):
        device.pool(np.zeros(count, np.int64), "mean")


def test_too_many_modalities_or_another_number_of_witnesses_are_faults() -> None:
    nine, eight = [Modality("max", 0, 9)] * 9, [Modality("max", 0, 9)] * 8
    assert (
        device.agree(eight, [said(1, 5)] * 8, now_ms=5, window_ms=9).agrees.tolist() == [True] * 8
    )
    with pytest.raises(Fault, match="PAL_FAULT_LENGTH"):
        device.agree(nine, [said(1, 5)] * 9, now_ms=5, window_ms=9)
    with pytest.raises(Fault, match="PAL_FAULT_LENGTH"):
        device.agree(eight, [said(1, 5)] * 7, now_ms=5, window_ms=9)


@pytest.mark.parametrize("accepted", [np.ones(3, np.bool_), np.zeros(3, np.bool_)])
def test_an_action_that_no_label_or_every_one_warrants_is_a_fault(accepted: np.ndarray) -> None:
    with pytest.raises(Fault, match="PAL_FAULT_RANGE"):
        device.margins(np.zeros((1, 3), np.int8), accepted)


def test_memory_and_tables_out_of_range_are_faults() -> None:
    ffi, lib = library.load()
    rule = ffi.new("pal_modality[]", [{"threshold_lsb": 0, "fresh_ms": 9, "pooling": 3}])
    policy = ffi.new("pal_policy *", [rule, 9, 1])
    witness, found = ffi.new("pal_witness *"), ffi.new("pal_agreement *", {"decision": 3})
    assert lib.pal_agree(policy, witness, 1, 0, found) == lib.PAL_FAULT_RANGE
    assert (found.decision, found.reason) == (Decision.FAULT, Reason.VALUE)
    rule[0].pooling = 0
    for field, wrong in (("count", 33), ("next", 32)):
        setattr(witness, field, wrong)
        assert lib.pal_witness_add(witness, 0, 1, 0) == lib.PAL_FAULT_RANGE
        assert lib.pal_agree(policy, witness, 1, 0, found) == lib.PAL_FAULT_RANGE
        setattr(witness, field, 0)
    assert lib.pal_agree(policy, ffi.NULL, 1, 0, found) == lib.PAL_FAULT_ARGUMENT
    assert found.reason == Reason.ARGUMENT
    assert lib.pal_agree(policy, witness, 1, 0, ffi.NULL) == lib.PAL_FAULT_ARGUMENT
    assert device.MOST_WINDOWS == lib.PAL_MAX_WINDOWS
    numbers = (lib.PAL_POOL_MAX, lib.PAL_POOL_MEAN, lib.PAL_POOL_MEDIAN)
    assert tuple(device._POOLINGS.values()) == numbers
