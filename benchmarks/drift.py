"""How soon the monitor sees natural corruption: ``python -m benchmarks.drift TASK [TASK ...]``.

Run it where ``dvc repro`` has left data and models. Model and guard answer the calibration, test
and field splits as on the device, and logs are made of these answers in random order:

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
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade import edge, seeds, splits, stage
from palisade.files import write_json
from palisade.guard import calibration
from palisade.guard.judgement import Signal
from palisade.monitoring import conformal, log, martingale, verdict
from palisade.monitoring.reading import Log

ALPHA = 0.01
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
    return round(least, 1) if np.isfinite(least) else None


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
    parser.add_argument("task", nargs="+")
    parser.add_argument("--project", type=Path, default=Path(), help="default: here")
    parser.add_argument("--most", type=int, help="answers of each kind at most, to be quick")
    parser.add_argument("--output", type=Path, help="write the figures to this JSON file")
    chosen = parser.parse_args()
    found = []
    for task in chosen.task:
        for row in rows(chosen.project, task, chosen.most):
            print(json.dumps(row), flush=True)
            found.append(row)
    if chosen.output:
        write_json(chosen.output, {"alpha": ALPHA, "logs": LOGS, "kinds": found})


if __name__ == "__main__":
    main()
