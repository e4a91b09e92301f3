"""The guard: which signals work, what is unfamiliar, agreement in time, and hours of input."""

from __future__ import annotations

from collections.abc import Sequence

from palisade.report import charts, figure, scales, source, svg
from palisade.report.charts import Point, Ranges, Series
from palisade.report.figure import Block, Figure, Section, Table
from palisade.report.source import written
from palisade.report.subject import Subject, between, named, rounded

# An input of ``sequences.csv``, when it counts, and what the row of the chart is called.
OVER_TIME = (
    ("clean", "wrong_action", "wrong, clean"),
    ("flicker", "wrong_action", "wrong, flicker"),
    ("sustained", "wrong_action", "wrong, sustained"),
    ("clean", "right_action", "right, clean"),
)
HEARD = ("hours", "false_accepts_per_hour", "false_accepts_per_hour_high", "false_reject_rate")
JUDGES = {"guard": ("guard", 1), "guard_and_consistency": ("guard and agreement in time", 2)}


def guards(subjects: Sequence[Subject]) -> Section:
    """Everything about the guard of one sensor."""
    return Section(
        "guard",
        "Guard",
        "Beside each model a guard decides whether an answer can be believed. Its limits come "
        "from calibration data.",
        [
            Block(
                "Unfamiliar inputs",
                "How well the guard's signals tell inputs of no kind that training or calibration "
                "drew from clean test examples: 0.5 is a guess, 1 tells all.",
                figures=[_unfamiliar(one) for one in subjects],
            ),
            Block(
                "Signals under attack",
                "How well each signal tells examples that fool the network at the reference "
                "budget from clean ones, and what is rejected for it.",
                figures=[_signals(one) for one in subjects],
            ),
            Block(
                "What each signal gives",
                "The share of the fixed subset that is right or rejected under all attacks at the "
                "reference budget, made against the whole guard: with all signals, without this "
                "one, and with it alone. A signal that changes neither does not help there.",
                tables=[_given(subjects)],
            ),
            Block(
                "Network and companion tree",
                "Of what fools one of the two, the share that fools the other too.",
                tables=[_transfer(subjects)],
            ),
        ],
    )


def _given(subjects: Sequence[Subject]) -> Table:
    shares = ("safe_unguarded", "safe_with_all", "safe_without", "safe_with_it_alone")
    rows = [
        [
            one.key,
            named(row["signal"]),
            *(rounded(row[share]) for share in shares),
            "yes" if row["helps"] == "True" else "no",
        ]
        for one in subjects
        for row in one.rows("ablation", *shares)
    ]
    head = ("task", "signal", "no guard", "whole guard", "without it", "it alone", "helps")
    return Table(head, rows, "What each signal of the guard gives under attack")


def _transfer(subjects: Sequence[Subject]) -> Table:
    rows = [
        [
            one.key,
            named(row["direction"]),
            row["fooled"],
            row["transferred"],
            rounded(row["rate"]),
            between(float(row["low"]), float(row["high"])),
            rounded(row["control"]),
        ]
        for one in subjects
        for row in one.rows("transfer", "fooled", "transferred", "rate", "low", "high", "control")
    ]
    head = ("task", "direction", "fooled", "transferred", "rate", "95 % interval")
    return Table(
        (*head, "noise of that budget"), rows, "Transfer between network and companion tree"
    )


def _unfamiliar(subject: Subject) -> Figure:
    rows = subject.rows("unfamiliar", "auroc")
    series = [Series("AUROC", 1, [Point(float(row["auroc"]), n) for n, row in enumerate(rows)])]
    labels = [named(row["kind"]) for row in rows]
    ranges = Ranges(labels, series, _auroc(rows), "AUROC")
    title = f"{subject.key}: unfamiliar inputs told from clean ones"
    said = ", ".join(f"{row['kind']} {float(row['auroc']):.3f}" for row in rows)
    return Figure(
        f"figure-unfamiliar-{subject.key}",
        title,
        svg.drawing(f"unfamiliar-{subject.key}", title, said, ranges.height, ranges.draw()),
        figure.of_rows(rows, f"Unfamiliar inputs, {subject.key}"),
    )


def _signals(subject: Subject) -> Figure:
    rows = subject.rows("signals", "auroc", "rejected", "clean_rejected")
    series = [Series("AUROC", 1, [Point(float(row["auroc"]), n) for n, row in enumerate(rows)])]
    ranges = Ranges(
        [named(row["signal"]) for row in rows], series, scales.shares(0.5), "AUROC", 0.5, "guess"
    )
    title = f"{subject.key}: each signal under attack"
    said = ", ".join(f"{row['signal']} {float(row['auroc']):.3f}" for row in rows)
    return Figure(
        f"figure-signals-{subject.key}",
        title,
        svg.drawing(f"signals-{subject.key}", title, said, ranges.height, ranges.draw()),
        figure.of_rows(rows, f"Signals of the guard, {subject.key}"),
    )


def _auroc(rows: Sequence[dict[str, str]]) -> scales.Scale:
    """From a guess to all, or from 0 where a kind is told worse than by a guess."""
    if min(float(row["auroc"]) for row in rows) < 0.5:
        return scales.shares(0.5)
    return scales.Scale(0.5, 1.0, tuple((n / 10, f"{n / 10:g}") for n in range(5, 11)))


def over_time(subjects: Sequence[Subject]) -> Section:
    """Events window by window."""
    return Section(
        "sequences",
        "Over time",
        "Test events go through the device window by window, clean or attacked towards a wrong "
        "action: in one window (flicker) or in all (sustained). Shares of events in which the "
        "action was accepted at any time.",
        [Block(figures=[_sequences(one) for one in subjects])],
    )


def _sequences(subject: Subject) -> Figure:
    rows = subject.rows("sequences", "rate", "low", "high", "n")
    series = []
    for judge, (name, style) in JUDGES.items():
        points = []
        for place, (given, verdict, _) in enumerate(OVER_TIME):
            wanted = (given, judge, "any", verdict)
            points += [
                Point(float(row["rate"]), place, float(row["low"]), float(row["high"]))
                for row in rows
                if (row["input"], row["judge"], row["when"], row["verdict"]) == wanted
            ]
        series.append(Series(name, style, points))
    labels = [name for _, _, name in OVER_TIME]
    ranges = Ranges(labels, series, scales.shares(0.5), "share of events")
    title = f"{subject.key}: actions accepted over time"
    said = ". ".join(
        f"{one.name}: " + ", ".join(f"{labels[int(p.y)]} {p.x:.3g}" for p in one.points)
        for one in series
    )
    return Figure(
        f"figure-sequences-{subject.key}",
        title,
        svg.drawing(f"sequences-{subject.key}", title, said, ranges.height, ranges.draw()),
        figure.of_rows(rows, f"Verdicts over sequences, {subject.key}"),
        figure.legend(series),
    )


def stream(subjects: Sequence[Subject]) -> Section:
    """Continuous input, for tasks that have a stream."""
    return Section(
        "stream",
        "Continuous input",
        "Hours of input without a command, and commands said in further sound. The thresholds "
        "that the device has are in the middle of the curve, the mark; moving all of them trades "
        "false accepts for false rejects.",
        [Block(figures=[draw(one) for one in subjects for draw in (_stream, _heard)])],
    )


def _stream(subject: Subject) -> Figure:
    columns = ("false_reject_rate", "false_accepts_per_hour", "false_accepts_per_hour_high")
    rows = subject.rows("stream", *columns)
    heard = [tuple(float(row[column]) for column in columns) for row in rows]
    least = 1 / subject.figure("stream", "hours")  # one accept; none is drawn below it
    accepts = [max(accept, least / 2) for _, accept, _ in heard]
    figures = {
        name: subject.figure("stream", name)
        for name in (*columns, "hours", "false_reject_rate_high")
    }
    here = Point(
        figures["false_reject_rate"],
        max(figures["false_accepts_per_hour"], least / 2),
    )
    series = [
        Series(
            "by threshold",
            1,
            [Point(reject, accept) for (reject, _, _), accept in zip(heard, accepts, strict=True)],
            marked=False,
        ),
        Series("upper 95 % limit", 4, [Point(one[0], one[2]) for one in heard], marked=False),
        Series("as released", 3, [here]),
    ]
    highest = max(high for _, _, high in heard)
    place = charts.frame(scales.shares(), scales.logarithmic(least / 2, highest), 300)
    content = [
        *place.axes("false rejects", "false accepts an hour"),
        *charts.lines(place, series),
    ]
    title = f"{subject.key}: false accepts an hour against false rejects"
    said = (
        f"{figures['false_accepts_per_hour']:.2f} false accepts an hour (at most "
        f"{figures['false_accepts_per_hour_high']:.2f}) at "
        f"{figures['false_reject_rate']:.3f} false rejects (at most "
        f"{figures['false_reject_rate_high']:.3f}), over {figures['hours']:.1f} hours. "
        f"None at all is drawn at {least / 2:.2g}."
    )
    return Figure(
        f"figure-stream-{subject.key}",
        title,
        svg.drawing(f"stream-{subject.key}", title, said, 300, content),
        figure.of_rows(rows, f"By shift of all thresholds, {subject.key}"),
        figure.legend(series),
        said,
    )


def _heard(subject: Subject) -> Figure:
    tree, where = subject.json("stream"), subject.path("stream")
    parts = {"all": tree, "speech": tree.get("speech"), "household": tree.get("background")}
    parts["without guard"] = tree.get("without_guard")
    shown = {name: part for name, part in parts.items() if isinstance(part, dict)}
    points, rows = [], []
    for place, (name, part) in enumerate(shown.items()):
        accepts = source.figure(part, "false_accepts_per_hour", where)
        high = part.get("false_accepts_per_hour_high")
        points.append(Point(accepts, place, accepts if high else None, high))
        rows.append([name, *(written(part.get(key)) for key in HEARD)])
    scale = scales.linear(0.0, max(point.high or point.x for point in points))
    ranges = Ranges(list(shown), [Series("rate", 1, points)], scale, "false accepts an hour")
    title = f"{subject.key}: false accepts an hour, by what is heard"
    said = ", ".join(f"{name} {point.x:.2f}" for name, point in zip(shown, points, strict=True))
    return Figure(
        f"figure-heard-{subject.key}",
        title,
        svg.drawing(f"heard-{subject.key}", title, said, ranges.height, ranges.draw()),
        Table(("heard", *map(named, HEARD)), rows, title),
        note="The line reaches to the upper 95 % limit.",
    )
