"""A guard's params against what the model has."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from palisade.errors import PalisadeError
from palisade.guard import making
from palisade.guard.making import Answers, Params, Scales
from palisade.int8 import Outputs

HEIGHT, WIDTH, EMBEDDING = 6, 4, 5


def answers(count: int, seed: int) -> Answers:
    dice = np.random.default_rng(seed)
    y = np.arange(count) % 3
    logits = dice.integers(-30, 30, (count, 3)).astype(np.int8)
    logits[np.arange(count), y] = 60
    embedding = dice.integers(-128, 128, (count, EMBEDDING)).astype(np.int8)
    inputs = dice.integers(-128, 128, (count, HEIGHT, WIDTH, 1)).astype(np.int8)
    return Answers(inputs, Outputs(logits, embedding), y)


def made(**asked: Any) -> Any:
    tree = {"rows": 2, "columns": 2, "depth": 4, "leaf_examples": 5, "least_share": 0.02}
    params = {
        "false_reject_target": 0.1,
        "hidden": 3,
        "temperature": 1.0,
        "tree": tree | {key: value for key, value in asked.items() if key in tree},
        "texture": {"octaves": 1, "stride": 1},
        "consistency": {"window": 3, "needed": 2, "forget_after": 3},
    }
    params |= {key: value for key, value in asked.items() if key in params}
    scales = Scales(logits=0.1, embedding_zero_point=-128)
    return making.make(
        answers(120, 1), answers(80, 2), scales, Params.model_validate(params), seed=3
    )[0]


@pytest.mark.parametrize(
    ("param", "name", "largest", "what"),
    [
        ("hidden", "hidden", EMBEDDING, "the embedding's width"),
        ("rows", "tree.rows", HEIGHT, "the height of the model's input"),
        ("columns", "tree.columns", WIDTH, "the width of the model's input"),
    ],
)
def test_more_than_the_model_has_is_refused_and_all_that_it_has_is_taken(
    param: str, name: str, largest: int, what: str
) -> None:
    said = f"params.yaml: calibrate, {name} is {largest + 1}, above {what}: use at most {largest}"
    with pytest.raises(PalisadeError, match=f"^{re.escape(said)}$"):
        made(**{param: largest + 1})
    guard = made(**{param: largest})
    assert guard.autoencoder.encoder.outputs == (largest if param == "hidden" else 3)
    assert guard.engineered.rows == (largest if param == "rows" else 2)
    assert guard.engineered.columns == (largest if param == "columns" else 2)
