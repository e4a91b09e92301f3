"""A sensor's scores are those of firmware that tells ``pal_agree`` of accepted windows alone."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.device import agreement, replay
from palisade.device.agreement import Modality, Witness
from palisade.device.replay import Answers
from palisade.fusion.plausible import Limits
from palisade.fusion.policy import Pooling
from palisade.fusion.scores import SILENT_LSB
from palisade.fusion.sensing import EVIDENCE, Sensor, witnesses
from palisade.guard.judgement import Decision, Reason
from palisade.guard.tables import Guard
from palisade.scenes.windows import Windows
from tests.guard import drawn

EVENTS, LENGTH, CLASSES, MODEL = 40, 5, 3, b"a model"


def guard() -> Guard:
    """Rejects what leads by less than 40."""
    off = {"kind": "off", "threshold": 0}
    table = drawn.guard(np.random.default_rng(1)).model_dump()
    table |= {"classes": CLASSES, "embedding": 1, "energy": None, "autoencoder": None, "tree": None}
    table["texture"] = None
    table["limits"] = dict.fromkeys(("energy", "autoencoder", "tree", "texture"), off)
    table["limits"]["margin"] = {"kind": "at_least", "threshold": 40}
    table["engineered"] = {"height": 1, "width": 1, "channels": 1, "rows": 1, "columns": 1}
    table["consistency"] = {"window": 3, "needed": 2, "forget_after": 3}
    return Guard.model_validate(table)


def answers(raw: NDArray[Any]) -> Answers:
    """A window's samples are the logits that it is answered with."""
    return Answers(raw[:, :1], raw, raw[:, :1])


def held() -> Windows:
    draw = np.random.default_rng(4)
    count = EVENTS * LENGTH
    return Windows(
        x=draw.integers(-60, 61, (count, CLASSES)).astype(np.int8),
        y=np.zeros(count, np.int64),
        scenes=np.repeat([f"{n:02}" for n in range(EVENTS)], LENGTH),
        events=np.full(count, "pet"),
        splits=np.full(count, "test"),
        labels=("a", "b", "c"),
        aligned=True,
    )


def sensor(pooling: Pooling) -> Sensor:
    return Sensor(
        answers=answers,
        step=partial(replay.play, guard(), model=MODEL, accepted=(1,)),
        accepted=np.array([False, True, False]),
        pooling=pooling,
        evidence="accepted",
        low=np.full(CLASSES, -128, np.int8),
        high=np.full(CLASSES, 127, np.int8),
        limits=Limits(unchanged_share=1.0, saturated_share=1.0),
    )


@pytest.mark.parametrize("pooling", ["max", "mean", "median"])
@pytest.mark.parametrize("settled", [False, True])
def test_scores_and_decisions_are_those_of_the_device(pooling: Pooling, settled: bool) -> None:
    windows, one = held(), sensor(pooling)
    found = witnesses(windows, one)["settled" if settled else "accepted"]
    owner = np.repeat(np.arange(EVENTS), LENGTH)
    said = one.step(answers(windows.x), owner, settled=settled)
    rule = Modality(pooling, -20, 500)
    silent = 0
    for event, score in enumerate(found.scores.tolist()):
        mine = np.flatnonzero((owner == event) & (said.decision == Decision.ACCEPT))
        told = Witness(said.action_lsb[mine].tolist(), [True] * len(mine), [90] * len(mine))
        device = agreement.agree([rule], [told], now_ms=100, window_ms=500)
        if score == SILENT_LSB:
            silent += 1
            assert (device.decision, device.reason) == (Decision.VERIFY, Reason.NO_WITNESS)
        else:
            assert device.scores_lsb.tolist() == [score]
        assert bool(device.agrees[0]) == (score >= -20)
    assert 0 < silent < EVENTS


def test_without_a_guard_every_window_counts_and_fewer_and_fewer_with_more_asked_of_them() -> None:
    found = witnesses(held(), sensor("max"))
    assert tuple(found) == EVIDENCE == ("all", "accepted", "settled")
    every, accepted, settled = (found[evidence].scores for evidence in EVIDENCE)
    assert (every >= accepted).all() and (accepted >= settled).all()
    assert (every > accepted).any() and (accepted > settled).any()
