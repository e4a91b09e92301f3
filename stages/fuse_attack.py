"""fuse_attack: craft inputs that open the door, or keep it shut, within each sensor's budget.

Reads the policy that ``fuse`` calibrated, the events, and of every task the int8 artefact, the
guard and the fake-quantised weights that an attack differentiates. Some test events that must not
open are forced, and some that must are denied, with one sensor's inputs crafted, with several and
with all. Judged as ``fuse`` judges. Writes rates for ``dvc metrics diff``, and tables: rates with
intervals beside clean ones and the bound of full control, checks, and a row an event.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from palisade import edge, stage, tasks, whitebox
from palisade.assault import chosen, figures, selfchecks, strength
from palisade.assault.aims import Aim
from palisade.assault.chosen import Part
from palisade.assault.crafting import Crafter, Goal
from palisade.assault.siege import Outcome, Siege
from palisade.attacks import seeing
from palisade.attacks.surrogates import Surrogate
from palisade.evaluation import checks, rows
from palisade.files import write_json
from palisade.fusion import artefact, composition, policy
from palisade.parallel import each
from palisade.scenes import windows
from palisade.scenes.windows import owners
from palisade.tables import read_csv, write_csv


@dataclass(frozen=True)
class Job:
    """One task's events, attacked towards one goal in a process of its own."""

    this: stage.Stage
    goal: Goal
    part: Part
    threshold_lsb: int

    def run(self) -> Outcome:
        """What became of them, in the order of the events."""
        held = self.part.held
        outcome = besieged(self).lay(held.x, owners(held)[0], self.goal)
        return outcome.at(self.part.places)


def main(this: stage.Stage) -> None:
    """Run the stage."""
    params = this.shared("fuse", policy.Params)
    amounts = this.shared("fuse_attack", strength.Params).events
    policy.check(params, this.tasks)
    at = strength.thresholds(this.dep("models/fusion/policy.json"), params.modalities)
    views = {key: this.for_task(key) for key in sorted(params.modalities)}
    held = {key: windows.load(v.dep("data/prepared/{key}/scenes.npz")) for key, v in views.items()}
    accepted = {key: policy.accepted(params, key, one.labels) for key, one in held.items()}
    numbered = {key: chosen.numbered(one, accepted[key]) for key, one in held.items()}
    test = composition.together(numbered, params.composed_events, seed=this.seed).of("test")
    drawn = chosen.draw(test, amounts, this.seed)
    jobs = [
        Job(views[key], goal, part, at[key])
        for goal, events in drawn.items()
        for key, part in chosen.parts(events, held).items()
    ]
    found = each(Job.run, jobs, "attacks on the door")
    outcomes = {(job.goal, job.this.key): one for job, one in zip(jobs, found, strict=True)}
    doors = {
        goal: figures.Door(
            events,
            {key: outcomes[goal, key] for key in events.tasks},
            np.array([at[key] for key in events.tasks], np.int64),
            goal,
        )
        for goal, events in drawn.items()
    }
    report(this, doors)


def besieged(job: Job) -> Siege:
    """A task and its attacker."""
    this, held = job.this, job.part.held
    params = this.shared("fuse", policy.Params)
    hard = this.shared("fuse_attack", strength.Params)
    grid = this.params("attack", tasks.load(this.key, "budgets").Budgets)
    box, sensor = whitebox.of(this), artefact.sensor(this, held, params)
    device = edge.of(this, "models/{key}/model.tflite", "models/{key}/guard.json")
    surrogate = None
    if sensor.evidence != "all" and device.guard is not None:
        surrogate = Surrogate(device.guard)
    model = seeing.fake_quantised(this, box, "", len(held.labels))
    crafter = Crafter(
        Aim(sensor.accepted, job.threshold_lsb, surrogate),
        seeing.seen(box, model, device),
        box.threat,
        budget=grid.reference,
        steps=hard.steps,
        seed=this.seed,
        like=held.x,
    )
    return Siege(sensor, job.threshold_lsb, crafter, box.threat, hard.restarts)


def report(this: stage.Stage, doors: dict[Goal, figures.Door]) -> None:
    """Write figures and tables."""
    fused = read_csv(this.dep("metrics/detail/fusion_events.csv"))
    found = selfchecks.all_of(doors, fused)
    write_json(
        this.out("metrics/fusion_attack.json"),
        {
            **figures.metrics(doors),
            "checks": checks.summary(found),
            "reliable": all(one.passed for one in found),
        },
    )
    detail = "metrics/detail/fusion_attack"
    write_csv(this.out(f"{detail}.csv"), figures.rows(doors))
    write_csv(this.out(f"{detail}_checks.csv"), [rows.of_check(one) for one in found])
    write_csv(this.out(f"{detail}_events.csv"), list(figures.event_rows(doors)))


if __name__ == "__main__":
    stage.run("fuse_attack", main)
