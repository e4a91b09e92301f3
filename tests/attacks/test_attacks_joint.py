"""Attacks that know the guard: their twin of it is the guard, and they get past it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from palisade.attacks import exact
from palisade.attacks import surrogates as twin_of
from palisade.attacks.ascent import ascend
from palisade.attacks.climber import (
    ON_HARM,
    ON_HARM_BY_CROSS_ENTROPY,
    ON_HARM_TOWARDS,
    ON_LIKENESS,
    Climber,
    JointClimber,
)
from palisade.attacks.guides import Guides
from palisade.attacks.losses import margin
from palisade.attacks.surrogates import Seen, Surrogate
from palisade.backend import tf
from palisade.edge import unguarded
from palisade.guard import autoencoder, dense, energy, reference, texture
from palisade.guard.engineered import Engineered
from palisade.guard.judgement import Decision, Judgement
from palisade.guard.tables import Guard
from palisade.int8 import Outputs
from palisade.splits import Split
from palisade.tasks.vision.threat import Params, Threat
from tests.guard import drawn

UNMOVED = {"shift_share": 0.0, "rotation_deg": 0.0, "zoom": [1.0, 1.0], "mirror": False}
THREAT = Threat(Params.model_validate(UNMOVED))
PX, COUNT, LIMIT_STEPS = 8, 10, 20
SIGNALS = ("margin", "energy", "autoencoder", "tree", "texture")


def guard(**limits: tuple[str, int]) -> Guard:
    """Of two classes, with limits as given and the others off."""
    table = drawn.guard(np.random.default_rng(1)).model_dump()
    table |= {"classes": 2, "embedding": 2, "autoencoder": None, "tree": None, "texture": None}
    table["energy"] = energy.table(0.5).model_dump()
    table["engineered"] = {"height": PX, "width": PX, "channels": 1, "rows": 1, "columns": 1}
    kinds = {name: limits.get(name, ("off", 0)) for name in SIGNALS}
    table["limits"] = {name: {"kind": k, "threshold": at} for name, (k, at) in kinds.items()}
    return Guard.model_validate(table)


def test_the_energy_is_the_guards() -> None:
    logits = np.random.default_rng(2).integers(-128, 128, (50, 6)).astype(np.int8)
    table = energy.table(0.1)
    found = twin_of.energy(table, tf.constant(logits, tf.float32))
    assert np.allclose(found, energy.score(table, logits), atol=4.0)


def test_the_autoencoders_error_is_the_guards() -> None:
    """But for what is rounded on the way, which the guard does and the twin does not."""
    dice = np.random.default_rng(3)
    seen = (dice.normal(0, 30, (400, 4)) @ dice.normal(0, 0.5, (4, 12))).clip(-128, 127)
    embeddings = np.rint(seen).astype(np.int8)
    coder = a_coder(dice)
    found = twin_of.autoencoder(coder, tf.constant(embeddings, tf.float32)).numpy()
    exact_score = autoencoder.score(coder, embeddings)
    assert np.corrcoef(found, exact_score)[0, 1] > 0.999
    assert np.median(np.abs(found / exact_score - 1)) < 0.05


def a_coder(dice: np.random.Generator) -> autoencoder.Autoencoder:
    """12 to 4 and back, at scales that fill int8."""
    forth = drawn.dense(dice, 12, 4, lowest=False).model_dump()
    back = drawn.dense(dice, 4, 12, lowest=False).model_dump()
    for layer, factor in ((forth, 1 / 300), (back, 1 / 200)):
        layer["multiplier"], layer["shift"] = dense.fixed_point(factor)
        layer |= {"zero_point": 3, "lowest": -128}
        layer["biases"] = np.zeros(len(layer["biases"]), np.int64)
    return autoencoder.Autoencoder.model_validate({"encoder": forth, "decoder": back})


def test_the_texture_is_the_guards_forwards_and_has_a_gradient_backwards() -> None:
    form = Engineered(height=12, width=10, channels=2, rows=1, columns=1)
    dice = np.random.default_rng(4)
    inputs = dice.integers(-60, 60, (80, 12, 10, 2)).astype(np.int8)
    table = texture.fit(texture.counts(form, inputs, octaves=2, stride=1), octaves=2, stride=1)
    at = tf.constant(inputs + dice.uniform(-0.49, 0.49, inputs.shape), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(at)
        found = twin_of.texture(table, form, at)
    exact_score = texture.score(table, form, inputs)
    assert np.allclose(found, exact_score, rtol=0.02)
    slope = tape.gradient(found, at)
    assert np.all(np.isfinite(slope)) and np.mean(slope != 0) > 0.5


def test_a_hinge_is_open_exactly_where_the_guard_rejects_with_room_to_spare() -> None:
    table = guard(margin=("at_least", 10), energy=("at_most", LIMIT_STEPS * 256))
    logits = np.array([[-5, 3], [-5, 6], [-5, 14], [-5, 60], [0, 18]], np.int8)
    seen = Seen(*(tf.constant(logits, tf.float32),) * 2, tf.zeros((5, PX, PX, 1)))
    inputs = np.zeros((5, PX, PX, 1), np.int8)
    judged = reference.judge(table, logits, logits, inputs)
    open_ = Surrogate(table).hinges(seen).numpy() > 0
    assert np.array_equal(open_, [True, False, False, True, False])
    assert np.all(open_[~judged.accepted])


def seen(x: Any) -> Seen:
    """A bright picture says class 1, by up to 100 steps."""
    lead = 400.0 * (tf.reduce_mean(tf.reshape(x, [len(x), -1]), axis=1) - 0.5)
    logits = tf.stack([-lead / 2, lead / 2], axis=1)
    return Seen(logits, logits, x)


def pictures() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """A little dark: of class 0."""
    drawn_at = np.random.default_rng(5).integers(118, 126, (COUNT, PX, PX, 1))
    return drawn_at.astype(np.uint8), np.zeros(COUNT, np.int64)


@pytest.mark.parametrize("loss", [ON_HARM, ON_HARM_BY_CROSS_ENTROPY, ON_HARM_TOWARDS, ON_LIKENESS])
def test_it_stops_where_the_guard_still_accepts(loss: int) -> None:
    """The guard rejects a wrong answer of too much energy, into which a plain attack runs."""
    table = guard(energy=("at_most", 2000))
    raw, y = pictures()
    x = THREAT.signal(tf.constant(raw))
    radius = THREAT.radius(x, 0.2)
    joint = JointClimber(seen, table, THREAT, x, 2)
    guides = tf.constant([[-6.0, 6.0]] * COUNT)
    moved = joint.climb(x, y, radius, [1, 2], guides, loss, 20, 0, 0.05, False)
    plain = Climber(lambda z: seen(z).logits, THREAT, x).falling(
        x, y, radius, [1, 2], True, 20, True, False
    )
    for found, accepted in ((moved, True), (plain, False)):
        said = np.rint(seen(THREAT.signal(THREAT.realise(found))).logits).astype(np.int8)
        judged = reference.judge(table, said, said, np.zeros((COUNT, PX, PX, 1), np.int8))
        assert np.all(judged.label == 1) and np.all(judged.accepted == accepted)
    assert np.all(np.abs(THREAT.realise(moved).astype(int) - raw) <= 51)


def halves(x: Any) -> Seen:
    """A bright upper half says class 1, a bright lower half class 2, less readily."""
    rows = tf.reduce_mean(tf.reshape(x, [len(x), 2, -1]), axis=2) - 0.5
    logits = tf.stack([tf.zeros(len(x)), 400.0 * rows[:, 0], 400.0 * rows[:, 1] - 6.0], axis=1)
    return Seen(logits, logits, x)


@pytest.mark.parametrize(("rank", "goal"), [(0, 1), (1, 2)])
def test_each_of_its_aims_is_another_wrong_answer(rank: int, goal: int) -> None:
    """And what it finds there is accepted: an answer needs a lead."""
    table = guard(margin=("at_least", 4))
    raw, y = pictures()
    x = THREAT.signal(tf.constant(raw))
    joint = JointClimber(halves, table, THREAT, x, 3)
    radius, guides = THREAT.radius(x, 0.1), tf.zeros([COUNT, 3])
    moved = joint.climb(x, y, radius, [1, 2], guides, ON_HARM_TOWARDS, 20, rank, 0.05, False)
    logits = np.asarray(halves(moved).logits)
    assert np.all(logits.argmax(axis=1) == goal)
    assert np.all(np.diff(np.sort(logits, axis=1))[:, -1] >= 4)


def said_by(shift: int) -> Any:
    """An artefact whose boundary lies elsewhere than its twin's."""

    def ask(raw: NDArray[Any]) -> tuple[Outputs, Judgement]:
        logits = np.asarray(seen(THREAT.signal(tf.constant(raw))).logits) + [shift, 0]
        outputs = Outputs(np.rint(logits).clip(-128, 127).astype(np.int8), np.zeros((1, 1)))
        return outputs, unguarded(outputs)

    return ask


def test_forwards_the_exact_twin_is_the_artefact_and_backwards_the_white_box() -> None:
    raw, _ = pictures()
    x, ask = THREAT.signal(tf.constant(raw)), said_by(7)
    path = exact.twin(lambda z: seen(z).logits, ask, THREAT, scale=0.37, zero_point=-4)
    slopes = []
    for view in (path, lambda z: seen(z).logits):
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = view(x)
            value = outputs[:, 1]
        slopes.append(tape.gradient(value, x))
    expected = (ask(raw)[0].logits.astype(np.float32) + 4) * np.float32(0.37)
    assert np.array_equal(path(x), expected)
    assert np.array_equal(*slopes)


def test_on_the_exact_twin_an_attack_keeps_what_is_worst_for_the_artefact() -> None:
    raw, y = pictures()
    x, ask = THREAT.signal(tf.constant(raw)), said_by(40)
    path = exact.twin(lambda z: seen(z).logits, ask, THREAT, scale=1.0, zero_point=0)
    run = tf.function(
        lambda: ascend(
            x,
            tf.constant(y),
            logits=path,
            loss=margin,
            threat=THREAT,
            radius=THREAT.radius(x, 0.2),
            steps=10,
            seed=tf.constant([1, 2]),
        )
    )
    assert np.all(ask(raw)[0].label == 0)
    assert np.all(ask(THREAT.realise(run()))[0].label == 1)


def test_a_guide_is_the_nearest_accepted_and_right_one_of_another_class() -> None:
    embedding = np.array([[0], [3], [5], [9], [1]], np.int8)
    y = np.array([0, 1, 1, 1, 1])
    names = np.array(list("abcde"))
    split = Split(np.zeros((5, 2)), y, names, names, ("no", "yes"))

    def ask(_: NDArray[Any]) -> tuple[Outputs, Judgement]:
        logits = np.array([[1, 0], [0, 1], [0, 1], [0, 1], [1, 0]], np.int8)  # the last errs
        found = unguarded(Outputs(logits, embedding))
        found.decision[1] = Decision.REJECT
        return Outputs(logits, embedding), found

    guides = Guides(ask, split)
    places = np.array([0, 3])
    assert guides.of(places, 0).tolist() == [[5], [0]]
    assert guides.of(places, 1).tolist() == [[9], [0]]
