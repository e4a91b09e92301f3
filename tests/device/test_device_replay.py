"""Answers in order of time through the device's step: what one event leaves to the next."""

from __future__ import annotations

import numpy as np

from palisade.device import guard as device
from palisade.device.replay import Answers, Verdicts, play
from palisade.guard.consistency import Consistency
from palisade.guard.judgement import Decision
from palisade.guard.tables import Guard
from tests.guard import drawn

MODEL = bytes(range(200))
OFF = {"kind": "off", "threshold": 0}


def guard(*, least_lead: int = 1, window: int = 3, needed: int = 2) -> Guard:
    """Three classes and a margin; answers agree if ``needed`` of ``window`` do."""
    table = drawn.guard(np.random.default_rng(1)).model_dump()
    table |= {"classes": 3, "embedding": 1, "energy": None, "autoencoder": None, "tree": None}
    table["texture"] = None
    table["limits"] = dict.fromkeys(("energy", "autoencoder", "tree", "texture"), OFF)
    table["limits"]["margin"] = {"kind": "at_least", "threshold": least_lead}
    table["engineered"] = {"height": 1, "width": 1, "channels": 1, "rows": 1, "columns": 1}
    table["consistency"] = {"window": window, "needed": needed, "forget_after": 3}
    return Guard.model_validate(table)


def saying(labels: list[int], lead: int = 9) -> Answers:
    """A network that says one label after the other, each by so much."""
    logits = lead * np.eye(3, dtype=np.int8)[labels]
    blank = np.zeros((len(labels), 1), np.int8)
    return Answers(blank, logits.astype(np.int8), blank)


def said(labels: list[int], owner: list[int] | None = None, *, settled: bool) -> list[int]:
    events = np.array(owner or [0] * len(labels))
    found = play(guard(), saying(labels), events, model=MODEL, settled=settled)
    assert found.label.tolist() == labels
    return found.decision.tolist()


ACCEPT, VERIFY, REJECT = int(Decision.ACCEPT), int(Decision.VERIFY), int(Decision.REJECT)


def test_a_flip_is_to_be_verified_and_the_label_before_it_comes_back() -> None:
    assert said([1, 1, 2, 1], settled=True) == [VERIFY, ACCEPT, VERIFY, ACCEPT]
    assert said([1, 1, 2, 1], settled=False) == [ACCEPT] * 4


def test_what_one_event_said_is_forgotten_in_the_next() -> None:
    assert said([1, 1, 1, 1], [0, 0, 1, 1], settled=True) == [VERIFY, ACCEPT, VERIFY, ACCEPT]
    assert said([1, 1, 1, 1], [0, 0, 0, 0], settled=True) == [VERIFY, ACCEPT, ACCEPT, ACCEPT]


def test_only_accepted_windows_have_a_margin_for_the_action() -> None:
    unsure = Answers.joined([saying([1, 1]), saying([1], lead=2), saying([2])])
    found = play(
        guard(least_lead=5), unsure, np.zeros(4, np.intp), model=MODEL, settled=True, accepted=(1,)
    )
    assert found.decision.tolist() == [VERIFY, ACCEPT, REJECT, VERIFY]
    assert found.action_lsb.tolist() == [-255, 9, -255, -255]


def test_one_answer_may_stand_in_anothers_place() -> None:
    mixed = saying([0, 0, 0]).with_one_of(saying([1, 2, 1]), 1)
    assert mixed.logits.argmax(axis=1).tolist() == [0, 2, 0]


def test_steps_agree_with_verdicts_one_by_one_and_with_the_consistency_alone() -> None:
    rng = np.random.default_rng(7)
    for _ in range(12):
        table = drawn.guard(rng)
        some = drawn.answers(rng, table, 60)
        answers = Answers(some.features, some.logits, some.embedding)
        owner = np.sort(rng.integers(0, 9, 60))
        alone = play(table, answers, owner, model=MODEL, settled=False)
        judged = device.judge(table, some.logits, some.embedding, some.features)
        assert np.array_equal(alone.label, judged.label)
        assert np.array_equal(alone.decision, judged.decision)
        over_time = play(table, answers, owner, model=MODEL, settled=True)
        assert np.array_equal(over_time.decision, _settled(table.consistency, owner, alone))


def _settled(rule: Consistency | None, owner: np.ndarray, alone: Verdicts) -> np.ndarray:
    if rule is None:
        return alone.decision
    return np.concatenate(
        [
            device.settle(rule, alone.label[owner == event], alone.decision[owner == event])[0]
            for event in np.unique(owner)
        ]
    )
