"""Methods that take turns against the clock."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.speed.victim import PIXEL_SCALE, Victim, find
from palisade.attacks.ascent import ascend
from palisade.attacks.losses import cross_entropy
from palisade.attacks.square import search
from palisade.backend import keras, tf
from palisade.parallel import each, workers
from palisade.progress import say

import foolbox  # isort: skip
from art.attacks.evasion import ProjectedGradientDescent, SquareAttack  # isort: skip
from art.estimators.classification import (  # isort: skip
    BlackBoxClassifierNeuralNetwork,
    TensorFlowV2Classifier,
)

BATCH = 100
STEP = 1 / 4  # of epsilon, for constant steps
OURS = "ours"
OVER_CORES = "ours_over_cores"  # as the battery searches: shares of the examples in processes
Method = Callable[[NDArray[Any], NDArray[np.int64]], NDArray[Any]]


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """Samples a second of each method, and what it left right."""
    tf.random.set_seed(0)  # Foolbox draws from the global generator
    victim = find(chosen)
    found = {
        "how": {
            "batch": BATCH,
            "epsilon_linf": chosen.epsilon,
            "model": victim.name,
            "pictures": len(victim.x),
            "rounds": chosen.rounds,
            "steps": chosen.steps,
            "versions": {
                name: version(name) for name in ("adversarial-robustness-toolbox", "foolbox")
            },
        },
        "pgd": _pgd(victim, chosen),
    }
    if chosen.square_queries:
        found["square"] = _square(victim, chosen)
    return found


def _pgd(victim: Victim, chosen: argparse.Namespace) -> dict[str, Any]:
    x, y = victim.x / np.float32(PIXEL_SCALE), victim.y
    eps, steps = chosen.epsilon, chosen.steps
    wrapped = tf.function(lambda x, training=False: victim.model(x, training=training))
    methods: dict[str, Method] = {
        OURS: _ours(victim, eps, steps),
        "art": _art(victim.model, victim, eps, steps),
        "foolbox": _foolbox(victim.model, eps, steps),
        "art_in_tf_function": _art(wrapped, victim, eps, steps),
        "foolbox_in_tf_function": _foolbox(wrapped, eps, steps),
    }
    for method in methods.values():
        method(x[:BATCH], y[:BATCH])  # compiles
    found = take_turns({name: _bound(m, x, y) for name, m in methods.items()}, chosen.rounds)
    left = {n: float(np.mean(_labels(victim, turns.given) == y)) for n, turns in found.items()}
    return {
        "accuracy": {"clean": float(np.mean(_labels(victim, x) == y)), **left},
        "accuracies_within_a_point": bool(max(left.values()) - min(left.values()) <= 0.01),
        "samples_a_second": {n: len(x) / median(turns.wall_s) for n, turns in found.items()},
        "times_as_long_as_ours": ratios(found),
    }


@dataclass
class Turns:
    """What a method took, round by round, and what it gave last.

    Attributes:
        wall_s: seconds on the clock, which other work on the machine lengthens.
        cpu_s: seconds of processors, over all threads.
        given: the last result.
    """

    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    given: Any = None


def take_turns(methods: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, Turns]:
    """Every method once a round."""
    found = {name: Turns() for name in methods}
    for number in range(rounds):
        for name, method in methods.items():
            wall, cpu = time.perf_counter(), time.process_time()
            found[name].given = method()
            found[name].wall_s.append(time.perf_counter() - wall)
            found[name].cpu_s.append(time.process_time() - cpu)
            say(f"round {number + 1}, {name}: {found[name].wall_s[-1]:.1f} s")
    return found


def ratios(found: Mapping[str, Turns]) -> dict[str, dict[str, float]]:
    """How many times as long as ours each other method took: medians over rounds."""
    ours = found[OURS]
    return {
        name: {"wall": wall_ratio(turns, ours), "cpu": _ratio(turns.cpu_s, ours.cpu_s)}
        for name, turns in found.items()
        if name != OURS
    }


def wall_ratio(one: Turns, other: Turns) -> float:
    """How many times as long as the other it took on the clock: median over rounds."""
    return _ratio(one.wall_s, other.wall_s)


def _ratio(one: Sequence[float], other: Sequence[float]) -> float:
    return median(a / b for a, b in zip(one, other, strict=True))


def _bound(method: Method, x: NDArray[Any], y: NDArray[np.int64]) -> Callable[[], NDArray[Any]]:
    return lambda: method(x, y)


def _labels(victim: Victim, x: NDArray[Any]) -> NDArray[np.int64]:
    return np.asarray(np.argmax(victim.model.predict(x, BATCH, verbose=0), axis=1))


def _batches(count: int) -> list[slice]:
    return [slice(start, start + BATCH) for start in range(0, count, BATCH)]


def _ours(victim: Victim, eps: float, steps: int) -> Method:
    @tf.function
    def climb(x: Any, y: Any, seed: Any) -> Any:
        return ascend(
            x,
            y,
            logits=victim.logits,
            loss=cross_entropy,
            threat=victim.threat,
            radius=tf.fill([tf.shape(x)[0]], tf.constant(eps, tf.float32)),
            steps=steps,
            seed=seed,
        )

    def run(x: NDArray[Any], y: NDArray[np.int64]) -> NDArray[Any]:
        seeds = [tf.constant([0, part.start]) for part in _batches(len(x))]
        parts = zip(_batches(len(x)), seeds, strict=True)
        found = [climb(tf.constant(x[p]), tf.constant(y[p]), seed).numpy() for p, seed in parts]
        return np.concatenate(found)

    return run


def _art(model: Any, victim: Victim, eps: float, steps: int) -> Method:
    classifier = TensorFlowV2Classifier(
        model=model,
        nb_classes=int(victim.model.output_shape[-1]),
        input_shape=victim.x.shape[1:],
        loss_object=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        clip_values=(0.0, 1.0),
    )
    attack = ProjectedGradientDescent(
        classifier,
        eps=eps,
        eps_step=eps * STEP,
        max_iter=steps,
        num_random_init=1,
        batch_size=BATCH,
        verbose=False,
    )
    return lambda x, y: np.asarray(attack.generate(x, y))


def _foolbox(model: Any, eps: float, steps: int) -> Method:
    bound = foolbox.TensorFlowModel(model, bounds=(0, 1))
    attack = foolbox.attacks.LinfPGD(steps=steps, rel_stepsize=STEP)

    def run(x: NDArray[Any], y: NDArray[np.int64]) -> NDArray[Any]:
        found = []
        for part in _batches(len(x)):
            given = tf.constant(x[part]), tf.constant(y[part], tf.int64)
            found.append(attack(bound, *given, epsilons=eps)[1].numpy())
        return np.concatenate(found)

    return run


@dataclass(frozen=True)
class _Search:
    """Square on a share of the pictures, in this process or in a worker, which finds its own."""

    chosen: argparse.Namespace
    pictures: slice

    def __call__(self) -> NDArray[Any]:
        """``[n, ...]`` what it ends at, in [0, 1]."""
        victim, chosen = find(self.chosen), self.chosen
        y = victim.y[self.pictures]

        def score(tried: NDArray[Any], places: NDArray[np.intp]) -> NDArray[np.float64]:
            found = victim.artefact.litert(victim.inputs(tried)).logits.astype(np.float64)
            rows, true = np.arange(len(tried)), y[places]
            right, own = found.argmax(1) == true, found[rows, true]
            found[rows, true] = -np.inf
            return np.where(right, 1 + own - found.max(1), 0.0)

        found = search(
            victim.x[self.pictures],
            score=score,
            threat=victim.threat,
            budget=chosen.epsilon,
            queries=chosen.square_queries,
            seed=0,
        )
        return found.raw / np.float32(PIXEL_SCALE)


def _square(victim: Victim, chosen: argparse.Namespace) -> dict[str, Any]:
    """On LiteRT's int8, pictures rounded to whole pixel values by both."""
    count, queries = chosen.square_pictures, chosen.square_queries
    x, y = victim.x[:count] / np.float32(PIXEL_SCALE), victim.y[:count]

    def scores(x: NDArray[Any]) -> NDArray[np.float32]:
        realised = victim.threat.realise(x)
        return victim.artefact.litert(victim.inputs(realised)).logits.astype(np.float32)

    estimator = BlackBoxClassifierNeuralNetwork(
        scores,
        x.shape[1:],
        int(victim.model.output_shape[-1]),
        clip_values=(0.0, 1.0),
        channels_first=False,
    )
    attack = SquareAttack(
        estimator, max_iter=queries, eps=chosen.epsilon, batch_size=BATCH, verbose=False
    )
    edges = np.linspace(0, count, workers() + 1).astype(int)
    shares = [_Search(chosen, slice(a, b)) for a, b in pairwise(edges.tolist())]

    def over_cores() -> NDArray[Any]:
        return np.concatenate(each(_run, shares, "Square"))

    over_cores()  # starts the workers, which find their victims
    np.random.seed(0)
    found = take_turns(
        {
            OURS: _Search(chosen, slice(0, count)),
            OVER_CORES: over_cores,
            "art": lambda: np.asarray(attack.generate(x.copy(), y)),
        },
        chosen.rounds,
    )
    left = {n: float(np.mean(scores(turns.given).argmax(1) == y)) for n, turns in found.items()}
    one_process = {name: turns for name, turns in found.items() if name != OVER_CORES}
    return {
        "accuracy": {"clean": float(np.mean(scores(x).argmax(1) == y)), **left},
        "iterations": queries,
        "pictures": count,
        "processes": {OURS: 1, OVER_CORES: len(shares), "art": 1},
        "seconds": {name: median(turns.wall_s) for name, turns in found.items()},
        "times_as_long_as_ours": ratios(one_process),
        "times_as_long_as_ours_over_cores": {
            "art": {"wall": wall_ratio(found["art"], found[OVER_CORES])}
        },
    }


def _run(search: _Search) -> NDArray[Any]:
    return search()


def table(found: Mapping[str, Any]) -> str:
    """For a terminal."""
    how, pgd = found["how"], found["pgd"]
    lines = [
        f"{how['model']}, {how['pictures']} pictures, PGD-{how['steps']}, float32,"
        f" medians of {how['rounds']} rounds",
        f"{'':<24}{'samples/s':>10}{'accuracy':>10}   times as long as ours: clock, processors",
    ]
    for name, rate in pgd["samples_a_second"].items():
        line = f"{name:<24}{rate:>10.1f}{pgd['accuracy'][name]:>10.3f}"
        lines.append(line + _times(pgd["times_as_long_as_ours"].get(name)))
    lines.append(f"accuracies within a point: {pgd['accuracies_within_a_point']}")
    if "square" in found:
        square = found["square"]
        lines.append(f"Square, {square['iterations']} iterations, {square['pictures']} pictures")
        for name, seconds in square["seconds"].items():
            line = f"{name:<24}{seconds:>8.1f} s{square['accuracy'][name]:>10.3f}"
            lines.append(line + _times(square["times_as_long_as_ours"].get(name)))
        than = square["times_as_long_as_ours_over_cores"]["art"]["wall"]
        lines.append(f"ART on the clock, by {OVER_CORES}: {than:.2f}")
    return "\n".join(lines)


def _times(ratio: Mapping[str, float] | None) -> str:
    return f"{ratio['wall']:>10.2f}{ratio['cpu']:>8.2f}" if ratio else ""
