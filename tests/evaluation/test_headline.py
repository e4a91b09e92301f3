"""The figures of ``evaluate.json``."""

from __future__ import annotations

import numpy as np
import pytest

from palisade.evaluation import headline
from palisade.evaluation.verdicts import RIGHT, WRONG, Table, Verdict, subset_row
from palisade.guard.judgement import Decision, Judgement, Signal
from palisade.splits import Split

N, BUDGET = 100, "snr_30db"


def lead(bare: int, guarded: int) -> float:
    """Of a guard behind which so many examples are safe, where so many are right without it."""
    nothing = np.zeros(N, np.uint8)
    scores = np.zeros((N, len(Signal)), np.int32)
    clean = Judgement(nothing, np.full(N, Decision.ACCEPT), nothing, nothing, scores)
    rows = [
        Verdict(model, "pgd", BUDGET, np.where(np.arange(N) < right, RIGHT, WRONG).astype(np.int8))
        for model, right in (("int8", bare), ("int8_guarded", guarded))
    ]
    names = np.arange(N).astype(str)
    test = Split(np.zeros((N, 1)), np.zeros(N, np.int64), names, names, ("a", "b"))
    table = Table([subset_row(np.ones(N, bool)), *rows])
    found = headline.of_guard(clean, test, np.array([True, False]), table, BUDGET)
    return float(found["lead_under_attack"])


def test_a_guard_that_saves_two_of_a_hundred_may_do_so_by_chance() -> None:
    assert lead(50, 52) == pytest.approx(2**0.5)
    assert lead(50, 75) == pytest.approx(5.0)
    assert lead(50, 50) == 0.0
