"""report: one HTML page that shows what the run gave.

Reads   metrics/                     what the other stages measured, by task and of the door
        data/prepared/<task>/test.npz       for a look at some examples
        models/<task>/               model and guard, whose digests the page names
        reports/pipeline.yaml        dvc.yaml by another name: the DAG, which it draws
        models/release/checklist.json, metrics/<task>/stream.json, physical.json
                                     where dvc.yaml lists them
Writes  reports/report.html          without scripts, and without anything from a network

The comparison with another revision depends on git, so it is no stage: `make report BASE=rev`.
"""

from __future__ import annotations

from palisade import stage
from palisade.files import write_text
from palisade.report import building


def main(this: stage.Stage) -> None:
    """Write the page, whole or not at all."""
    write_text(this.out("reports/report.html"), building.build(this))


if __name__ == "__main__":
    stage.run("report", main)
