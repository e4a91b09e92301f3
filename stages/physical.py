"""physical@task: attacks that reach the sensor through the world, and re-recordings of them.

Reads the defended and the undefended model (fake-quantised weights to craft on, int8 artefact to
be judged by), the guard, the test set, the calibration set (what serves for all examples is
crafted on it), and the folder data/raw/physical/<task>, where recordings of real attacks go.
Writes metrics/<task>/physical.json: accuracy, and the share accepted and wrong, of each attack at
its reference severity, and what shows that they were crafted well; and
metrics/<task>/detail/physical.csv: of every attack and severity.
"""

from __future__ import annotations

from dataclasses import dataclass

from palisade import stage, tasks
from palisade.files import write_json
from palisade.parallel import each
from palisade.physical import recorded, scoring, soundness, target
from palisade.physical.contest import judged, prepared
from palisade.physical.scoring import Outcome
from palisade.tables import write_csv


@dataclass(frozen=True)
class _Model:
    """One model, attacked in a process of its own."""

    this: stage.Stage
    name: str

    def run(self) -> list[Outcome]:
        task = tasks.load(self.this.key, "physical.attacks")
        contest = prepared(self.this, task.Params, self.name)
        real = list(recorded.attacks(self.this, contest))  # first, as a bad one ends the stage
        return judged(contest, task.attacks(contest)) + judged(contest, iter(real))


def main(this: stage.Stage) -> None:
    """Run the stage."""
    models = [_Model(this, name) for name in (target.DEFENDED, target.UNDEFENDED)]
    defended, undefended = each(_Model.run, models, "physical attacks")
    counted = [scoring.carried(one) for one in (defended, undefended)]
    write_csv(this.out("metrics/{key}/detail/physical.csv"), scoring.rows(*counted))
    write_json(
        this.out("metrics/{key}/physical.json"),
        {
            "examples": len(defended[0].right),
            **scoring.figures(counted[0]),
            "leads": soundness.figures(defended, undefended),
        },
    )


if __name__ == "__main__":
    stage.run("physical", main)
