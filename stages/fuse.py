"""fuse: let a critical action pass only when all sensors agree, and measure who can force it.

Reads the int8 artefact, the guard and the events of every task that fuse.modalities names.
Thresholds are set on calibration events, figures taken of test events. Writes policy.json, which
firmware needs; fusion.json for ``dvc metrics diff``; and tables: rates with intervals, what other
evidence would do to them, checks, and a row an event, so that two runs can be compared pairwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from palisade import stage, tasks
from palisade.evaluation import apart, checks, rows
from palisade.files import write_json
from palisade.fusion import artefact, composition, evidence, figures, policy, sensing
from palisade.fusion.events import Events
from palisade.fusion.faults import Failed
from palisade.fusion.thresholds import Thresholds, calibrate
from palisade.scenes import events, windows
from palisade.tables import write_csv

NEAR_MISS_LIMIT = 1 / 3
IMPLAUSIBLE_LIMIT = 0.01


def main(this: stage.Stage) -> None:
    """Run the stage."""
    params = this.shared("fuse", policy.Params)
    policy.check(params, this.tasks)
    witnesses, failed, labels = {}, {}, {}
    twice = 0
    for key in sorted(params.modalities):  # DVC does not track their order, so none may matter
        mine = this.for_task(key)
        held = windows.load(mine.dep("data/prepared/{key}/scenes.npz"))
        sensor = artefact.sensor(mine, held, params)
        labels[key] = held.labels
        twice += apart.shared(held)
        witnesses[key] = sensing.witnesses(held, sensor)
        failed[key] = sensing.fail(held, sensor, tasks.load(key, "samples.faults").faults)
    together = partial(composition.together, amounts=params.composed_events, seed=this.seed)
    counts = {key: params.modalities[key].evidence for key in witnesses}
    seen = together(evidence.chosen(witnesses, counts))
    thresholds = calibrate(seen.of("calibration"), params.false_reject_target)
    description = policy.describe(
        params,
        figures.by_task(seen.tasks, thresholds),
        labels,
        this.shared("scenes", events.Params).window_s,
    )
    write_json(this.out("models/fusion/policy.json"), description)
    report(this, seen, thresholds, failed, params, twice)
    write_csv(
        this.out("metrics/detail/fusion_evidence.csv"),
        evidence.rows(witnesses, counts, together, params.false_reject_target),
    )


def report(
    this: stage.Stage,
    seen: Events,
    thresholds: Thresholds,
    failed: Mapping[str, Mapping[str, Failed]],
    params: policy.Params,
    twice: int,
) -> None:
    """Write figures and tables; ``twice`` counts what calibration and test events share."""
    test = seen.of("test")
    trials = figures.all_of(test, thresholds, failed)
    found = [
        checks.Check(
            "a_third_are_near_misses", figures.near_miss_share(test), NEAR_MISS_LIMIT, at_least=True
        ),
        checks.Check("calibration_and_test_events_are_apart", twice, 0),
        checks.Check("enough_events", len(test), params.least_events, at_least=True),
        checks.Check(
            "no_failed_sensor_agrees", figures.faults_that_agree(test.tasks, thresholds, failed), 0
        ),
        checks.Check(
            "working_sensors_are_plausible", float(np.mean(~test.plausible)), IMPLAUSIBLE_LIMIT
        ),
    ]
    write_json(
        this.out("metrics/fusion.json"),
        {
            **figures.nested(trials),
            **figures.counts(seen, thresholds),
            "checks": checks.summary(found),
            "reliable": all(one.passed for one in found),
        },
    )
    detail = "metrics/detail/"
    write_csv(this.out(f"{detail}fusion.csv"), figures.rows(trials))
    write_csv(this.out(f"{detail}fusion_checks.csv"), [rows.of_check(one) for one in found])
    write_csv(this.out(f"{detail}fusion_events.csv"), figures.event_rows(seen, thresholds))


if __name__ == "__main__":
    stage.run("fuse", main)
