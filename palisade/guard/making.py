"""A task's guard from its model's answers to clean examples: tables first, then limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from sklearn.tree import DecisionTreeClassifier

from palisade import seeds, stage
from palisade.errors import PalisadeError
from palisade.guard import (
    autoencoder,
    calibration,
    energy,
    engineered,
    fitting,
    reference,
    texture,
    tree,
)
from palisade.guard.calibration import Calibrated
from palisade.guard.consistency import Consistency
from palisade.guard.dense import WIDEST_HIDDEN
from palisade.guard.energy import Energy
from palisade.guard.engineered import Engineered
from palisade.guard.judgement import Signal
from palisade.guard.tables import Guard, Limits
from palisade.guard.texture import Texture
from palisade.guard.tree import Tree
from palisade.int8 import Outputs
from palisade.stage import checked

BATCH = 1000  # inputs whose differences are in memory at once
ALL_OFF = Limits(**{signal.name.lower(): calibration.OFF for signal in Signal})


class TreeParams(stage.Params):
    """The companion tree, and the blocks that its features are taken of."""

    rows: int = Field(ge=1, le=64, description="blocks along the input's height or time")
    columns: int = Field(ge=1, le=64, description="blocks along its width or coefficients")
    depth: int = Field(ge=1, le=tree.DEEPEST, description="questions at most")
    leaf_examples: int = Field(ge=1, description="fewest training examples in a leaf")
    least_share: float = Field(
        ge=0, le=1, description="of a leaf's examples, that makes a label plausible there"
    )


class TextureParams(stage.Params):
    """Which neighbours in the input are compared."""

    octaves: int = Field(
        ge=1, le=texture.MOST_OCTAVES, description="over 1, 2, 4 ... elements, so many in all"
    )
    stride: int = Field(ge=1, le=255, description="every so-manieth row and column is looked at")


class Params(stage.Params):
    """What the guard is made of, and how many clean inputs it may reject."""

    false_reject_target: float = Field(
        gt=0, lt=0.5, description="of clean inputs, that all signals together may reject"
    )
    hidden: int = Field(ge=1, le=WIDEST_HIDDEN, description="of the autoencoder")
    temperature: float = Field(gt=0, le=100, description="of the energy score")
    tree: TreeParams
    texture: TextureParams
    consistency: Consistency


@dataclass(frozen=True)
class Answers:
    """What a model made of examples.

    Attributes:
        inputs: ``[n, height, width, channels]`` int8, the network's input.
        outputs: its logits and embeddings.
        y: ``[n]`` true labels.
    """

    inputs: NDArray[np.int8]
    outputs: Outputs
    y: NDArray[np.int64]


@dataclass(frozen=True)
class Scales:
    """What the artefact's integers mean: the logits' scale, the embedding's zero point."""

    logits: float
    embedding_zero_point: int


def make(
    train: Answers, held: Answers, scales: Scales, params: Params, *, seed: int
) -> tuple[Guard, Calibrated]:
    """A guard whose tables come from training examples and whose limits from calibration ones.

    Raises:
        PalisadeError: A param asks for more than the model has, or the calibration examples are
            too few.
    """
    tables = _tables(train, scales, params, seed)
    found = reference.judge(tables, held.outputs.logits, held.outputs.embedding, held.inputs)
    signals = [signal for signal in Signal if tables.has(signal)]
    calibrated = calibration.calibrate(
        found.scores, signals, target=params.false_reject_target, seed=seed
    )
    return tables.model_copy(update={"limits": calibrated.limits}), calibrated


def _tables(train: Answers, scales: Scales, params: Params, seed: int) -> Guard:
    embeddings = train.outputs.embedding
    height, width, channels = train.inputs.shape[1:]
    _require("hidden", params.hidden, embeddings.shape[1], "the embedding's width")
    _require("tree.rows", params.tree.rows, height, "the height of the model's input")
    _require("tree.columns", params.tree.columns, width, "the width of the model's input")
    weights = fitting.fit(embeddings, scales.embedding_zero_point, hidden=params.hidden)
    form = {"height": height, "width": width, "channels": channels}
    blocks = {"rows": params.tree.rows, "columns": params.tree.columns}
    grid = checked(Engineered, form | blocks, "params.yaml: calibrate, tree")
    return Guard(
        schema_version=1,
        classes=train.outputs.logits.shape[1],
        embedding=embeddings.shape[1],
        engineered=grid,
        limits=ALL_OFF,
        energy=_energy(scales.logits, params.temperature),
        autoencoder=autoencoder.quantise(weights, embeddings, scales.embedding_zero_point),
        tree=_tree(engineered.features(grid, train.inputs), train.y, params.tree, seed),
        texture=_texture(grid, train.inputs, params.texture),
        consistency=params.consistency,
    )


def _require(param: str, value: int, largest: int, what: str) -> None:
    if value > largest:
        raise PalisadeError(
            f"params.yaml: calibrate, {param} is {value}, above {what}", f"use at most {largest}"
        )


def _energy(logits_scale: float, temperature: float) -> Energy:
    try:
        return energy.table(logits_scale, temperature)
    except ValueError as error:
        raise PalisadeError(
            f"params.yaml: calibrate, temperature is {temperature:g}, which logits in steps of "
            f"{logits_scale:g} do not allow",
            "use a number nearer to 1",
        ) from error


def _texture(form: Engineered, inputs: NDArray[np.int8], params: TextureParams) -> Texture:
    count = texture.size(form, params.octaves)
    if not 1 <= count <= texture.MOST_COUNTS:
        raise PalisadeError(
            f"params.yaml: calibrate, texture, octaves is {params.octaves}, which for inputs of "
            f"{form.height} x {form.width} x {form.channels} gives {count} counts",
            f"use fewer, for 1 to {texture.MOST_COUNTS} counts",
        )
    seen = [
        texture.counts(form, some, octaves=params.octaves, stride=params.stride)
        for some in np.array_split(inputs, len(inputs) // BATCH + 1)
    ]
    return texture.fit(np.concatenate(seen), octaves=params.octaves, stride=params.stride)


def _tree(features: NDArray[np.int32], y: NDArray[np.int64], params: TreeParams, seed: int) -> Tree:
    grown = DecisionTreeClassifier(
        max_depth=params.depth,
        min_samples_leaf=params.leaf_examples,
        class_weight="balanced",
        random_state=seeds.derive(seed, "calibrate", "tree") % 2**31,
    )
    return tree.from_sklearn(grown.fit(features, y), least_share=params.least_share)
