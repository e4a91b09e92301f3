"""What changed since another revision: figures with their intervals, verdicts in pairs, params."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from palisade.errors import PalisadeError
from palisade.report import charts, crafted, figure, scales, svg
from palisade.report.charts import Series
from palisade.report.door import FUSED, RATES
from palisade.report.figure import Block, Figure, Section, Table
from palisade.report.robustness import curve_series, ticks
from palisade.report.source import Metrics, leaves, written
from palisade.report.subject import Subject, between
from palisade.review.pairs import Pairs, paired

SURE = 0.05  # level of the exact test
JSON = ("prepare", "pretrain", "qat", "cost", "evaluate", "stream", "physical")
OUTCOMES = {"better": "good", "worse": "bad"}


@dataclass(frozen=True)
class Base:
    """Another revision.

    Attributes:
        name: as people call it.
        metrics: those that it has.
        params: its params.yaml.
    """

    name: str
    metrics: Metrics
    params: dict[str, Any]


def section(
    subjects: Sequence[Subject], metrics: Metrics, params: dict[str, Any], base: Base
) -> Section:
    """Everything that changed.

    Args:
        subjects: the tasks now; those that the base lacks are left out.
        params: params.yaml now.
    """
    both = [one for one in subjects if base.metrics.has(one.path("evaluate"))]
    changed = _changed(dict(leaves(base.params)), dict(leaves(params)))
    blocks = [
        Block(
            "Worst case under attack",
            "Where both revisions were tested on the same examples, they are compared pair by pair "
            f"(McNemar's exact test, at {SURE:g}); else only by their intervals.",
            figures=[_curves(one, one.read_from(base.metrics)) for one in both],
            tables=[_verdicts(both, base.metrics)] if both else [],
        ),
        Block("The door", tables=[_door(metrics, base.metrics)] if base.metrics.has(FUSED) else []),
        Block("Params", tables=[_differences(changed, "Params that changed")]),
        Block("Figures", tables=[_all(subjects, metrics, base.metrics)]),
    ]
    return Section(
        "comparison",
        f"Since {base.name}",
        f"The figures of this run beside those of {base.name}.",
        [one for one in blocks if one.tables or one.figures],
    )


def _curves(now: Subject, then: Subject) -> Figure:
    at = ticks(now)
    model = {"int8": ("now", 1)}
    series = [
        *curve_series(now, model),
        *(
            Series(one.name, one.style, [point for point in one.points if point.x < len(at)])
            for one in curve_series(then, {"int8": ("before", 3)})
            if ticks(then) == at
        ),
    ]
    place = charts.frame(scales.ordinal(at), scales.shares())
    content = [
        *place.axes("budget of the attacker, stronger to the right", "accuracy"),
        *charts.lines(place, series, shift_px=7),
    ]
    title = f"{now.key}: worst case now and before"
    rows = [
        [one.name, at[int(p.x)], *(f"{x:.6g}" for x in (p.y, p.low, p.high) if x is not None)]
        for one in series
        for p in one.points
    ]
    return Figure(
        f"figure-compared-{now.key}",
        title,
        svg.drawing(f"compared-{now.key}", title, figure.spoken(series, at), 230, content),
        Table(("when", "budget", "accuracy", "low", "high"), rows, title),
        figure.legend(series),
        "" if len(series) > 1 else "Before, it was attacked at other budgets.",
    )


def _verdicts(subjects: Sequence[Subject], base: Metrics) -> Table:
    rows, states = [], []
    for now in subjects:
        then = now.read_from(base)
        same = _examples(now) == _examples(then)
        tables = now.verdicts(), then.verdicts()
        for budget in tables[0].budgets:
            if budget not in tables[1].budgets:
                continue
            right, before = (table.worst_case("int8", budget) for table in tables)
            shares = float(right.mean()), float(before.mean())
            pairs = paired(before, right) if same else None
            outcome = outcome_of(pairs) if pairs else "other examples"
            rows.append(
                [
                    now.key,
                    now.budget(budget),
                    f"{shares[1]:.3f}",
                    f"{shares[0]:.3f}",
                    f"{shares[0] - shares[1]:+.3f}",
                    str(pairs.gained) if pairs else "",
                    str(pairs.lost) if pairs else "",
                    outcome,
                ]
            )
            states.append(OUTCOMES.get(outcome, ""))
    columns = ("task", "budget", "before", "now", "change", "gained", "lost", "outcome")
    return Table(columns, rows, "Examples right in the worst case", states)


def _examples(subject: Subject) -> str:
    """What identifies the examples that a task was tested on."""
    return subject.rows("verdicts")[0]["examples"]


def outcome_of(pairs: Pairs) -> str:
    """Of a comparison in pairs: better, worse, or no difference that chance does not explain."""
    if not pairs.sure(SURE):
        return "no sure difference"
    return "better" if pairs.gained > pairs.lost else "worse"


def _door(now: Metrics, then: Metrics) -> Table:
    numbers = ("rate", "low", "high", "n")
    before = {row["figure"]: row for row in then.rows(RATES, *numbers)}
    rows, states = [], []
    for row in now.rows(RATES, *numbers):
        if not row["figure"].endswith(("false_accept_rate", "false_reject_rate")):
            continue
        old = before.get(row["figure"])
        if old is None or not int(row["n"]) or not int(old["n"]):
            continue
        low, high = float(row["low"]), float(row["high"])
        if high < float(old["low"]):
            outcome = "better"
        elif low > float(old["high"]):
            outcome = "worse"
        else:
            outcome = "intervals overlap"
        change = float(row["rate"]) - float(old["rate"])
        rows.append(
            [
                row["figure"],
                f"{float(old['rate']):.3f}",
                between(float(old["low"]), float(old["high"])),
                f"{float(row['rate']):.3f}",
                between(low, high),
                f"{change:+.3f}",
                outcome,
            ]
        )
        states.append(OUTCOMES.get(outcome, ""))
    columns = ("figure", "before", "interval", "now", "interval", "change", "outcome")
    return Table(columns, rows, "False accepts and rejects of the door", states)


def _changed(before: dict[str, Any], now: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Names whose values differ, with both; None where there is none."""
    return [
        (name, before.get(name), now.get(name))
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    ]


def _differences(changed: Sequence[tuple[str, Any, Any]], caption: str) -> Table:
    rows = [[name, written(old), written(new), _by(old, new)] for name, old, new in changed]
    none = [["none", "", "", ""]]
    return Table(("name", "before", "now", "change"), rows or none, caption)


def _by(old: Any, new: Any) -> str:
    """How much a number changed."""
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in (old, new)):
        return ""
    return f"{new - old:+.6g}"


def _all(subjects: Sequence[Subject], metrics: Metrics, base: Metrics) -> Table:
    paths = [FUSED, crafted.ATTACKED, *(one.path(name) for one in subjects for name in JSON)]
    changed = []
    for path in paths:
        sides = [dict(leaves(one.json(path))) if one.has(path) else {} for one in (base, metrics)]
        stem = path.removeprefix("metrics/").removesuffix(".json")
        changed += [(f"{stem}: {name}", old, new) for name, old, new in _changed(*sides)]
    return _differences(changed, "Figures that changed, by the names of `dvc metrics diff`")


def none_of(base: Base, subjects: Sequence[Subject]) -> PalisadeError | None:
    """The error of a revision that has no metrics at all."""
    if any(base.metrics.has(one.path("evaluate")) for one in subjects):
        return None
    return PalisadeError(
        f"{base.name} has no metrics/<task>/evaluate.json of these tasks",
        "name a revision that a run was committed with",
    )
