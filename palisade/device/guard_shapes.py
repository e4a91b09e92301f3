"""Guards drawn at random, and runs of the guard's functions on them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from palisade.device import work
from palisade.device.case import Case, Rng, int8s, whole
from palisade.device.trial import CALLBACKS, Trial
from palisade.guard import energy
from palisade.guard.autoencoder import Autoencoder
from palisade.guard.consistency import LONGEST
from palisade.guard.dense import Dense, fixed_point
from palisade.guard.engineered import Engineered
from palisade.guard.tables import Guard, Limit, Limits
from palisade.guard.texture import MOST_COUNTS, MOST_OCTAVES, Texture, size
from palisade.guard.tree import Tree

OFF = Limit(kind="off", threshold=0)


def look(rng: Rng) -> Case:
    """The companion tree, all of whose questions are asked."""
    drawn = guard(rng, questions=whole(rng, 1, 12))
    assert drawn.tree is not None
    return _look(rng, drawn, drawn.tree.feature.tolist())


def look_at_texture(rng: Rng) -> Case:
    """The texture of an input."""
    return _look(rng, guard(rng, textured=True), [])


def _look(rng: Rng, drawn: Guard, questions: list[int]) -> Case:
    features = int8s(rng, drawn.engineered.inputs)
    return Case(
        work.LOOK,
        work.look(drawn, questions),
        lambda trial: trial.look(drawn, features).instructions,
    )


def judge(rng: Rng) -> Case:
    """A judgement, with or without each signal, of an answer that is sure.

    What is less so costs some instructions more, by how close the logits are.
    """
    drawn = guard(rng, scores=rng.random() < 0.5, network=rng.random() < 0.5)
    logits, embedding = np.minimum(int8s(rng, drawn.classes), 0), int8s(rng, drawn.embedding)
    logits[0] = 127
    return Case(
        work.JUDGE,
        work.judge(drawn),
        lambda trial: trial.judge(drawn, logits, embedding).instructions,
    )


def settle(rng: Rng) -> Case:
    """A label that flips, with a full history."""
    window = whole(rng, 2, LONGEST)
    rule = {"window": window, "needed": window, "forget_after": 1}
    history = {"labels": [1] * LONGEST, "count": window, "next": window - 1}
    return Case(
        work.SETTLE,
        work.settle(window),
        lambda trial: trial.settle(rule, history, 2).instructions,
    )


def step(rng: Rng) -> Case:
    """A step without what it calls, on an answer that warrants the action."""
    drawn = guard(rng)
    logits, features = int8s(rng, drawn.classes), int8s(rng, drawn.engineered.inputs)
    logits[0] = 127
    embedding = np.zeros(drawn.embedding, np.int8)

    def run(trial: Trial) -> int:
        called = trial.look(drawn, features).instructions
        called += trial.judge(drawn, logits, embedding).instructions
        return trial.step(drawn, logits, features).instructions - called - CALLBACKS

    return Case(work.STEP, work.step(drawn.classes), run)


def attest(rng: Rng) -> Case:
    """A model that is what it should be."""
    model = rng.bytes(whole(rng, 1, 4000))
    return Case(
        work.ATTEST, work.attest(len(model)), lambda trial: trial.attest(model).instructions
    )


def guard(
    rng: Rng,
    *,
    scores: bool = False,
    network: bool = False,
    questions: int = 0,
    textured: bool = False,
) -> Guard:
    """A guard that rejects nothing."""
    embedding, hidden = whole(rng, 8, 128), whole(rng, 2, 64)
    least = 2 ** (MOST_OCTAVES - 1) + 1 if textured else 2  # no octave has nothing to compare
    height, width, channels = whole(rng, least, 40), whole(rng, least, 40), whole(rng, 1, 3)
    if textured and rng.random() < 0.25:
        width = 1
    grid = Engineered(
        height=height,
        width=width,
        channels=channels,
        rows=whole(rng, 1, min(height, 8)),
        columns=whole(rng, 1, min(width, 8)),
    )
    return Guard(
        schema_version=1,
        classes=whole(rng, 2, 32),
        embedding=embedding,
        engineered=grid,
        limits=Limits(margin=OFF, energy=OFF, autoencoder=OFF, tree=OFF, texture=OFF),
        energy=energy.table(float(rng.uniform(0.05, 0.2))) if scores else None,
        autoencoder=Autoencoder(
            encoder=dense(rng, embedding, hidden), decoder=dense(rng, hidden, embedding)
        )
        if network
        else None,
        tree=chain(rng.integers(0, grid.count, questions)) if questions else None,
        texture=texture_of(rng, grid) if textured else None,
        consistency=None,
    )


def dense(rng: Rng, inputs: int, outputs: int) -> Dense:
    """A layer whose results fill int8."""
    multiplier, shift = fixed_point(1 / 128 / inputs**0.5)
    return Dense(
        inputs=inputs,
        outputs=outputs,
        weights=int8s(rng, outputs * inputs),
        biases=rng.integers(-1000, 1000, outputs).astype(np.int32),
        multiplier=multiplier,
        shift=shift,
        zero_point=0,
        lowest=-128,
    )


def texture_of(rng: Rng, form: Engineered) -> Texture:
    """A texture of such an input: any octaves that there is room for, any stride."""
    octaves = whole(rng, 1, min(MOST_OCTAVES, MOST_COUNTS // size(form, 1)))
    counts = size(form, octaves)
    return Texture(
        octaves=octaves,
        stride=whole(rng, 1, 4),
        means_q8=rng.integers(0, 256 * form.inputs // 8, counts).astype(np.int32),
        weights=rng.integers(-(2**15), 2**15, counts * (counts + 1) // 2).astype(np.int16),
        shifts=rng.integers(16, 30, counts).astype(np.uint8),
    )


def chain(features: NDArray[np.int64]) -> Tree:
    """A tree that asks for each of these features in turn, whatever the answer."""
    inner = len(features)
    right = np.arange(1, inner + 1, dtype=np.int16)
    right[-1] = -1 - inner
    return Tree(
        feature=features.astype(np.uint16),
        threshold=np.full(inner, -(2**31), np.int32),
        left=-1 - np.arange(inner, dtype=np.int16),
        right=right,
        label=np.zeros(inner + 1, np.uint8),
        plausible=np.ones(inner + 1, np.uint32),
    )
