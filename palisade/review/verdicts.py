"""What each example came to, for the figures that are a share of examples.

``verdicts.csv`` holds a sign an attack, budget and example, ``confusion.csv`` the predicted class
of each clean test example, ``fusion_events.csv`` what the door did at each event; all in an order
of their own that the test set gives, so that two runs on the same one pair up by place.
"""

from __future__ import annotations

import numpy as np

from palisade.errors import PalisadeError
from palisade.report.comparison import Base
from palisade.report.source import ADVICE, Row
from palisade.report.subject import table_of
from palisade.review.pairs import Pairs, Right, paired
from palisade.review.sides import FUSION, VERDICTS, task_of, test_events

WORST_CASE = "int8.worst_case_accuracy."
HARM = "guard.accepted_and_wrong."
CONFUSION = "metrics/{task}/detail/confusion.csv"


def pairs_of(figure: str, before: Base, now: Base) -> Pairs | None:
    """The two sides' examples in pairs; None where a figure is of no examples that are kept.

    Args:
        figure: its name; both sides were measured on the same examples.
    """
    sides = [right(figure, side) for side in (before, now)]
    if sides[0] is None or sides[1] is None:
        return None
    if len(sides[0]) != len(sides[1]):
        raise PalisadeError(f"{figure}: the verdicts of the two sides differ in number", ADVICE)
    return paired(sides[0], sides[1])


def right(figure: str, side: Base) -> Right | None:
    """``[n]`` whether each example is as it should be; None where nothing says it."""
    task, key = task_of(figure), figure.partition(": ")[2]
    if figure.startswith(f"{FUSION}: action."):
        return _at_the_door(key, side)
    if not figure.startswith(f"{task}/evaluate: "):
        return None
    if key.startswith((WORST_CASE, HARM)):
        return _attacked(key, task, side)
    if key in ("int8.clean_accuracy", "int8.false_accept_rate", "int8.false_reject_rate"):
        return _clean(key.removeprefix("int8."), task, side)
    return None


def _attacked(key: str, task: str, side: Base) -> Right | None:
    path = VERDICTS.format(task=task)
    budget = key.rpartition(".")[2]
    try:
        table = table_of(side.metrics.rows(path))
        if budget not in table.budgets:
            return None
        if key.startswith(WORST_CASE):
            return table.worst_case("int8", budget)
        # A smaller perturbation is within a larger budget too, as ``evaluate`` counts it.
        within = table.budgets[: table.budgets.index(budget) + 1]
        rows = [table.worst_case("int8_guarded", one) for one in within]
        return np.asarray(np.all(rows, axis=0), bool)
    except (KeyError, ValueError) as error:
        raise PalisadeError(f"{path} of {side.name} is no table of verdicts", ADVICE) from error


def _clean(rate: str, task: str, side: Base) -> Right | None:
    """As ``palisade.evaluation.rates`` counts: a false reject is also a wrong action."""
    path = CONFUSION.format(task=task)
    if not side.metrics.has(path):
        return None
    rows = side.metrics.rows(path)
    correct = np.array([row["actual"] == row["predicted"] for row in rows], bool)
    if rate == "clean_accuracy":
        return correct
    negatives = set(side.params["evaluate"][task]["negatives"])
    asked = np.array([row["actual"] not in negatives for row in rows], bool)
    acted = np.array([row["predicted"] not in negatives for row in rows], bool)
    right = correct[asked] if rate == "false_reject_rate" else ~acted[~asked]
    return np.asarray(right, bool)


def _at_the_door(key: str, side: Base) -> Right | None:
    rows: list[Row] = test_events(side)
    warranted = np.array([row["warranted"] == "1" for row in rows], bool)
    passed = np.array([row["passed"] == "1" for row in rows], bool)
    if key == "action.false_accept_rate":
        return np.asarray(~passed[~warranted], bool)
    return np.asarray(passed[warranted], bool) if key == "action.false_reject_rate" else None
