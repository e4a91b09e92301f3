"""How long and how fast to train, and how much each class weighs."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from palisade import stage


class Recipe(stage.Params):
    """How long and how fast to train."""

    epochs: int = Field(ge=1, le=1000, description="passes over the training set")
    batch: int = Field(ge=8, le=4096, description="examples a step")
    optimizer: Literal["adamw", "sgd"] = Field(description="sgd is with Nesterov's momentum")
    precision: Literal["float32", "bfloat16"] = Field(
        description="of the network that learns; bfloat16 is faster where the processor has it"
    )
    peak_rate: float = Field(gt=0, le=1, description="the optimizer's largest learning rate")
    warmup_share: float = Field(ge=0, lt=1, description="share of all steps that warm up")
    weight_decay: float = Field(ge=0, lt=1, description="decay of kernels a unit of rate")
    averaging: float = Field(ge=0, lt=1, description="decay of the weights' moving average")
    probe_examples: int = Field(ge=8, description="validation examples attacked an epoch")
    balance: float = Field(
        ge=0, le=1, description="0: each example weighs the same; 1: each class does in all"
    )


class QuantizationRecipe(Recipe):
    """How to tune a fake-quantised network, whose small steps bfloat16 cannot hold."""

    @field_validator("precision")
    @classmethod
    def _exact(cls, precision: str) -> str:
        if precision != "float32":
            raise ValueError("use float32: fake quantisation is finer than bfloat16")
        return precision


def class_weights(y: NDArray[np.int64], classes: int, balance: float) -> NDArray[np.float32]:
    """``[classes]`` how much an example of each class weighs; over all examples, 1 on average.

    A class weighs by the power ``-balance`` of how many examples it has.
    """
    counts = np.bincount(y, minlength=classes)
    weights = np.maximum(counts, 1.0) ** -balance
    return np.asarray(weights * counts.sum() / (weights @ counts), np.float32)
