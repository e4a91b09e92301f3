"""How soon the monitor sees drift: ``python -m benchmarks.drift TASK [TASK ...] [--shifts]``.

``--shifts`` needs no model: normally distributed scores, 1000 of calibration, move by so many
standard deviations. For tasks, run it where ``dvc repro`` has left data and models. Model and guard
answer the calibration, test and field splits as on the device, and logs are made of these answers
in random order:

- ``calibration``: one random half of the calibration split, held against the other. There is no
  drift, so an alarm is false, and of all such logs at most a share ``alpha`` may have one.
- ``test``: clean, of speakers, scenes or homes that calibration has not. An alarm shows that they
  differ from calibration's; whether it matters is for the distances to say.
- a kind and severity of corruption, ``at once``: corrupted from the first answer on; ``late``:
  after half of the calibration split, held against the other half.

Figures: the share of logs with an alarm, and after how many corrupted answers it came (median and
90th percentile of all logs, blank where it did not); how many ``martingale.expected_events``
predicts; the verdict on one log corrupted at once; and the share that the guard rejects.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from palisade import edge, seeds, splits, stage
from palisade.files import write_json
from palisade.guard import calibration
from palisade.guard.judgement import Signal
from palisade.monitoring import conformal, log, martingale, verdict
from palisade.monitoring.reading import Log

ALPHA = 0.01
SHIFTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
LOGS = 20  # of each kind
UNDRIFTED = 200
QUANTILES = {"median": 0.5, "p90": 0.9}


def answers(root: Path, task: str, path: str, *, most: int | None = None) -> tuple[Log, list[str]]:
    """A split as a log, and each answer's kind: ``<corruption>/<severity>`` in the field."""
    this = stage.enter("evaluate", task, root)
    split = splits.load(root / path.format(task=task))
    kinds = [one.rsplit("/", maxsplit=one.count("/") - 1)[0] for one in split.ids.tolist()]
    if most is not None:
        kept = [at for at, kind in enumerate(kinds) if kinds[:at].count(kind) < most]
        split, kinds = split.take(np.array(kept)), [kinds[at] for at in kept]
    model, guard = (root / f"models/{task}/{name}" for name in ("model.tflite", "guard.json"))
    device = edge.of(this, "models/{key}/model.tflite", "models/{key}/guard.json")
    header = log.Header(
        task=task,
        model=log.digest(model),
        guard=log.digest(guard),
        device=log.CALIBRATION,
        firmware=0,
        labels=list(split.labels),
    )
    return Log.of(header, np.array(log.rows(device.judge(split.x), day=0))), kinds


def shuffled(found: Log, *names: str | int) -> Log:
    """The same answers in an order of their own."""
    return found.take(seeds.generator(0, "drift", *names).permutation(len(found)))


def alarm(found: Log, known: Log) -> int | None:
    """After how many answers the first of the signals raised an alarm."""
    varying = verdict.varying(known)
    at = [
        martingale.first_alarm(verdict.wealth(found, known, one), ALPHA / len(varying))
        for one in varying
    ]
    return min((one for one in at if one is not None), default=None)


def predicted(found: Log, known: Log) -> float | None:
    """How many answers an alarm should take, each p-value being against calibration alone."""
    varying = verdict.varying(known)
    least = min(
        martingale.expected_events(alone(found, known, one), ALPHA / len(varying))
        for one in varying
    )
    return finite(least)


def finite(count: float) -> float | None:
    """A number of answers for JSON; None where no alarm is to be expected."""
    return round(count, 1) if np.isfinite(count) else None


def alone(found: Log, known: Log, signal: Signal) -> NDArray[np.float64]:
    """``[n]`` p-values of answers, none of which has seen the others."""
    was = known.label, calibration.strangeness(known.scores, signal)
    strange = calibration.strangeness(found.scores, signal)
    ties = seeds.generator(0, "drift", "alone", signal.name).random(len(found))
    one = (slice(at, at + 1) for at in range(len(found)))
    return np.concatenate(
        [conformal.p_values(was, (found.label[at], strange[at]), ties[at]) for at in one]
    )


def of_alarms(alarms: list[int | None]) -> dict[str, Any]:
    """Share of logs with an alarm, and when it came."""
    times = np.array([np.inf if one is None else one for one in alarms])
    at = {name: float(np.quantile(times, q, method="higher")) for name, q in QUANTILES.items()}
    return {
        "alarms": float(np.mean(np.isfinite(times))),
        **{name: value if np.isfinite(value) else None for name, value in at.items()},
    }


def halves(known: Log, name: str, at: int) -> tuple[Log, Log]:
    """Two random halves."""
    both = shuffled(known, name, at)
    middle = len(both) // 2
    return both.take(slice(None, middle)), both.take(slice(middle, None))


def shifts() -> Iterator[dict[str, Any]]:
    """How soon scores that moved raise an alarm of one of five signals."""
    for sigmas in SHIFTS:
        times: list[int | None] = []
        for at in range(LOGS):
            random = seeds.generator(0, "drift", "shift", at)
            known, seen = random.normal(size=1000), random.normal(sigmas, size=1000)
            whole = [np.round(1000 * one).astype(np.int64) for one in (known, seen)]
            was, now = ((np.zeros(len(one), np.int64), one) for one in whole)
            path = martingale.log_wealth(conformal.p_values(was, now, random.random(1000))[None])
            times.append(martingale.first_alarm(path[0], ALPHA / len(Signal)))
        far = norm.sf(norm.ppf((np.arange(10_000) + 0.5) / 10_000) + sigmas)
        yield {
            "kind": "shift",
            "sigmas": sigmas,
            "auroc": float(norm.cdf(sigmas / np.sqrt(2))),
            "at_once": of_alarms(times),
            "predicted": finite(martingale.expected_events(far, ALPHA / len(Signal))),
        }


def rows(root: Path, task: str, most: int | None) -> Iterator[dict[str, Any]]:
    """Figures of each kind of log."""
    known, _ = answers(root, task, "data/prepared/{task}/calibration.npz")
    pairs = (halves(known, "undrifted", at) for at in range(UNDRIFTED))
    false = [alarm(one, other) for one, other in pairs]
    yield {"task": task, "kind": "calibration", **of_alarms(false)}
    test, _ = answers(root, task, "data/prepared/{task}/test.npz", most=most)
    yield {"task": task, "kind": "test", **of_kind(test, known)}
    field, kinds = answers(root, task, "data/field/{task}/test.npz", most=most)
    for kind in dict.fromkeys(kinds):
        some = field.take(np.array([one == kind for one in kinds]))
        yield {"task": task, "kind": kind, **of_kind(some, known)}


def of_kind(found: Log, known: Log) -> dict[str, Any]:
    """Figures of answers, at once and late."""
    at_once = [alarm(shuffled(found, "once", at), known) for at in range(LOGS)]
    late = [after(shuffled(found, "late", at), *halves(known, "late", at)) for at in range(LOGS)]
    said = verdict.assess(shuffled(found, "verdict"), known, alpha=ALPHA)
    return {
        "answers": len(found),
        "at_once": of_alarms(at_once),
        "late": of_alarms(late),
        "predicted": predicted(found, known),
        "verdict": said.word,
        "rejected": said.rejected[0].value,
        "psi": max(one.distances.psi.value for one in said.signals.values() if one.distances),
    }


def after(found: Log, before: Log, known: Log) -> int | None:
    """How many answers after the onset the alarm came; one before it does not count."""
    at = alarm(before.then(found), known)
    return at - len(before) if at is not None and at > len(before) else None


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("task", nargs="*")
    parser.add_argument("--shifts", action="store_true", help="also scores that only move")
    parser.add_argument("--project", type=Path, default=Path(), help="default: here")
    parser.add_argument("--most", type=int, help="answers of each kind at most, to be quick")
    parser.add_argument("--output", type=Path, help="write the figures to this JSON file")
    chosen = parser.parse_args()
    found = []
    each = [rows(chosen.project, task, chosen.most) for task in chosen.task]
    for row in chain(shifts() if chosen.shifts else (), *each):
        print(json.dumps(row), flush=True)
        found.append(row)
    if chosen.output:
        write_json(chosen.output, {"alpha": ALPHA, "logs": LOGS, "kinds": found})


if __name__ == "__main__":
    main()
