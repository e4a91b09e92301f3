"""How much evidence the logits hold in all: a log-sum-exp in fixed point; less is stranger.

References:
    Liu et al., Energy-based Out-of-distribution Detection, arXiv:2010.03759 (the score is the
    negative of their energy).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from palisade.guard.table import Table, UInt32s

ONE_Q24 = 1 << 24
LARGEST_OCTAVE_Q8 = 1 << 24
STEPS = 256
FRACTION_BITS = 16


class Energy(Table):
    """Table of exponentials."""

    exp_q24: UInt32s = Field(
        description="exp(-s i) 2^24 for i = 0 to 255, s the logits' scale over the temperature"
    )
    octave_q8: int = Field(
        ge=1, le=LARGEST_OCTAVE_Q8, description="ln(2) / s in 1/256 steps of the logits"
    )

    @model_validator(mode="after")
    def _falls(self) -> Energy:
        if len(self.exp_q24) != STEPS or self.exp_q24[0] != ONE_Q24:
            raise ValueError(f"exp_q24 must hold {STEPS} numbers, the first {ONE_Q24}")
        if (self.exp_q24[1:] > self.exp_q24[:-1]).any():
            raise ValueError("exp_q24 must not rise")
        return self


def table(logits_scale: float, temperature: float = 1.0) -> Energy:
    """The table for logits of an int8 scale; ``temperature`` is that of the paper.

    Raises:
        ValueError: ``logits_scale / temperature`` is not between 1.1e-5 and 100.
    """
    scale = logits_scale / temperature
    if not 1.1e-5 <= scale <= 100:
        raise ValueError(f"{scale} is not between 1.1e-5 and 100")
    return Energy(
        exp_q24=np.rint(np.exp(-scale * np.arange(STEPS)) * ONE_Q24).astype(np.int64),
        octave_q8=round(float(np.log(2)) / scale * 256),
    )


def score(energy: Energy, logits: NDArray[np.int8]) -> NDArray[np.int32]:
    """Temperature times the log-sum-exp of logits ``[n, classes]``.

    Returns:
        ``[n]`` in 1/256 steps of the logits' scale, the zero point not taken off.
    """
    wide = logits.astype(np.int64)
    largest = wide.max(axis=1)
    terms = energy.exp_q24.astype(np.int64)[largest[:, np.newaxis] - wide]
    above = _log2_q16(terms.sum(axis=1)) * energy.octave_q8 + (1 << (FRACTION_BITS - 1))
    return np.asarray(largest * 256 + (above >> FRACTION_BITS), np.int32)


def _log2_q16(total_q24: NDArray[np.int64]) -> NDArray[np.int64]:
    """``log2(total / 2^24) 2^16``, rounded down, bit by bit; ``total`` from 2^24 on.

    The mantissa, in [1, 2), is squared; where it passes 2, the next bit is 1, and it is halved.
    """
    octaves = np.frexp(total_q24.astype(np.float64))[1] - 25  # exact below 2^53
    mantissa_q31 = (total_q24.astype(np.uint64) << np.uint64(7)) >> octaves.astype(np.uint64)
    fraction = np.zeros(len(total_q24), np.uint64)
    for _ in range(FRACTION_BITS):
        mantissa_q31 = mantissa_q31 * mantissa_q31 >> np.uint64(31)
        passed = mantissa_q31 >> np.uint64(32)
        mantissa_q31 = mantissa_q31 >> passed
        fraction = fraction << np.uint64(1) | passed
    return octaves.astype(np.int64) * (1 << FRACTION_BITS) + fraction.astype(np.int64)
