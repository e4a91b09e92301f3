"""What each of the guard's signals is said to have seen."""

from __future__ import annotations

import numpy as np

from palisade.attacks.battery import Judged
from palisade.evaluation import signals
from palisade.guard.judgement import Decision, Judgement, Signal


def judgement(label: list[int], scores: np.ndarray, rejected: list[int]) -> Judgement:
    bits = np.array(rejected, np.uint8)
    decision = np.where(bits > 0, Decision.REJECT, Decision.ACCEPT).astype(np.uint8)
    return Judgement(np.array(label, np.uint8), decision, bits * 0, bits, scores.astype(np.int32))


def table(fooled_margin: int, rejected: list[int]) -> dict[str, dict[str, object]]:
    y = np.array([0, 1, 0, 1])
    clean = judgement([0, 1, 0, 1], np.tile([40, 0, 0, 1, 0], (4, 1)), [0, 0, 0, 0])
    scores = np.tile([fooled_margin, 0, 0, 1, 0], (3, 1))
    scores[2] = 1000  # this one did not fool the network, and counts for nothing
    attack = Judged(np.array([0, 1, 3]), judgement([1, 0, 1], scores, rejected))
    return {
        row["signal"]: row for row in signals.under_attack(clean, [attack], y, np.ones(4, bool))
    }


def test_a_signal_that_tells_and_one_that_does_not() -> None:
    found = table(fooled_margin=5, rejected=[1 << Signal.MARGIN, 0, 0])
    assert (found["margin"]["auroc"], found["margin"]["tells"]) == (1.0, True)
    assert (found["energy"]["auroc"], found["energy"]["tells"]) == (0.5, False)
    assert (found["margin"]["rejected"], found["margin"]["alone"]) == (0.5, 0.5)
    assert found["margin"]["fooling"] == 2


def test_a_signal_that_finds_attacks_more_familiar_than_clean_inputs_tells_nothing() -> None:
    found = table(fooled_margin=90, rejected=[0, 0, 0])
    assert (found["margin"]["auroc"], found["margin"]["tells"]) == (0.0, False)


def test_what_two_signals_reject_counts_for_neither_alone() -> None:
    both = 1 << Signal.MARGIN | 1 << Signal.ENERGY
    found = table(fooled_margin=5, rejected=[both, 1 << Signal.ENERGY, 0])
    assert (found["margin"]["rejected"], found["margin"]["alone"]) == (0.5, 0.0)
    assert (found["energy"]["rejected"], found["energy"]["alone"]) == (1.0, 0.5)


def test_an_attack_that_fooled_nothing_says_nothing() -> None:
    y = np.array([0, 1])
    clean = judgement([0, 1], np.zeros((2, len(Signal))), [0, 0])
    rows = signals.under_attack(clean, [Judged(np.array([0, 1]), clean)], y, np.ones(2, bool))
    assert {(row["auroc"], row["rejected"], row["tells"]) for row in rows} == {(0.5, 0.0, False)}


def test_only_examples_that_every_attack_ran_on_count() -> None:
    """The second one fooled the network too, but is not in the subset."""
    y = np.array([0, 1, 0, 1])
    clean = judgement([0, 1, 0, 1], np.tile([40, 0, 0, 1, 0], (4, 1)), [0, 0, 0, 0])
    scores = np.array([[90, 0, 0, 1, 0], [5, 0, 0, 1, 0]])
    attack = Judged(np.array([0, 1]), judgement([1, 0], scores, [0, 1]))
    subset = np.array([True, False, False, False])
    margin = signals.under_attack(clean, [attack], y, subset)[0]
    assert (margin["fooling"], margin["auroc"], margin["rejected"]) == (1, 0.0, 0.0)
