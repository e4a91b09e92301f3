"""CSV files of one row a trace, plain or gzipped: cells to samples, with every fault named."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from palisade.corpus import Unusable
from palisade.errors import PalisadeError

ENDINGS = (".csv", ".csv.gz")
_LARGEST_CELL = 1 << 20
_SHOWN = 3
_LONGEST_SHOWN = 40  # characters of a column's name


class Table:
    """One file, read row by row; what a column is called is in its first line.

    Attributes:
        path: the file.
        columns: their names, in order.

    Raises:
        PalisadeError: The file is empty or no text.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        csv.field_size_limit(_LARGEST_CELL)
        try:
            content = path.read_bytes()
            packed = path.suffix.lower() == ".gz"
            text = (gzip.decompress(content) if packed else content).decode("utf-8-sig")
        except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
            raise PalisadeError(f"{path} is not CSV in UTF-8 ({error})", "mend it") from error
        self._lines = csv.reader(io.StringIO(text, newline=""))
        with self._readable():
            self.columns = [name.strip() for name in next(self._lines, [])]
        if not any(self.columns):
            raise PalisadeError(
                f"{path} is empty", "give it a line of column names, and a row a trace"
            )

    def places(self, names: Sequence[str]) -> list[int]:
        """Where columns stand.

        Raises:
            PalisadeError: Some are not there; it names them.
        """
        at: Mapping[str, int] = {name: place for place, name in enumerate(self.columns)}
        missing = [name for name in names if name not in at]
        if missing:
            shown = ", ".join(missing[:_SHOWN]) + (", ..." if len(missing) > _SHOWN else "")
            have = ", ".join(name[:_LONGEST_SHOWN] for name in self.columns[:_SHOWN])
            alone = ", with commas between columns" if len(self.columns) == 1 else ""
            raise PalisadeError(
                f"{self.path} has no column {shown} ({len(missing)} of {len(names)} are missing)",
                f"its columns are {have}, ...; set prepare's channels, samples, first_sample and "
                "names of columns to those of the file, '' for one of homes or splits that it has "
                f"not{alone}",
            )
        return [at[name] for name in names]

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row that is not blank, with its line in the file."""
        with self._readable():
            for row in self._lines:
                if any(cell.strip() for cell in row):
                    yield self._lines.line_num, row

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except csv.Error as error:
            raise PalisadeError(
                f"{self.path} is not CSV, at line {self._lines.line_num} ({error})", "mend it"
            ) from error


def samples(cells: Sequence[str], channels: int) -> NDArray[np.int32]:
    """``[samples, channels]`` from the cells of one channel after the other.

    Raises:
        Unusable: ``not_a_number``, or ``out_of_range`` of int32.
    """
    try:
        values = np.array(cells, dtype=np.float64)
    except ValueError as error:
        raise Unusable("not_a_number") from error
    if not np.isfinite(values).all():
        raise Unusable("not_a_number")
    rounded = np.rint(values)
    limits = np.iinfo(np.int32)
    if rounded.min() < limits.min or rounded.max() > limits.max:
        raise Unusable("out_of_range")
    return np.ascontiguousarray(rounded.astype(np.int32).reshape(channels, -1).T)
