"""The data: how much there is, how hard it is, and a look at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup

from palisade.report.figure import Block, Section, Table
from palisade.report.samples import Exhibit
from palisade.report.source import figure
from palisade.report.subject import Subject

SPLITS = ("train", "validation", "calibration", "test")


def section(
    subjects: Sequence[Subject],
    exhibits: Sequence[Exhibit],
    shown: Callable[[Exhibit], Markup],
) -> Section:
    """Counts, then examples.

    Args:
        exhibits: one a task.
        shown: lays one out.
    """
    return Section(
        "data",
        "Data",
        "No speaker, scene or home is in two splits. A simple model is held against each task: "
        "where it did well, the data would be too easy to tell anything.",
        [
            Block(tables=[_counts(subjects)]),
            *(
                Block(one.key, exhibit.about, content=shown(exhibit))
                for one, exhibit in zip(subjects, exhibits, strict=True)
            ),
        ],
    )


def _counts(subjects: Sequence[Subject]) -> Table:
    rows = []
    for one in subjects:
        tree, where = one.json("prepare"), one.path("prepare")
        left_out = tree.get("left_out", {})
        rows.append(
            [
                one.key,
                *(f"{int(figure(tree, f'n.{split}', where)):,}" for split in SPLITS),
                f"{sum(left_out.values()):,}",
                f"{figure(tree, 'hardness.accuracy', where):.3f}",
                f"{figure(tree, 'hardness.limit', where):.3f}",
            ]
        )
    columns = ("task", *SPLITS, "left out", "simple model", "its limit")
    return Table(columns, rows, "Examples by split")
