"""``report``: the report of what is there, perhaps beside another revision's figures."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from palisade import stage
from palisade.files import write_text
from palisade.report import building, comparison, revision

REPORT, COMPARISON = Path("reports/report.html"), Path("reports/comparison.html")


def run(arguments: Namespace) -> None:
    """Write the page and say where it is."""
    this = stage.enter("report", None)
    if arguments.base is None:
        path, page = REPORT, building.build(this)
    else:
        path, page = COMPARISON, compared(this, arguments.base)
    path = arguments.output or path
    write_text(path, page)
    print(f"{path}: {len(page.encode()) / 1e6:.1f} MB; open it in a browser")


def compared(this: stage.Stage, name: str) -> str:
    """The page with what changed since a revision.

    Raises:
        PalisadeError: The revision is unknown, or has no metrics.
    """
    base = revision.base(this.root, name)
    metrics = building.metrics_of(this)
    subjects = building.subjects_of(this, metrics)
    if error := comparison.none_of(base, subjects):
        raise error
    params = stage.read_yaml(this.root / "params.yaml")
    return building.build(this, [comparison.section(subjects, metrics, params, base)])
