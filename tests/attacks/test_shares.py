"""A battery in shares is one battery: each example's verdict comes back to its own place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from palisade import parallel
from palisade.attacks.battery import Judged
from palisade.attacks.shares import Result, joined
from palisade.attacks.square import Asked
from palisade.evaluation.verdicts import Verdict
from palisade.guard.judgement import Decision, Judgement, Signal

NOISE, PGD = ("noise", "weak"), ("pgd_margin", "weak")
SUBSET = [1, 2, 4, 5]


def judged(examples: NDArray[np.intp], places: NDArray[np.intp]) -> Judged:
    """Answers labelled with the number of the example that they are to."""
    labels = examples[places].astype(np.uint8)
    nothing = np.zeros(len(places), np.uint8)
    scores = np.zeros((len(places), len(Signal)), np.int32)
    accepted = np.full(len(places), Decision.ACCEPT, np.uint8)
    return Judged(places, Judgement(labels, accepted, nothing, nothing, scores))


def share(examples: NDArray[np.intp], *, iterated: list[int]) -> Result:
    """What is found on some examples of which only a few are attacked by iteration."""
    everything = np.arange(len(examples))
    found = {NOISE: judged(examples, everything)}
    if iterated:
        found[PGD] = judged(examples, np.array(iterated))
    values = (examples % 3).astype(np.int8) - 1
    rows = [Verdict("int8", *name, values) for name in (NOISE, PGD)]
    subset = np.isin(examples, SUBSET)
    mine = examples[subset]
    crafted = {"noise": mine} if len(mine) else {}
    asked = {"nes": Asked(mine, mine, mine)} if len(mine) else {}
    return Result(rows, found, crafted, flat=mine == 4, subset=subset, asked=asked)


def test_verdicts_and_answers_come_back_in_the_order_of_the_whole() -> None:
    even, odd = np.arange(0, 7, 2), np.arange(1, 7, 2)
    whole = joined([share(even, iterated=[1, 3]), share(odd, iterated=[0])])
    assert [row.attack for row in whole.verdicts] == ["noise", "pgd_margin"]
    assert all(np.array_equal(row.values, np.arange(7) % 3 - 1) for row in whole.verdicts)
    for name, places in ((NOISE, np.arange(7)), (PGD, np.array([1, 2, 6]))):
        assert np.array_equal(whole.judged[name].places, places)
        assert np.array_equal(whole.judged[name].judgement.label, places)
    assert np.flatnonzero(whole.subset).tolist() == SUBSET
    assert whole.crafted["noise"].tolist() == whole.asked["nes"].wrong_at.tolist() == SUBSET
    assert whole.flat.tolist() == [False, False, True, False]


def test_an_attack_that_a_share_had_no_example_for_is_the_others() -> None:
    whole = joined([share(np.array([0, 2]), iterated=[]), share(np.array([1, 3]), iterated=[1])])
    assert whole.judged[PGD].places.tolist() == [3]


def test_a_share_without_any_of_the_subset_leaves_it_to_the_others() -> None:
    none, all_of_it = np.array([0, 6]), np.array([4, 5])
    for shares in ([none, all_of_it], [all_of_it, none]):
        whole = joined([share(one, iterated=[]) for one in shares])
        assert whole.crafted["noise"].tolist() == whole.asked["nes"].raw.tolist() == [4, 5]


def test_what_works_in_a_process_of_its_own_starts_no_others() -> None:
    assert parallel.each(_workers, [0, 1, 2], "counts") == [1, 1, 1]


def _workers(_: int) -> int:
    return parallel.workers()
