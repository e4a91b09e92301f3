"""A task as the page shows it: its metrics, its budgets, its attacks, by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks import names
from palisade.attacks.grid import Grid
from palisade.evaluation import verdicts
from palisade.evaluation.rates import Rate, rate
from palisade.report.source import Metrics, Row, figure, finite

CLEAN = "clean"
# Models in the tables of ``evaluate``: how each is called, and its style, the same on all charts.
MODELS = {
    "int8": ("defended", 1),
    f"int8_{names.GUARDED}": ("defended, with guard", 2),
    "undefended": ("undefended", 3),
}
ATTACKS = {
    names.NOISE: "random noise",
    names.FGSM: "FGSM, one step",
    names.PGD_CROSS_ENTROPY: "PGD, cross-entropy",
    names.PGD_MARGIN: "PGD, margin",
    names.APGD_CROSS_ENTROPY: "APGD-CE",
    names.APGD_DLR: "APGD-DLR",
    names.APGD_TARGETED: "APGD-T",
    names.PGD_EXACT: "PGD, exact integers",
    names.TRANSFER_FLOAT: "transfer, float",
    names.TRANSFER_UNDEFENDED: "transfer, undefended",
    names.GUARD_AWARE: "guard-aware",
    names.FEATURE_MATCHING: "feature matching",
    names.SQUARE: "Square, by queries",
    names.NES: "NES, by queries",
    names.NES_BLIND: "NES, looking away",
    names.DOUBLED_CROSS_ENTROPY: "PGD, c.-e., 2 \u00d7 steps",
    names.DOUBLED_MARGIN: "PGD, margin, 2 \u00d7 steps",
}


@dataclass(frozen=True)
class Subject:
    """One task.

    Attributes:
        key: its name.
        metrics: where its figures are read from.
        display: its ``display`` part.
        grid: the budgets that it is attacked at.
    """

    key: str
    metrics: Metrics
    display: Any
    grid: Grid

    def path(self, name: str) -> str:
        """Of a JSON file of metrics."""
        return f"metrics/{self.key}/{name}.json"

    def table(self, name: str) -> str:
        """Path of a CSV table."""
        return f"metrics/{self.key}/detail/{name}.csv"

    def json(self, name: str) -> dict[str, Any]:
        """A JSON file of metrics."""
        return self.metrics.json(self.path(name))

    def figure(self, name: str, key: str) -> float:
        """A number of a JSON file, by its dotted name."""
        return figure(self.json(name), key, self.path(name))

    def rows(self, name: str, *numbers: str, optional: bool = False) -> list[Row]:
        """A CSV table, with its columns of numbers."""
        return self.metrics.rows(self.table(name), *numbers, optional=optional)

    def verdicts(self) -> verdicts.Table:
        """What each attack made of each example."""
        return table_of(self.rows("verdicts"))

    @property
    def reference(self) -> str:
        """The name of the budget of the headline figures."""
        return self.grid.name(self.grid.reference)

    def budget(self, name: str) -> str:
        """A budget as people write it, by its name in metrics."""
        known = {self.grid.name(one): one for one in self.grid.budgets}
        return str(self.display.budget(known[name])) if name in known else name

    def place(self, value: float, digits: int = 3) -> str:
        """A rate as text."""
        return f"{value:.{digits}f}"

    def clean(self, model: str) -> Rate:
        """How often a model is right on clean examples, by its name in ``MODELS``."""
        tree, where = self.json("evaluate"), self.path("evaluate")
        n = int(figure(tree, "int8.n", where))
        if model == f"int8_{names.GUARDED}":
            return counted(1 - figure(tree, "guard.accepted_and_wrong.clean", where), n)
        return counted(figure(tree, f"{model}.clean_accuracy", where), n)

    def read_from(self, metrics: Metrics) -> Subject:
        """The same task, its figures from elsewhere."""
        return replace(self, metrics=metrics)


def table_of(rows: Sequence[Row]) -> verdicts.Table:
    """The rows of ``detail/verdicts.csv``, to look up in."""
    return verdicts.Table(
        verdicts.Verdict(row["model"], row["attack"], row["budget"], _values(row["right"]))
        for row in rows
    )


def _values(signs: str) -> NDArray[np.int8]:
    """Verdicts as ``palisade.evaluation.verdicts`` writes them: a sign an example."""
    written = np.frombuffer(signs.encode(), np.uint8)
    other = np.where(written == ord("0"), verdicts.WRONG, verdicts.NOT_RUN)
    return np.where(written == ord("1"), verdicts.RIGHT, other).astype(np.int8)


def counted(share: float, n: int) -> Rate:
    """A share of so many examples, with its interval."""
    return rate(np.arange(n) < round(share * n))


def rounded(cell: str) -> str:
    """A cell of a CSV table, to three places where it is a number."""
    return f"{float(cell):.3f}" if finite(cell) else cell


def between(low: float, high: float) -> str:
    """An interval in words."""
    return f"{low:.3f} to {high:.3f}"


def stated(row: Row) -> list[str]:
    """A row's rate and its interval; of no event there is neither."""
    if not int(row["n"]):
        return ["no events", ""]
    return [rounded(row["rate"]), between(float(row["low"]), float(row["high"]))]


def named(name: str) -> str:
    """A name out of a table as words: underscores are spaces."""
    return name.strip("_").replace("_", " ")


def listed(names_: Sequence[str]) -> str:
    """Names in a sentence."""
    return names_[0] if len(names_) == 1 else ", ".join(names_[:-1]) + f" and {names_[-1]}"
