"""Learning, and accuracy under attack: by budget, by attack, and in the field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from palisade.evaluation import verdicts
from palisade.evaluation.rates import Rate, rate
from palisade.report import charts, figure, scales, svg
from palisade.report.charts import Heat, Point, Ranges, Series
from palisade.report.figure import Block, Figure, Section, Table
from palisade.report.subject import ATTACKS, CLEAN, MODELS, Subject, named

WORST = "worst of all"


def learning(subjects: Sequence[Subject]) -> Section:
    """Curves of both trainings."""
    return Section(
        "learning",
        "Learning",
        "Accuracy on the validation split, epoch by epoch: first training with adversarial "
        "examples, then, after the line, learning to be quantised. Attacks are weaker than the "
        "battery's. The network goes on from the marked epoch.",
        [Block(figures=[_learning(one) for one in subjects])],
    )


def _learning(subject: Subject) -> Figure:
    columns = ("epoch", "clean_accuracy", "robust_accuracy")
    first, then = (subject.rows(name, *columns) for name in ("pretrain", "qat"))
    rows = [("pretrain", row) for row in first] + [("qat", row) for row in then]
    series = [
        Series(
            name,
            style,
            [Point(n, float(row[column])) for n, (_, row) in enumerate(rows, start=1)],
        )
        for name, style, column in (
            ("clean", 1, "clean_accuracy"),
            ("under attack", 3, "robust_accuracy"),
        )
    ]
    place = charts.frame(scales.steps(1, len(rows)), scales.shares())
    border, _ = place.at(len(first) + 0.5, 0)
    kept = [
        place.at(int(subject.figure("pretrain", "epoch")), 0),
        place.at(len(first) + int(subject.figure("qat", "epoch")), 0),
    ]
    content = [
        *place.axes("epoch", "accuracy"),
        svg.line((border, place.top), (border, place.bottom), "guide"),
        *(svg.line((x, place.top), (x, place.bottom), "kept") for x, _ in kept),
        *charts.lines(place, series),
    ]
    table = Table(
        ("training", *first[0]),
        [[name, *(row[column] for column in first[0])] for name, row in rows],
        f"Learning, {subject.key}",
    )
    title = f"{subject.key}: accuracy by epoch"
    drawn = svg.drawing(f"learning-{subject.key}", title, figure.spoken(series), 230, content)
    trained = subject.figure("qat", "robust_accuracy")
    tested = subject.figure("evaluate", f"int8.worst_case_accuracy.{subject.reference}")
    note = (
        f"Training's own attack, at its own budget, left {trained:.3f} in the end; the battery "
        f"leaves {tested:.3f} of the test at {subject.budget(subject.reference)}. Far less means "
        "that training learnt to fool its own attack."
    )
    name = f"figure-learning-{subject.key}"
    return Figure(name, title, drawn, table, figure.legend(series), note)


def budgets(subjects: Sequence[Subject]) -> Section:
    """Robustness curves, and attacks one by one."""
    about = (
        "Worst case: an example counts as broken if any attack of the battery breaks it at that "
        "budget. Whatever an attack finds is judged on the int8 model as the device runs it. Most "
        "attacks climb a network alone; guard-aware and feature matching climb network and guard "
        "jointly, and Square and NES ask the device with its guard. All of them run at the "
        "reference budget (NES on the fixed subset alone), at others noise, FGSM, PGD, APGD-T and "
        "guard-aware. The undefended model has no guard, and gets those on a network alone as far "
        "as APGD-T, and NES. With the guard, an example is broken where a wrong answer is "
        "accepted, and what got past it at a smaller budget is judged again; where the device "
        "gives no answer it counts as right. "
        "Whiskers are 95 % intervals (of worst cases by speaker, street or home)."
    )
    return Section(
        "robustness",
        "Robustness",
        about,
        [
            Block("Worst case by budget", figures=[curve(one) for one in subjects]),
            Block(
                "Each attack at the reference budget",
                "What a single attack leaves, on the fixed subset of test examples that every "
                "attack runs on; elsewhere it is spared what a cheaper one has broken already. "
                "Where an attack did not run on the whole subset, it has no figure.",
                figures=[attacks(one) for one in subjects],
            ),
        ],
    )


def curve_series(subject: Subject, models: dict[str, tuple[str, int]]) -> list[Series]:
    """Worst case by budget, the clean figure first; x is the place among the budgets."""
    numbers = ("worst_case_accuracy", "low", "high", "n")
    rows = [row for row in subject.rows("robustness", *numbers) if row["among"] == "all"]
    found = []
    for model, (name, style) in models.items():
        clean = subject.clean(model)
        points = [Point(0, clean.value, clean.low, clean.high)]
        points += [
            Point(n, *(float(row[column]) for column in numbers[:3]))
            for n, row in enumerate((row for row in rows if row["model"] == model), start=1)
        ]
        found.append(Series(name, style, points))
    return found


def ticks(subject: Subject) -> list[str]:
    """The budgets of the curves, the clean figure first."""
    names = dict.fromkeys(row["budget"] for row in subject.rows("robustness"))
    return [CLEAN, *(subject.budget(name) for name in names)]


def curve(subject: Subject) -> Figure:
    """Worst case by budget: defended, with guard, undefended."""
    series, at = curve_series(subject, MODELS), ticks(subject)
    place = charts.frame(scales.ordinal(at), scales.shares())
    reference = at.index(subject.budget(subject.reference))
    corner, _ = place.at(reference - 0.5, 1)
    wide = (place.right - place.left) / len(at)
    content = [
        svg.rect((corner, place.top), wide, place.bottom - place.top, "reference", 3),
        svg.text((corner + wide / 2, place.top - 10), "reference", "tick", "middle"),
        *place.axes("budget of the attacker, stronger to the right", "accuracy"),
        *charts.lines(place, series, shift_px=7),
    ]
    title = f"{subject.key}: worst case by budget"
    drawn = svg.drawing(f"robustness-{subject.key}", title, figure.spoken(series, at), 230, content)
    table = figure.of_rows(
        subject.rows("robustness", "worst_case_accuracy"), f"Worst case by budget, {subject.key}"
    )
    return Figure(
        f"figure-robustness-{subject.key}",
        title,
        drawn,
        table,
        figure.legend(series),
        subject.display.ATTACKER,
    )


def attacks(subject: Subject) -> Figure:
    """What each attack leaves by itself: defended, with guard, undefended."""
    table, reference = subject.verdicts(), subject.reference
    labels = _labels(table, reference)
    rows, series = [], []
    for model, (name, style) in MODELS.items():
        points = []
        for budget in table.budgets:
            for called, found in _alone(table, model, budget):
                shown = [f"{one:.6g}" for one in (found.value, found.low, found.high)]
                rows.append([called, name, budget, *shown, str(found.n)])
                if budget == reference:
                    place = labels.index(called)
                    points.append(Point(found.value, place, found.low, found.high))
        series.append(Series(name, style, points))
    ranges = Ranges(labels, series, scales.shares(0.5), "accuracy")
    title = f"{subject.key}: by attack, at {subject.budget(reference)}"
    said = ". ".join(
        f"{one.name}: " + ", ".join(f"{p.x:.3g} under {labels[int(p.y)]}" for p in one.points)
        for one in series
    )
    return Figure(
        f"figure-attacks-{subject.key}",
        title,
        svg.drawing(f"attacks-{subject.key}", title, said, ranges.height, ranges.draw()),
        Table(
            ("attack", "model", "budget", "accuracy", "low", "high", "n"),
            rows,
            f"Accuracy by attack, {subject.key}",
        ),
        figure.legend(series),
    )


def _labels(table: verdicts.Table, reference: str) -> list[str]:
    """What attacked any of the models, in the battery's order; what all leave comes last."""
    found = {name for model in MODELS for name, _ in _alone(table, model, reference)}
    order = [*ATTACKS.values(), *sorted(found - set(ATTACKS.values()) - {WORST}), WORST]
    return [name for name in order if name in found]


def _alone(table: verdicts.Table, model: str, budget: str) -> Iterator[tuple[str, Rate]]:
    """Each attack by itself that ran on the whole subset, and all of them together.

    Elsewhere, and at some budgets there too, an attack is spared what a cheaper one has broken.
    """
    together = np.ones(int(table.alone.sum()), bool)
    for attack in table.attacks(model, budget):
        values = table.values(model, attack, budget)[table.alone]
        together &= values != verdicts.WRONG
        if not np.any(values == verdicts.NOT_RUN):
            yield ATTACKS.get(attack, named(attack)), rate(values == verdicts.RIGHT)
    yield WORST, rate(together)


def field(subjects: Sequence[Subject]) -> Section:
    """Natural corruption."""
    return Section(
        "field",
        "In the field",
        "Accuracy of the int8 model on copies of test examples, each spoilt by one natural kind "
        "of corruption; severity grows to the right, and darker is worse.",
        [Block(figures=[_field(one) for one in subjects])],
    )


def _field(subject: Subject) -> Figure:
    rows = subject.rows("field", "accuracy", "low", "high", "n")
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        kind, _, severity = row["corruption"].rpartition("/")
        found.setdefault(kind, {})[severity] = float(row["accuracy"])
    severities = list(dict.fromkeys(one for kind in found.values() for one in kind))
    cells = [
        [(1 - kind.get(one, 1.0), f"{kind[one]:.2f}" if one in kind else "") for one in severities]
        for kind in found.values()
    ]
    heat = Heat([named(one) for one in found], severities, cells, "kind", "severity")
    title = f"{subject.key}: accuracy by corruption"
    worst = min(rows, key=lambda row: float(row["accuracy"]))
    said = (
        f"Accuracy over all {subject.figure('evaluate', 'int8.field_accuracy'):.3f}; "
        f"lowest {float(worst['accuracy']):.3f}, {named(worst['corruption'])}."
    )
    return Figure(
        f"figure-field-{subject.key}",
        title,
        svg.drawing(f"field-{subject.key}", title, said, heat.height, heat.draw()),
        figure.of_rows(rows, f"Accuracy by corruption and severity, {subject.key}"),
        note=said,
    )
