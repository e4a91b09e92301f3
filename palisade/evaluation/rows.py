"""Rows of the tables that stand beside ``evaluate.json``: with intervals, for plots."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.grid import Grid
from palisade.attacks.names import GUARDED
from palisade.evaluation import clusters, verdicts
from palisade.evaluation.checks import Check
from palisade.evaluation.rates import rate
from palisade.splits import Split

# With the guard, an example is right also where the answer is not accepted.
MODELS = ("int8", f"int8_{GUARDED}", "undefended")


def of_check(check: Check) -> dict[str, Any]:
    """A check as a row of a table."""
    return {
        "check": check.name,
        "figure": float(check.figure),
        "relation": ">=" if check.at_least else "<=",
        "limit": float(check.limit),
        "passed": check.passed,
    }


def robustness(
    table: verdicts.Table, asked: NDArray[np.bool_], groups: NDArray[np.str_]
) -> list[dict[str, Any]]:
    """Worst case with interval, by model and budget, over all and those that ask for an action.

    Args:
        table: verdicts of the test examples.
        asked: ``[n]`` which of them ask for an action.
        groups: ``[n]`` the speaker, source or scene of each, whose examples hang together.
    """
    rows = []
    for model in MODELS:
        for budget in table.budgets:
            right = table.worst_case(model, budget)
            for among, mask in {"all": np.ones_like(right), "actions": asked}.items():
                found = clusters.rate(right[mask], groups[mask])
                rows.append(
                    {
                        "model": model,
                        "among": among,
                        "budget": budget,
                        "worst_case_accuracy": found.value,
                        "low": found.low,
                        "high": found.high,
                        "n": found.n,
                    }
                )
    return rows


def curve(table: verdicts.Table, grid: Grid, asked: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """Worst case by budget, a column a model and group, as a plot wants it."""
    return [
        {
            "budget": budget,
            **{
                f"{model}{suffix}": rate(table.worst_case(model, grid.name(budget))[among]).value
                for model in MODELS
                for suffix, among in {"": np.ones_like(asked), "_actions": asked}.items()
            },
        }
        for budget in grid.budgets
    ]


def confusion(test: Split, label: NDArray[np.int64]) -> list[dict[str, Any]]:
    """One row an example: its class, and the one that was predicted."""
    names = np.array(test.labels)
    return [
        {"actual": actual, "predicted": predicted}
        for actual, predicted in zip(names[test.y], names[label], strict=True)
    ]


def field(field: Split, right: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """Accuracy by kind and severity of corruption, from ids ``<kind>/<severity>/...``."""
    kinds = np.array([one.rsplit("/", maxsplit=one.count("/") - 1)[0] for one in field.ids])
    return [
        {
            "corruption": kind,
            "accuracy": (found := rate(right[kinds == kind])).value,
            "low": found.low,
            "high": found.high,
            "n": found.n,
        }
        for kind in dict.fromkeys(kinds.tolist())
    ]
