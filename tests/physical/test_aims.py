"""Attacks with the guard in mind: past it where an attack on the network alone is caught."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.ball import Linf
from palisade.attacks.surrogates import Seen, Surrogate
from palisade.backend import tf
from palisade.guard import energy, reference
from palisade.guard.tables import Guard
from palisade.physical import aims, draws
from palisade.physical.aims import Aim
from palisade.physical.expectation import climb
from tests.guard import drawn

STEP = 0.5  # of the logits
CEILING_STEPS = 40  # of the energy: more evidence than that is taken for made up
STEPS = 40


def guard() -> Guard:
    """Of two classes: the answer leads by 5 steps at least, and holds evidence for 40 at most."""
    table = drawn.guard(np.random.default_rng(1)).model_dump()
    table |= {"classes": 2, "embedding": 2, "autoencoder": None, "tree": None, "texture": None}
    table["energy"] = energy.table(STEP).model_dump()
    table["engineered"] = {"height": 1, "width": 1, "channels": 1, "rows": 1, "columns": 1}
    kinds = dict.fromkeys(("margin", "energy", "autoencoder", "tree", "texture"), ("off", 0))
    kinds |= {"margin": ("at_least", 5), "energy": ("at_most", CEILING_STEPS * 256)}
    table["limits"] = {name: {"kind": k, "threshold": at} for name, (k, at) in kinds.items()}
    return Guard.model_validate(table)


def seen(x: Any) -> Seen:
    """Of ``[n, 1]``: 0 to 1 goes from class 0 by 100 steps to class 1 by 100 steps."""
    lead = 200.0 * (x[:, 0] - 0.5)
    logits = tf.stack([-lead, lead], axis=1)
    return Seen(logits, logits, tf.reshape(x, [-1, 1, 1, 1]))


def wanted() -> tuple[Aim, Aim]:
    return (
        aims.oblivious(lambda x: STEP * seen(x).logits),
        aims.guard_aware(seen, Surrogate(guard()), STEP),
    )


def crafted(goal: int | None) -> dict[str, NDArray[np.float32]]:
    """What each aim makes of examples of class 0 that noise moves, by the stage's own climb."""
    y = tf.zeros([6], tf.int64)

    def craft(aim: Aim, before: NDArray[np.float32] | None) -> NDArray[np.float32]:
        def value(x: Any, seed: Any) -> Any:
            noisy = x + 0.01 * tf.random.stateless_normal(tf.shape(x), seed)
            return aim.evade(noisy, y) if goal is None else aim.imitate(noisy, y + goal)

        run = climb(
            value=value,
            project=lambda x: tf.clip_by_value(x, 0.0, 1.0),
            norm=Linf(),
            steps=aim.steps(STEPS),
        )
        start = tf.fill([6, 1], 0.3) if before is None else tf.constant(before)
        return np.asarray(run(start, aim.rest * 0.1, draws.pair(7, *aim.apart)))

    return dict(aims.each(wanted(), craft))


def judged(x: NDArray[np.float32]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of each, whether class 1 is said, and whether the guard believes what is said."""
    logits = np.asarray(np.clip(np.rint(seen(tf.constant(x)).logits), -128, 127), np.int8)
    inputs = np.zeros((len(x), 1, 1, 1), np.int8)
    said = reference.judge(guard(), logits, logits, inputs)
    return said.label == 1, said.accepted


def test_a_wrong_answer_that_a_guard_rejects_is_brought_past_it() -> None:
    for goal in (None, 1):
        made = crafted(goal)
        wrong, accepted = judged(made[aims.OBLIVIOUS])
        assert wrong.all() and not accepted.any()
        wrong, accepted = judged(made[aims.GUARD_AWARE])
        assert wrong.all() and accepted.all()


def test_a_wrong_answer_that_nothing_rejects_is_still_driven_on() -> None:
    """Where harm is flat there is a direction: the lead's."""
    _, aware = wanted()
    x = tf.constant([[0.55]])  # a lead of 20 steps, of evidence for 11
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = aware.evade(x, tf.zeros([1], tf.int64))
    assert float(Surrogate(guard()).harm(seen(x), tf.zeros([1], tf.int64))[0]) == 0
    assert float(tape.gradient(value, x)[0, 0]) > 0


def test_the_second_aim_begins_with_what_the_first_found_and_takes_half_as_long() -> None:
    given: list[Any] = []

    def craft(aim: Aim, before: Any) -> str:
        given.append((aim.name, before, aim.steps(60), aim.apart))
        return f"made for {aim.name}"

    found = list(aims.each(wanted(), craft))
    assert found[1] == ("guard_aware", "made for guard_aware")
    assert given == [
        ("oblivious", None, 60, ()),
        ("guard_aware", "made for oblivious", 30, ("guard_aware",)),
    ]


def test_each_severity_begins_anew_with_what_was_compiled_once() -> None:
    made: list[str] = []

    def make(aim: Aim) -> Any:
        made.append(aim.name)
        return lambda severity, before: (severity, before)

    craft = aims.by_severity(wanted(), make)
    for severity in (1.0, 2.0):
        (_, first), (_, second) = craft(severity)
        assert first == (severity, None) and second == (severity, first)
    assert made == ["oblivious", "guard_aware"]


def test_where_nothing_rejects_who_knows_the_guard_climbs_the_lead_as_much() -> None:
    """Else a print's smoothness would undo a wrong answer that is accepted already."""
    x = tf.constant([[0.55]])
    assert [bool(one[0]) for one in judged(np.asarray(x))] == [True, True]
    gradients = []
    for aim in wanted():
        for climbed, label in ((aim.evade, 0), (aim.imitate, 1)):
            with tf.GradientTape() as tape:
                tape.watch(x)
                value = climbed(x, tf.constant([label], tf.int64))
            gradients.append(float(tape.gradient(value, x)[0, 0]))
    oblivious, guard_aware = gradients[:2], gradients[2:]
    assert min(oblivious) > 0
    assert np.allclose(guard_aware, oblivious)
