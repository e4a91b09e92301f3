"""Features that owe nothing to the network: sums and differences of its input, by block."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from palisade.guard.table import Table

KINDS = ("sum", "down", "across", "lowest", "highest")
# 255 times this is below 2^24: each feature is exact in float32, as scikit-learn holds it.
LARGEST_INPUT = 65536
MOST_FEATURES = 4096


class Engineered(Table):
    """The network's input ``[height, width, channels]``, and a grid of blocks over it."""

    height: int = Field(ge=1, le=LARGEST_INPUT - 1)
    width: int = Field(ge=1, le=LARGEST_INPUT - 1)
    channels: int = Field(ge=1, le=LARGEST_INPUT - 1)
    rows: int = Field(ge=1, description="blocks along the height")
    columns: int = Field(ge=1, description="blocks along the width")

    @model_validator(mode="after")
    def _fits(self) -> Engineered:
        if self.inputs > LARGEST_INPUT:
            raise ValueError(f"an input must have at most {LARGEST_INPUT} elements")
        if self.rows > self.height or self.columns > self.width:
            raise ValueError("rows and columns must be at most height and width")
        if self.count > MOST_FEATURES:
            raise ValueError(f"the grid must give at most {MOST_FEATURES} features")
        return self

    @property
    def inputs(self) -> int:
        """Elements of an input."""
        return self.height * self.width * self.channels

    @property
    def count(self) -> int:
        """Features: five of each block and channel."""
        return self.rows * self.columns * self.channels * len(KINDS)

    def name(self, feature: int) -> str:
        """A feature in words: ``sum of row 2, column 0, channel 1``."""
        rest, kind = divmod(feature, len(KINDS))
        block, channel = divmod(rest, self.channels)
        row, column = divmod(block, self.columns)
        return f"{KINDS[kind]} of row {row}, column {column}, channel {channel}"


def features(table: Engineered, x: NDArray[np.int8]) -> NDArray[np.int32]:
    """Sums, sums of absolute differences along each axis, minima and maxima.

    A difference is to the element before, and counts for the block of the later one, so that
    each pair of neighbours counts once.

    Args:
        table: the grid.
        x: ``[n, height, width, channels]``, or anything that can be reshaped to it.

    Returns:
        ``[n, count]``: for each row and column of blocks and each channel, the five ``KINDS``.
    """
    wide = x.reshape(-1, table.height, table.width, table.channels).astype(np.int32)
    down, across = np.zeros_like(wide), np.zeros_like(wide)
    down[:, 1:] = np.abs(np.diff(wide, axis=1))
    across[:, :, 1:] = np.abs(np.diff(wide, axis=2))
    found = np.empty((len(wide), table.rows * table.columns, table.channels, len(KINDS)), np.int32)
    for place, (rows, columns) in enumerate(_blocks(table)):
        for kind, source in enumerate((wide, down, across)):
            found[:, place, :, kind] = source[:, rows, columns].sum(axis=(1, 2))
        found[:, place, :, 3] = wide[:, rows, columns].min(axis=(1, 2))
        found[:, place, :, 4] = wide[:, rows, columns].max(axis=(1, 2))
    return found.reshape(len(wide), table.count)


def _blocks(table: Engineered) -> Iterator[tuple[slice, slice]]:
    for row in range(table.rows):
        for column in range(table.columns):
            yield (
                _share(row, table.rows, table.height),
                _share(column, table.columns, table.width),
            )


def _share(number: int, shares: int, length: int) -> slice:
    return slice(number * length // shares, (number + 1) * length // shares)
