"""A dense layer in integers, as the device runs it.

References:
    Jacob et al., Quantization and Training of Neural Networks for Efficient
    Integer-Arithmetic-Only Inference, arXiv:1712.05877 (int32 accumulators, a fixed-point
    multiplier). Rounding is to the nearest, halves up.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from palisade.guard.table import Int8s, Int32s, Table

WIDEST = 128
WIDEST_HIDDEN = 64
Floats = NDArray[np.float64]


class Dense(Table):
    """One layer: ``floor((biases + weights @ input) * multiplier / 2^shift + 1/2) + zero_point``.

    ``weights`` are ``[outputs * inputs]``, an output's side by side. Results are kept in
    ``[lowest, 127]``. The input's zero point is in the biases.
    """

    inputs: int = Field(ge=1, le=WIDEST)
    outputs: int = Field(ge=1, le=WIDEST)
    weights: Int8s
    biases: Int32s
    multiplier: int = Field(ge=0, le=2**31 - 1)
    shift: int = Field(ge=1, le=62)
    zero_point: int = Field(ge=-128, le=127)
    lowest: int = Field(ge=-128, le=127)

    @model_validator(mode="after")
    def _fits(self) -> Dense:
        if len(self.weights) != self.outputs * self.inputs or len(self.biases) != self.outputs:
            raise ValueError("weights must be outputs * inputs numbers, and biases outputs")
        return self


def layer(
    matrix: Floats,
    bias: Floats,
    source: tuple[float, int],
    scale: float,
    zero_point: int,
    rectified: bool = True,
) -> Dense:
    """A layer from an input's ``(scale, zero point)`` to an output's; weights symmetric."""
    source_scale, source_zero = source
    step = float(np.abs(matrix).max()) / 127 or 1.0
    weights = np.rint(matrix / step).astype(np.int64)
    biases = np.rint(bias / (step * source_scale)).astype(np.int64)
    multiplier, shift = fixed_point(step * source_scale / scale)
    return Dense(
        inputs=matrix.shape[1],
        outputs=matrix.shape[0],
        weights=weights.ravel().astype(np.int8),
        biases=biases - source_zero * weights.sum(axis=1),
        multiplier=multiplier,
        shift=shift,
        zero_point=zero_point,
        lowest=zero_point if rectified else -128,
    )


def fixed_point(factor: float) -> tuple[int, int]:
    """``(multiplier, shift)`` with ``factor = multiplier / 2^shift`` to 31 bits.

    Raises:
        ValueError: The factor is not between 2^-31 and 2^30.
    """
    if not 2.0**-31 <= factor < 2.0**30:
        raise ValueError(f"{factor} is not between 2^-31 and 2^30")
    mantissa, exponent = math.frexp(factor)
    multiplier = round(mantissa * 2**31)
    return (multiplier, 31 - exponent) if multiplier < 2**31 else (2**30, 30 - exponent)


def run(layer: Dense, x: NDArray[np.int8]) -> NDArray[np.int8]:
    """Outputs ``[n, outputs]`` of inputs ``[n, inputs]``."""
    weights = layer.weights.reshape(layer.outputs, layer.inputs).astype(np.int64)
    total = x.astype(np.int64) @ weights.T + layer.biases
    half = np.int64(1) << np.int64(layer.shift - 1)
    value = ((total * layer.multiplier + half) >> np.int64(layer.shift)) + layer.zero_point
    return np.asarray(np.clip(value, layer.lowest, 127), np.int8)
