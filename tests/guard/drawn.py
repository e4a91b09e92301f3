"""Guards and inputs drawn at random, extremes among them, for the tests of guard and device."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier

from palisade.guard import energy, engineered, texture, tree
from palisade.guard.autoencoder import Autoencoder
from palisade.guard.consistency import Consistency
from palisade.guard.dense import Dense, fixed_point
from palisade.guard.engineered import Engineered
from palisade.guard.tables import Guard, Limit, Limits
from palisade.guard.texture import Texture
from palisade.guard.tree import Tree

Rng = np.random.Generator
Int8s = NDArray[np.int8]
KINDS = ("off", "at_least", "at_most")
PATTERNS = 8


@dataclass(frozen=True)
class Answers:
    """What a network may say: ``[n, classes]``, ``[n, d]``, ``[n, h, w, c]``."""

    logits: Int8s
    embedding: Int8s
    features: Int8s


def rows(rng: Rng, n: int, width: int) -> Int8s:
    """``[n, width]`` of eight kinds in turn: random, near, tied, constant, and at the ends."""
    found = rng.integers(-128, 128, (n, width)).astype(np.int8)
    kind = np.arange(n) % PATTERNS
    found[kind == 1] = -128
    found[kind == 2] = 127
    found[kind == 3] = rng.integers(-128, 128, (int((kind == 3).sum()), 1))
    found[kind == 4] = rng.integers(-2, 3, (int((kind == 4).sum()), width))
    found[kind == 5] = rng.choice(np.array([-128, 127]), (int((kind == 5).sum()), width))
    found[kind == 6, 0] = 127
    found[kind == 7, -1] = -128
    return found


def answers(rng: Rng, guard: Guard, n: int) -> Answers:
    """What a network might say to a guard, in no order."""
    grid = guard.engineered
    some = [
        rng.permutation(rows(rng, n, width))
        for width in (guard.classes, guard.embedding, grid.inputs)
    ]
    shape = (n, grid.height, grid.width, grid.channels)
    return Answers(some[0], some[1], some[2].reshape(shape))


def grid(rng: Rng) -> Engineered:
    """A small input with any grid over it."""
    height, width, channels = (int(n) for n in rng.integers(1, (14, 10, 4)))
    return Engineered(
        height=height,
        width=width,
        channels=channels,
        rows=int(rng.integers(1, height + 1)),
        columns=int(rng.integers(1, width + 1)),
    )


def dense(rng: Rng, inputs: int, outputs: int, *, lowest: bool) -> Dense:
    """A layer whose results fill int8 and pass its ends, or, now and then, one of extremes."""
    extreme = rng.random() < 0.2
    multiplier, shift = fixed_point(float(rng.uniform(0.2, 4) / 128 / inputs**0.5))
    if rng.random() < 0.3:  # a power of two, so that halves have to be rounded
        multiplier, shift = 2**30, int(rng.integers(36, 42))
    zero_point = int(rng.integers(-128, 128))
    bias = 2**31 - 1 if extreme else 20000
    return Dense(
        inputs=inputs,
        outputs=outputs,
        weights=rng.choice([-128, 127], outputs * inputs)
        if extreme
        else rng.integers(-128, 128, outputs * inputs),
        biases=rng.integers(-bias - 1, bias + 1, outputs),
        multiplier=int(rng.choice([0, 2**31 - 1])) if extreme else multiplier,
        shift=int(rng.choice([1, 62])) if extreme else shift,
        zero_point=zero_point,
        lowest=zero_point if lowest else -128,
    )


def network(rng: Rng, width: int) -> Autoencoder:
    """An autoencoder of random numbers."""
    hidden = int(rng.integers(1, 65))
    return Autoencoder(
        encoder=dense(rng, width, hidden, lowest=True),
        decoder=dense(rng, hidden, width, lowest=False),
    )


def fitted(rng: Rng, table: Engineered, classes: int) -> tuple[DecisionTreeClassifier, Tree]:
    """A tree grown on random inputs with labels that follow one feature."""
    x = engineered.features(table, rows(rng, 300, table.inputs))
    y = (x[:, int(rng.integers(table.count))] + rng.integers(0, 40, 300)) // 20 % classes
    grown = DecisionTreeClassifier(max_depth=int(rng.integers(1, 13)), random_state=0).fit(x, y)
    return grown, tree.from_sklearn(grown, least_share=float(rng.uniform(0.01, 0.6)))


def textured(rng: Rng, form: Engineered) -> Texture | None:
    """A texture of random inputs, or of extreme numbers; None where nothing can differ."""
    each = texture.size(form, 1)
    if each == 0:
        return None
    octaves = int(rng.integers(1, 1 + min(texture.MOST_OCTAVES, texture.MOST_COUNTS // each)))
    stride, size = int(rng.integers(1, 5)), each * octaves
    if rng.random() < 0.7:
        some = texture.counts(form, rows(rng, 300, form.inputs), octaves=octaves, stride=stride)
        return texture.fit(some, octaves=octaves, stride=stride)
    return Texture(
        octaves=octaves,
        stride=stride,
        means_q8=rng.choice([0, texture.LARGEST_MEAN_Q8, rng.integers(20000)], size),
        weights=rng.choice([-32768, 32767, rng.integers(-999, 999)], size * (size + 1) // 2),
        shifts=rng.choice([1, 62, rng.integers(1, 30)], size),
    )


def guard(rng: Rng, *, whole: bool = True) -> Guard:
    """A guard of random tables; not ``whole``: some signals are left out."""
    classes = int(rng.choice([2, 32, rng.integers(2, 33)]))
    embedding = int(rng.choice([1, 128, rng.integers(1, 129)], p=[0.1, 0.2, 0.7]))
    table = grid(rng)

    def kept() -> bool:
        return whole or rng.random() < 0.5

    def limit(low: int, high: int) -> Limit:
        kind = KINDS[rng.integers(len(KINDS))]
        return Limit(kind=kind, threshold=int(rng.integers(low, high)))

    window = int(rng.integers(1, 9))
    return Guard(
        schema_version=1,
        classes=classes,
        embedding=embedding,
        engineered=table,
        limits=Limits(
            margin=limit(0, 100),
            energy=limit(-(2**15), 2**15),
            autoencoder=limit(0, embedding * 10000),
            tree=Limit(kind="at_least", threshold=1),
            texture=limit(0, 2**16),
        ),
        energy=energy.table(float(rng.uniform(0.001, 2))) if kept() else None,
        autoencoder=network(rng, embedding) if kept() else None,
        tree=fitted(rng, table, classes)[1] if kept() else None,
        texture=textured(rng, table) if kept() else None,
        consistency=Consistency(
            window=window,
            needed=int(rng.integers(1, window + 1)),
            forget_after=int(rng.integers(1, 5)),
        )
        if kept()
        else None,
    )
