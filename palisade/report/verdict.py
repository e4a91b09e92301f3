"""The verdict on the measurement, its checks, and the headline figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from palisade.report import crafted
from palisade.report.door import FUSED, NUMBERS, RATES
from palisade.report.figure import Block, Section, Table
from palisade.report.source import Metrics, Row, figure
from palisade.report.subject import Subject, between, named, stated

ACTIONS = (("false accepts", "false_accept_rate"), ("false rejects", "false_reject_rate"))
# What each measurement of the door is called, its figures and its checks.
DOORS = (
    ("door", FUSED, "metrics/detail/fusion_checks.csv"),
    ("attacked door", crafted.ATTACKED, "metrics/detail/fusion_attack_checks.csv"),
)


@dataclass(frozen=True)
class Verdict:
    """Whether the figures can be believed.

    Attributes:
        reliable: whether every check passed.
        total: how many checks there are.
        failed: what they are of and their names.
        dear: costs over their limit, which is no matter of belief.
    """

    reliable: bool
    total: int
    failed: Sequence[tuple[str, str]]
    dear: Sequence[tuple[str, str]]


def checks(subjects: Sequence[Subject], metrics: Metrics) -> list[tuple[str, list[Row]]]:
    """The checks of each task, of the door, and of the door under attack where it was attacked."""
    numbers = ("limit",)  # a figure that is missing is nan, and its check failed
    return [
        *((one.key, one.rows("checks", *numbers)) for one in subjects),
        *((of, metrics.rows(table, *numbers)) for of, _, table in _doors(metrics)),
    ]


def _doors(metrics: Metrics) -> list[tuple[str, str, str]]:
    return [one for one in DOORS if one[1] == FUSED or metrics.has(one[1])]


def verdict(subjects: Sequence[Subject], metrics: Metrics) -> Verdict:
    """Of all checks; a task or door that calls itself unreliable is one more failure."""
    tables = checks(subjects, metrics)
    failed = [(of, named(row["check"])) for of, rows in tables for row in rows if not passed(row)]
    noted = [
        *((one.key, one.json("evaluate")) for one in subjects),
        *((of, metrics.json(path)) for of, path, _ in _doors(metrics)),
    ]
    silent = [
        (of, "marked unreliable")
        for of, tree in noted
        if tree.get("reliable") is not True and of not in dict(failed)
    ]
    dear = [
        (one.key, named(row["figure"]))
        for one in subjects
        for row in one.rows("cost")
        if row["limit"] and not passed(row)
    ]
    total = sum(len(rows) for _, rows in tables)
    return Verdict(not failed and not silent, total, [*failed, *silent], dear)


def passed(row: Row) -> bool:
    """Whether a check's row says so."""
    return row["passed"] == "True"


def section(subjects: Sequence[Subject], metrics: Metrics) -> Section:
    """Every check with its figure and its limit."""
    return Section(
        "checks",
        "Checks on the measurement",
        "Each check has a figure, a limit, and can fail. A failed one means that the figures "
        "beside it show less than they seem to.",
        [Block(tables=[_table(of, rows) for of, rows in checks(subjects, metrics)])],
    )


def _table(of: str, rows: Sequence[Row]) -> Table:
    return Table(
        ("check", "figure", "must be", "outcome"),
        [
            [
                named(row["check"]),
                "not measured" if row["figure"] == "nan" else row["figure"],
                f"{'≥' if row['relation'] == '>=' else '≤'} {row['limit']}",
                "passed" if passed(row) else "failed",
            ]
            for row in rows
        ],
        of,
        ["good" if passed(row) else "bad" for row in rows],
    )


@dataclass(frozen=True)
class Card:
    """A task at a glance.

    Attributes:
        task: its name.
        budget: the reference budget.
        robust, low, high: worst case at it, with its interval.
        facts: a name, a figure and perhaps the style of its mark, each.
        spots: a name, a share and a style each, for a small picture of the three accuracies.
    """

    task: str
    budget: str
    robust: float
    low: float
    high: float
    facts: Sequence[tuple[str, str, int]]
    spots: Sequence[tuple[str, float, int]]


def card(subject: Subject) -> Card:
    """The headline figures of one task."""
    row = _worst(subject, "int8")
    bare = _worst(subject, "undefended")
    clean = subject.figure("evaluate", "int8.clean_accuracy")
    tree = subject.json("evaluate")["int8"]
    actions = [(name, f"{float(tree[key]):.3f}") for name, key in ACTIONS if key in tree]
    low, high = (subject.figure("cost", f"latency_ms_m4.{end}") for end in ("low", "high"))
    robust = float(row["worst_case_accuracy"])
    undefended = float(bare["worst_case_accuracy"])
    return Card(
        subject.key,
        subject.budget(subject.reference),
        robust,
        float(row["low"]),
        float(row["high"]),
        [
            ("clean", f"{clean:.3f}", 2),
            ("undefended, worst case", f"{undefended:.3f}", 3),
            ("in the field", f"{subject.figure('evaluate', 'int8.field_accuracy'):.3f}", 0),
            *((name, value, 0) for name, value in actions),
            ("flash", f"{subject.figure('cost', 'flash_bytes') / 1000:.1f} kB", 0),
            ("on a Cortex-M4", f"{low:.0f} to {high:.0f} ms", 0),
        ],
        [("undefended", undefended, 3), ("defended", robust, 1), ("clean", clean, 2)],
    )


def _worst(subject: Subject, model: str) -> Row:
    rows = subject.rows("robustness", "worst_case_accuracy", "low", "high")
    wanted = (model, "all", subject.reference)
    return next(row for row in rows if (row["model"], row["among"], row["budget"]) == wanted)


def headline(subjects: Sequence[Subject]) -> Table:
    """The figures that a reader compares, a row a task."""
    rows = []
    for one in subjects:
        row, guarded, bare = (_worst(one, m) for m in ("int8", "int8_guarded", "undefended"))
        rows.append(
            [
                one.key,
                one.budget(one.reference),
                f"{one.figure('evaluate', 'int8.clean_accuracy'):.3f}",
                f"{float(row['worst_case_accuracy']):.3f}",
                between(float(row["low"]), float(row["high"])),
                f"{float(guarded['worst_case_accuracy']):.3f}",
                f"{one.figure('evaluate', 'undefended.clean_accuracy'):.3f}",
                f"{float(bare['worst_case_accuracy']):.3f}",
                f"{one.figure('evaluate', 'guard.clean_reject_rate'):.3f}",
                f"{one.figure('evaluate', 'guard.ood_auroc'):.3f}",
                f"{int(one.figure('evaluate', 'int8.n')):,}",
            ]
        )
    columns = (
        "task",
        "budget",
        "clean",
        "worst case at it",
        "interval",
        "with guard",
        "undefended, clean",
        "undefended, at it",
        "guard rejects of clean",
        "unfamiliar, worst AUROC",
        "examples",
    )
    return Table(columns, rows, "Headline figures of the int8 models")


def door_facts(metrics: Metrics) -> list[tuple[str, str]]:
    """The door at a glance: the share of events in which it opens though it should not, first."""
    tree = metrics.json(FUSED)
    accepts, rejects, count = (
        figure(tree, name, FUSED)
        for name in ("action.false_accept_rate", "action.false_reject_rate", "n")
    )
    rows = {row["figure"]: row for row in metrics.rows(RATES, *NUMBERS)}
    attacked = [
        (f"opens with {key} controlled", stated(rows[f"controlled.{key}.false_accept_rate"])[0])
        for key in tree.get("controlled", {})
    ]
    if metrics.has(crafted.ATTACKED):
        attacked.append(("opens with all inputs crafted", crafted.all_forced(metrics)))
    return [
        ("opens though it should not", f"{accepts:.3f}"),
        ("stays shut though it should open", f"{rejects:.3f}"),
        *attacked,
        ("events", f"{int(count):,}"),
    ]
