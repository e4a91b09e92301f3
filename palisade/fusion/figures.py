"""What the decision did in the test events, as rates by name.

A figure is a set of trials, each a hit or not; a name's dots nest it in the metrics.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.evaluation.rates import rate
from palisade.fusion.decision import agreement, controlled_negatives, others
from palisade.fusion.events import Events
from palisade.fusion.faults import Failed
from palisade.fusion.scores import SILENT_LSB
from palisade.fusion.thresholds import Thresholds

Trials = dict[str, NDArray[np.bool_]]


def all_of(
    test: Events, thresholds: Thresholds, failed: Mapping[str, Mapping[str, Failed]]
) -> Trials:
    """Every figure, of test events."""
    return {
        **of_action(test, thresholds),
        **of_control(test, thresholds),
        **of_failures(test, thresholds, failed),
    }


def of_action(test: Events, thresholds: Thresholds) -> Trials:
    """With every sensor in order and in nobody's hands; beside it, each task deciding alone."""
    passed = np.asarray(agreement(test, thresholds.values_lsb).all(axis=1))
    alone = agreement(test, thresholds.alone_lsb)
    found = {
        "action.false_accept_rate": passed[~test.warranted],
        "action.false_reject_rate": ~passed[test.warranted],
    }
    for place, task in enumerate(test.tasks):
        found[f"single.{task}.false_accept_rate"] = alone[~test.warranted, place]
        found[f"single.{task}.false_reject_rate"] = ~alone[test.warranted, place]
        found[f"implausible.{task}"] = ~test.plausible[:, place]
        found[f"no_evidence.{task}"] = test.scores[:, place] == SILENT_LSB
    return found


def of_control(test: Events, thresholds: Thresholds) -> Trials:
    """With one task, or two of them, under full control of the attacker.

    Negatives are the events in which at least one other task's truth does not warrant the
    action. A bystander's event, in which all others truly agree, is counted apart: agreement
    proves that somebody is there, not who.
    """
    agrees, tasks = agreement(test, thresholds.values_lsb), test.tasks
    found: Trials = {}
    for place, task in enumerate(tasks):
        negative, passes = controlled_negatives(test, agrees, (place,))
        found[f"controlled.{task}.false_accept_rate"] = passes[negative]
        bystander = ~negative & ~test.truth[:, place]
        found[f"controlled.{task}.bystander_false_accept_rate"] = passes[bystander]
    for pair in combinations(range(len(tasks)), 2) if len(tasks) > 2 else ():
        negative, passes = controlled_negatives(test, agrees, pair)
        name = "_".join(tasks[place] for place in pair)
        found[f"two_controlled.{name}"] = passes[negative]
    return found


def of_failures(
    test: Events, thresholds: Thresholds, failed: Mapping[str, Mapping[str, Failed]]
) -> Trials:
    """With one task's sensor failed: false accepts, and how often the door still opens.

    A faulty sensor's verdict is the worst of all that were tried, the same in every event.
    """
    agrees = agreement(test, thresholds.values_lsb)
    found: Trials = {}
    for place, task in enumerate(test.tasks):
        passes = agrees[:, others(len(test.tasks), (place,))].all(axis=1)
        for fault, outcome in failed[task].items():
            passed = np.asarray(passes & outcome.agrees(int(thresholds.values_lsb[place])))
            found[f"failed.{task}.{fault}.false_accept_rate"] = passed[~test.warranted]
            found[f"failed.{task}.{fault}.availability"] = passed[test.warranted]
    return found


def near_miss_share(test: Events) -> float:
    """Near-misses among the negatives of a controlled task; of the task with the fewest."""
    shares = []
    for place in range(len(test.tasks)):
        negative = ~test.truth[:, others(len(test.tasks), (place,))].all(axis=1)
        shares.append(float(np.mean(test.near_miss[negative])) if negative.any() else 0.0)
    return min(shares)


def counts(events: Events, thresholds: Thresholds) -> dict[str, Any]:
    """How many events there are, of which sort, and what calibration came to."""
    calibration, test = events.of("calibration"), events.of("test")
    return {
        "calibration": {
            "n": len(calibration),
            "warranted": int(calibration.warranted.sum()),
            "ranks": dict(zip(events.tasks, thresholds.ranks, strict=True)),
            "worst_controlled_false_accept_rate": thresholds.worst_false_accept_rate,
        },
        "n": len(test),
        "warranted": int(test.warranted.sum()),
        "near_miss_share": near_miss_share(test),
        "scenes": {"aligned": events.aligned},
        "thresholds_lsb": by_task(events.tasks, thresholds),
    }


def by_task(tasks: tuple[str, ...], thresholds: Thresholds) -> dict[str, int]:
    """Thresholds by the name of their task."""
    return {task: int(at) for task, at in zip(tasks, thresholds.values_lsb, strict=True)}


def faults_that_agree(
    tasks: tuple[str, ...], thresholds: Thresholds, failed: Mapping[str, Mapping[str, Failed]]
) -> int:
    """How many faults of a sensor agree to the action, whatever the other sensors say."""
    return sum(
        outcome.agrees(int(thresholds.values_lsb[place]))
        for place, task in enumerate(tasks)
        for outcome in failed[task].values()
    )


def nested(trials: Trials) -> dict[str, Any]:
    """The rates as a tree, by the dots of their names; those of no event at all are left out."""
    tree: dict[str, Any] = {}
    for name, hits in trials.items():
        if not len(hits):
            continue
        *above, last = name.split(".")
        branch = tree
        for part in above:
            branch = branch.setdefault(part, {})
        branch[last] = rate(hits).value
    return tree


def rows(trials: Trials) -> list[dict[str, Any]]:
    """The rates with their intervals, a row each."""
    return [
        {"figure": name, "rate": (found := rate(hits)).value, "low": found.low, "high": found.high,
         "n": found.n}
        for name, hits in trials.items()
    ]  # fmt: skip


def event_rows(events: Events, thresholds: Thresholds) -> list[dict[str, Any]]:
    """A row an event, of both splits: truths, scores, verdicts; to compare runs pairwise."""
    agrees = agreement(events, thresholds.values_lsb)
    rows = []
    for at in range(len(events)):
        row: dict[str, Any] = {
            "scene": str(events.scenes[at]),
            "split": str(events.splits[at]),
            "event": str(events.kinds[at]),
            "near_miss": int(events.near_miss[at]),
            "warranted": int(events.warranted[at]),
            "passed": int(agrees[at].all()),
        }
        for place, task in enumerate(events.tasks):
            row[f"{task}_truth"] = int(events.truth[at, place])
            row[f"{task}_score_lsb"] = int(events.scores[at, place])
            row[f"{task}_plausible"] = int(events.plausible[at, place])
            row[f"{task}_agrees"] = int(agrees[at, place])
        rows.append(row)
    return rows
