"""A confirmer learns what successive windows say, in integers, and says where it cannot."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from palisade.errors import PalisadeError
from palisade.stream import confirmer, figures, fitting
from palisade.stream.decision import Confirming, Params
from palisade.stream.hearing import Heard
from palisade.stream.recording import Recording, Said

LABELS = ("go", "halt")
CLASSES, LENGTH, AT = 3, 60, 30
CONFIRM = {
    "context_windows": 6,
    "hidden": 8,
    "epochs": 60,
    "weight_decay": 0.001,
    "said_ms": [0.0, 300.0],
    "false_reject_target": 0.05,
}


def params(**changes: Any) -> Params:
    return Params(
        hop_ms=100,
        smoothed_windows=2,
        refractory_ms=500,
        false_reject_target=0.1,
        confirm=Confirming.model_validate({**CONFIRM, **changes}),
    )


def recording(seed: int, action: int | None, *, alike: bool = False) -> Heard:
    """A command stands for five windows; what sounds alike comes and goes, as loud."""
    dice = np.random.default_rng(seed)
    logits = dice.normal(0, 6, (LENGTH, CLASSES))
    logits[:, 0] += 30
    if action is not None:
        there = [AT, AT + 2, AT + 4] if alike else range(AT, AT + 5)
        logits[there, 1 + action] = 70
    begin_ms = 1000.0 + 100 * AT
    said = () if alike or action is None else (Said(LABELS[action], begin_ms, begin_ms + 400),)
    rows = np.clip(logits, -128, 127).astype(np.int8)
    accepted = np.ones(LENGTH, np.bool_)
    return Heard(
        Recording("any", rows, 1, 1, said), rows, np.zeros((LENGTH, 2), np.int16), accepted
    )


def heard(seed: int, count: int = 60) -> list[Heard]:
    drawn = [recording(seed + n, n % 2) for n in range(count)]
    drawn += [recording(seed + 1000 + n, n % 2, alike=True) for n in range(count)]
    return [*drawn, *(recording(seed + 2000 + n, None) for n in range(10))]


def test_it_tells_a_command_from_what_is_as_loud_but_comes_and_goes() -> None:
    table = fitting.fit(heard(0), LABELS, params(), clip_ms=1000, seed=1)
    confirmation = figures.Confirmation(table, (-255, -255))

    def best(one: Heard, action: int) -> int:
        return int(confirmation.scores(one, params(), guarded=True)[:, action].max())

    fresh = range(5000, 5040)
    said = [best(recording(n, n % 2), n % 2) for n in fresh]
    other = [best(recording(n, n % 2), 1 - n % 2) for n in fresh]
    alike = [best(recording(n, n % 2, alike=True), n % 2) for n in fresh]
    assert np.quantile(said, 0.1) > max(np.quantile(alike, 0.9), np.quantile(other, 0.9))


def test_the_same_voices_give_the_same_table_and_another_seed_another() -> None:
    first, again, other = (
        fitting.fit(heard(0, 20), LABELS, params(epochs=3), clip_ms=1000, seed=seed)
        for seed in (1, 1, 2)
    )
    assert first == again and first != other


def test_windows_that_the_guard_rejects_are_not_seen() -> None:
    one = recording(1, 0)
    one.accepted[AT] = False
    seen = confirmer.shown(one.logits, one.accepted, 6).reshape(-1, 6, CLASSES)
    assert np.all(seen[AT - 5, 5] == -128) and np.all(seen[AT, 0] == -128)
    assert np.array_equal(seen[AT, 1], one.logits[AT + 1])


def test_a_command_that_is_never_said_is_told() -> None:
    with pytest.raises(PalisadeError, match="halt is hardly heard"):
        fitting.fit([recording(n, 0) for n in range(9)], LABELS, params(), clip_ms=1000, seed=1)
    with pytest.raises(PalisadeError, match="no sound"):
        fitting.fit([], LABELS, params(), clip_ms=1000, seed=1)


def test_a_mean_of_more_windows_than_are_kept_is_refused() -> None:
    with pytest.raises(ValueError, match="at least smoothed_windows"):
        params(context_windows=1)
