"""The decision to act: false accepts against false rejects, and which classes are mistaken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from palisade.report import charts, figure, scales, svg
from palisade.report.charts import Heat, Point, Series
from palisade.report.figure import Block, Figure, Section, Table
from palisade.report.subject import Subject, named

MANY_CLASSES = 4  # beyond which names of columns are tilted


def decisions(subjects: Sequence[Subject]) -> Section:
    """DET, ROC and confusion."""
    able = [one for one in subjects if _curve(one)]
    return Section(
        "decisions",
        "Accepts and rejects",
        "Of clean test examples, without the guard. A false accept is an action that was not "
        "asked for; a false reject an action that was missed, or another one in its place. The "
        "mark is where the bare model decides.",
        [
            Block(
                "Detection error trade-off (DET)",
                "Both axes are normal deviates; rates below 0.1 % are drawn at 0.1 %.",
                figures=[_det(one) for one in able],
            ),
            Block("Receiver operating characteristic (ROC)", figures=[_roc(one) for one in able]),
            Block("Confusion", figures=[_confusion(one) for one in subjects]),
        ],
    )


def _curve(subject: Subject) -> list[tuple[float, float]]:
    """False accepts and rejects by threshold; none where every class asks for an action."""
    columns = ("false_accept_rate", "false_reject_rate")
    rows = subject.rows("det", *columns, optional=True)
    return [(float(row[columns[0]]), float(row[columns[1]])) for row in rows if row[columns[0]]]


def _bare(subject: Subject) -> tuple[float, float]:
    """False accepts and rejects of a bare argmax."""
    return (
        subject.figure("evaluate", "int8.false_accept_rate"),
        subject.figure("evaluate", "int8.false_reject_rate"),
    )


def _det(subject: Subject) -> Figure:
    curve, bare = _curve(subject), _bare(subject)
    series = [
        Series("by threshold", 1, [Point(*one) for one in curve], marked=False),
        Series("bare model", 3, [Point(*bare)]),
    ]
    place = charts.frame(scales.deviates(), scales.deviates(), 300)
    error = subject.figure("evaluate", "int8.equal_error_rate")
    content = [
        *place.axes("false accepts", "false rejects"),
        svg.path([place.at(0.001, 0.001), place.at(0.9, 0.9)], "guide"),
        *charts.lines(place, series),
    ]
    said = f"False accepts {bare[0]:.3f}, false rejects {bare[1]:.3f}; equal error rate {error:.3f}"
    return _figure(subject, "det", "false accepts against false rejects", said, 300, content)


def _roc(subject: Subject) -> Figure:
    curve, bare = _curve(subject), _bare(subject)
    series = [
        Series("by threshold", 1, [Point(a, 1 - r) for a, r in curve], marked=False),
        Series("bare model", 3, [Point(bare[0], 1 - bare[1])]),
    ]
    place = charts.frame(scales.shares(), scales.shares(), 300)
    content = [
        *place.axes("false accepts", "right accepts"),
        svg.path([place.at(0, 0), place.at(1, 1)], "guide"),
        *charts.lines(place, series),
    ]
    said = f"Right accepts {1 - bare[1]:.3f} at {bare[0]:.3f} false accepts"
    return _figure(subject, "roc", "right against false accepts", said, 300, content)


def _figure(
    subject: Subject, kind: str, what: str, said: str, height: float, content: Iterable[str]
) -> Figure:
    title = f"{subject.key}: {what}"
    rows = subject.rows("det")
    return Figure(
        f"figure-{kind}-{subject.key}",
        title,
        svg.drawing(f"{kind}-{subject.key}", title, said + ".", height, content),
        figure.of_rows(rows, f"By threshold of the action's lead, {subject.key}"),
        [(1, "by threshold"), (3, "bare model")],
        said + ".",
    )


def _confusion(subject: Subject) -> Figure:
    rows = subject.rows("confusion")
    labels = list(dict.fromkeys(row[key] for key in ("actual", "predicted") for row in rows))
    counts = {(actual, said): 0 for actual in labels for said in labels}
    for row in rows:
        counts[row["actual"], row["predicted"]] += 1
    totals = {actual: sum(counts[actual, said] for said in labels) for actual in labels}
    cells = [
        [
            (
                counts[actual, said] / max(totals[actual], 1),
                str(counts[actual, said]) if counts[actual, said] else "",
            )
            for said in labels
        ]
        for actual in labels
    ]
    names = [named(one) for one in labels]
    heat = Heat(names, names, cells, "actual", "predicted", tilted=len(labels) > MANY_CLASSES)
    right = sum(counts[one, one] for one in labels)
    title = f"{subject.key}: actual and predicted class"
    said = f"{right} of {len(rows)} are right. Shades are shares of a row."
    return Figure(
        f"figure-confusion-{subject.key}",
        title,
        svg.drawing(f"confusion-{subject.key}", title, said, heat.height, heat.draw()),
        Table(
            ("actual", *names),
            [
                [name, *(str(counts[actual, said]) for said in labels)]
                for name, actual in zip(names, labels, strict=True)
            ],
            f"Examples by actual and predicted class, {subject.key}",
        ),
        note=said,
    )
