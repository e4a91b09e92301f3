"""What is climbed: first the lead, then the guard, then more lead; and the nearer way to deny."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from palisade.assault.aims import Aim, breach, lead
from palisade.attacks.surrogates import Seen, Surrogate
from palisade.backend import tf
from palisade.guard import energy
from palisade.guard.tables import Guard
from tests.assault import plain

ACCEPTED = np.array([True, False, False])


def says(*logits: tuple[float, ...]) -> Seen:
    at = tf.constant(logits, tf.float32)
    return Seen(at, at, tf.zeros((len(logits), 1, 1, 1)))


def guarded(least_lead: int, most_energy: int | None = None) -> Surrogate:
    table = plain.guard(least_lead).model_dump()
    table |= {"classes": 3, "embedding": 3, "energy": energy.table(0.5).model_dump()}
    if most_energy is not None:
        table["limits"]["energy"] = {"kind": "at_most", "threshold": most_energy * 256}
    return Surrogate(Guard.model_validate(table))


def slope(merit: Any, *logits: tuple[float, ...]) -> np.ndarray:
    at = tf.constant(logits, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(at)
        value = merit(Seen(at, at, tf.zeros((len(logits), 1, 1, 1))), None)
    return np.asarray(tape.gradient(value, at))


def test_the_lead_is_that_of_the_accepted_labels_over_all_others() -> None:
    both = np.array([True, True, False])
    seen = says((5, 1, 3), (-9, 1, 3), (0, 0, 0))
    assert lead(seen, ACCEPTED).numpy().tolist() == [2, -12, 0]
    assert lead(seen, both).numpy().tolist() == [2, -2, 0]


def test_where_all_windows_count_the_lead_is_all() -> None:
    aim = Aim(ACCEPTED, 50, None)
    seen = says((5, 1, 3), (-9, 1, 3))
    assert aim.force(seen, None).numpy().tolist() == [2, -12]
    assert aim.deny(seen, None).numpy().tolist() == [-2, 12]


def test_forcing_ranks_short_then_rejected_then_counted_and_more_lead_above() -> None:
    aim = Aim(ACCEPTED, 10, guarded(least_lead=30))
    short, rejected, counted, further = aim.force(
        says((9, 0, 0), (20, 0, 0), (40, 0, 0), (60, 0, 0)), None
    ).numpy()
    assert short < -1 < rejected < 0 < counted < further < 1


def test_forcing_follows_the_guard_once_the_threshold_is_reached() -> None:
    """A threshold below 0 may be met by an answer that is another label's, if it is believed."""
    aim = Aim(ACCEPTED, -20, guarded(least_lead=8, most_energy=10))
    assert np.allclose(slope(aim.force, (-60, 0, -70))[0, :2] * 16, [1, -1])
    there = slope(aim.force, (-15, 15, -90))[0]
    assert there[1] < 0  # less energy of the other label, and not only more of the wanted one


def test_denying_takes_the_nearer_of_two_ways() -> None:
    aim = Aim(ACCEPTED, 10, guarded(least_lead=40))
    rejected, kept = aim.deny(says((30, 0, 0), (60, 0, 0)), None).numpy()
    assert rejected > 0 > kept
    aim = Aim(ACCEPTED, 10, guarded(least_lead=0))
    short, kept = aim.deny(says((7, 0, 0), (60, 0, 0)), None).numpy()
    assert short > 0 > kept


def test_a_breach_is_of_the_limit_that_is_nearest_to_it() -> None:
    found = breach(guarded(least_lead=16, most_energy=32), says((0, 0, 0), (40, 0, 0)))
    assert found.numpy() == pytest.approx([1.0, 0.5], abs=0.2)
    assert breach(guarded(least_lead=16), says((32, 0, 0))).numpy() == pytest.approx([-1.0])
