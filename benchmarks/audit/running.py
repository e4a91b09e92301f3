"""The audit itself: ART and Foolbox on one task's model, and ours beside them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.audit.space import Space
from palisade import edge, splits, stage, whitebox
from palisade.attacks import shares
from palisade.backend import tf
from palisade.edge import Edge
from palisade.errors import PalisadeError
from palisade.evaluation import audited, verdicts
from palisade.evaluation.rates import rate
from palisade.progress import say
from palisade.splits import Split
from palisade.tables import read_csv

import foolbox  # isort: skip
from art.attacks.evasion import AutoProjectedGradientDescent, SquareAttack  # isort: skip
from art.estimators.classification import (  # isort: skip
    BlackBoxClassifierNeuralNetwork,
    TensorFlowV2Classifier,
)

TOLERANCE = 0.01  # by which our worst case may be higher than theirs
BATCH = 64
CLEAN, RATIO = "clean", "art_apgd_logits_ratio"
SQUARE = "art_square_on_int8"
PICTURE_AXES = 4  # of a batch
RATIO_CLASSES = 3  # the ratio's denominator takes the third largest logit
Attack = Callable[[Space, NDArray[Any], NDArray[np.int64], int], NDArray[Any]]


def audit(task: str, chosen: argparse.Namespace) -> dict[str, Any]:
    """Theirs and ours at the reference budget, on the same examples."""
    this = stage.enter("attack", task, chosen.project)
    folder = chosen.data / task if chosen.data else chosen.project / f"data/prepared/{task}"
    test = splits.load(folder / "test.npz")
    picked = np.random.default_rng(chosen.seed).permutation(len(test))[: chosen.examples]
    grid, box = shares.budgets(this), whitebox.of(this)
    target = shares.target(this, box, shares.DEFENDED, len(test.labels))
    examples = test.take(np.sort(picked))
    x = box.threat.signal(tf.constant(examples.x))
    space = Space(target.logits, box.threat, x, box.threat.radius(x, grid.reference))
    right = {CLEAN: target.judge(examples.x).label == examples.y}
    for name, attack in ATTACKS.items():
        if name == RATIO and space.classes < RATIO_CLASSES:
            continue
        found = attack(space, space.start(), examples.y, chosen.steps)
        raw = box.threat.realise(space.signal(found))
        space.demand_inside(found)
        right[name] = target.judge(raw).label == examples.y
        say(f"{task} {name}: {right[name].mean():.3f} right")
    if space.bounds and x.shape.ndims == PICTURE_AXES:  # of no other signal does ART's Square know
        device = edge.of(this, "models/{key}/model.tflite")
        found = _square(space, device, examples.y, chosen.queries)
        space.demand_inside(found)
        raw = box.threat.realise(space.signal(found))
        right[SQUARE] = target.judge(raw).label == examples.y
        say(f"{task} {SQUARE}: {right[SQUARE].mean():.3f} right")
    ours = _ours(chosen, task, test, grid.name(grid.reference))[np.sort(picked)]
    model = audited.sha256(this.dep("models/{key}/model.tflite"))
    return {**_figures(right, ours), "model_sha256": model}


def _figures(right: Mapping[str, NDArray[np.bool_]], ours: NDArray[np.bool_]) -> dict[str, Any]:
    theirs = np.logical_and.reduce([right[name] for name in right if name != CLEAN])
    both = rate(ours), rate(theirs)
    return {
        **{name: float(np.mean(values)) for name, values in right.items()},
        "n": len(ours),
        "ours": both[0].value,
        "ours_interval": [both[0].low, both[0].high],
        "theirs": both[1].value,
        "theirs_interval": [both[1].low, both[1].high],
        "broken_by_theirs_alone": int(np.count_nonzero(ours & ~theirs)),
        "broken_by_ours_alone": int(np.count_nonzero(theirs & ~ours)),
        "holds": bool(both[0].value <= both[1].value + TOLERANCE),
    }


def _ours(chosen: argparse.Namespace, task: str, test: Split, budget: str) -> NDArray[np.bool_]:
    """``[n]`` our worst case, from the verdicts that the pipeline recorded."""
    path = Path(chosen.project) / f"metrics/{task}/detail/verdicts.csv"
    if {row["examples"] for row in read_csv(path)} != {verdicts.digest(test)}:
        raise PalisadeError(f"{path} is of other examples", "run `dvc repro` again")
    return verdicts.Table(verdicts.read(path)).worst_case(shares.DEFENDED, budget)


def _apgd(loss: str) -> Attack:
    def attack(space: Space, z: NDArray[Any], y: NDArray[np.int64], steps: int) -> NDArray[Any]:
        classifier = TensorFlowV2Classifier(
            model=space,
            nb_classes=space.classes,
            input_shape=z.shape[1:],
            loss_object=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            clip_values=space.bounds,
        )
        apgd = AutoProjectedGradientDescent(
            classifier,
            norm=space.norm,
            eps=1.0,
            eps_step=2.0,  # Croce and Hein, arXiv:2003.01690
            max_iter=steps,
            nb_random_init=1,
            batch_size=BATCH,
            loss_type=loss,
            verbose=False,
        )
        np.random.seed(0)
        return np.asarray(apgd.generate(z, y))

    return attack


def _foolbox(space: Space, z: NDArray[Any], y: NDArray[np.int64], steps: int) -> NDArray[Any]:
    low, high = space.bounds or (-1e9, 1e9)
    model = foolbox.TensorFlowModel(space, bounds=(low, high))
    kind = foolbox.attacks.LinfPGD if space.norm == np.inf else foolbox.attacks.L2PGD
    attack = kind(steps=steps, rel_stepsize=2.5 / steps)  # Madry et al., arXiv:1706.06083
    tf.random.set_seed(0)
    found = []
    for start in range(0, len(z), BATCH):
        part = slice(start, start + BATCH)
        labels = tf.constant(y[part], tf.int64)
        _, clipped, _ = attack(model, tf.constant(z[part]), labels, epsilons=1.0)
        found.append(clipped.numpy())
    return np.concatenate(found)


def _square(space: Space, device: Edge, y: NDArray[np.int64], queries: int) -> NDArray[Any]:
    """By the artefact's own answers to what the sensor would deliver, with no gradient."""
    z = space.start()

    def scores(z: NDArray[Any]) -> NDArray[np.float32]:
        raw = space.threat.realise(space.signal(z))
        return device.artefact.litert(device.inputs(raw)).logits.astype(np.float32)

    estimator = BlackBoxClassifierNeuralNetwork(
        scores, z.shape[1:], space.classes, clip_values=space.bounds, channels_first=False
    )
    attack = SquareAttack(estimator, max_iter=queries, eps=1.0, batch_size=BATCH, verbose=False)
    np.random.seed(0)
    return np.asarray(attack.generate(z, y))


ATTACKS: dict[str, Attack] = {
    "art_apgd_cross_entropy": _apgd("cross_entropy"),
    RATIO: _apgd("difference_logits_ratio"),
    "foolbox_pgd": _foolbox,
}


def versions() -> dict[str, str]:
    """Of the libraries."""
    return {name: version(name) for name in ("adversarial-robustness-toolbox", "foolbox")}


def table(found: Mapping[str, Mapping[str, Any]]) -> str:
    """For a terminal."""
    columns = ("n", "clean", *ATTACKS, SQUARE, "theirs", "ours", "holds")
    rows = [["task", *columns]]
    for task, one in found.items():
        rows.append([task, *(_shown(one.get(column, "-")) for column in columns)])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )


def _shown(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
