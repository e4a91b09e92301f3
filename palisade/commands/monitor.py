"""``monitor``: whether devices' logs still look like calibration, and whether to retrain."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from palisade.errors import PalisadeError
from palisade.files import write_json
from palisade.monitoring import reading, verdict
from palisade.monitoring.distance import Distance
from palisade.monitoring.reading import Log
from palisade.monitoring.shares import Share
from palisade.monitoring.verdict import RECENT, Assessment, Word
from palisade.release.contents import shown

REFERENCE = "models/{task}/calibration_log.jsonl"
DAY_S = 86_400


class Drifted(PalisadeError):
    """The field is no longer what the model was made for."""

    status: ClassVar[int] = 95


class Watched(PalisadeError):
    """Something differs, or there is too little to tell."""

    status: ClassVar[int] = 96


def run(arguments: Namespace) -> None:
    """Print what each log says, and end with the status of the worst."""
    today = int(time.time() // DAY_S)
    known = reference(arguments.task, arguments.against, today)
    paths = arguments.log
    if len(set(paths)) < len(paths):
        raise PalisadeError("a log is named twice", "name each once")
    logs = [named(path, arguments.task, today) for path in paths]
    alpha = arguments.alpha / len(logs)
    found: dict[str, Assessment] = {}
    for path, log in zip(paths, logs, strict=True):
        found[str(path)] = judged(path, log, known, alpha)
        print("\n".join(lines(str(path), log, known, found[str(path)])))
    if arguments.output:
        write_json(arguments.output, record(found, arguments.task, arguments.alpha))
    conclude(arguments.task, found)


def reference(task: str, against: Path | None, today: int) -> Log:
    """What ``calibrate`` wrote of the model, or the log that ``--against`` names."""
    path = against or Path(REFERENCE.format(task=task))
    if not path.exists():
        raise PalisadeError(
            f"{shown(str(path))} is not there",
            "run `dvc pull` or `dvc repro` from the project's root, or name one with --against",
        )
    return named(path, task, today)


def named(path: Path, task: str, today: int) -> Log:
    """A log, if it is of the task."""
    log = reading.read(path, today=today)
    if log.header.task != task:
        raise PalisadeError(
            f"{shown(str(path))} is a log of {log.header.task}", f"--task says {shown(task)}"
        )
    return log


def judged(path: Path, log: Log, known: Log, alpha: float) -> Assessment:
    """What a log says; an error names the log."""
    try:
        return verdict.assess(log, known, alpha=alpha)
    except PalisadeError as error:
        raise PalisadeError(f"{shown(str(path))}: {error.problem}", error.advice) from error


def conclude(task: str, found: dict[str, Assessment]) -> None:
    """End with the worst verdict's status."""
    for word, kind, advice in (
        (Word.RETRAIN, Drifted, "retrain it with data like that of these devices"),
        (Word.WATCH, Watched, "look again with more answers"),
    ):
        count = sum(one.word == word for one in found.values())
        if count:
            raise kind(f"{task}: {word} for {count} of {len(found)} logs", advice)


def lines(path: str, log: Log, known: Log, found: Assessment) -> Iterator[str]:
    """One log's assessment to be read."""
    head, days = log.header, log.day[-1] - log.day[0] + 1
    yield (
        f"{shown(path)}: {len(log)} answers of {days} days, device {head.device}, firmware "
        f"{head.firmware}, model {head.model[:12]}, against {len(known)} of calibration"
    )
    yield f"{'signal':12} {'PSI':22} {'KS':22} {'p (KS)':>7}  {'evidence':>8}  alarm"
    for signal, one in found.signals.items():
        two = one.distances
        psi, ks = (interval(two.psi), interval(two.ks)) if two else ("", "")
        evidence = f"{one.log_wealth / np.log(10):8.1f}"
        alarm = f"after {one.alarm_at}" if one.alarm_at else "-"
        p = f"{two.ks.p:7.4f}" if two else ""
        yield f"{signal.name.lower():12} {psi:22} {ks:22} {p:>7}  {evidence}  {alarm}"
    yield (
        f"evidence is the largest log10 of the test's wealth; alarm at {-np.log10(found.level):.1f}"
        f"; PSI, KS and shares are of the last {RECENT} answers, with 95 % intervals"
    )
    yield f"rejected     {beside(found.rejected)}"
    for label, two_shares in found.labels.items():
        yield f"{label[:12]:12} {beside(two_shares)}"
    if found.faults.value:
        yield f"faults       {percent(found.faults)}"
    yield f"verdict: {found.word}: {found.reason}"


def interval(one: Distance) -> str:
    """A distance and its interval."""
    return f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]"


def percent(one: Share) -> str:
    """A share and its interval."""
    return f"{one.value:.1%} [{one.low:.1%}, {one.high:.1%}]"


def beside(two: tuple[Share, Share]) -> str:
    """The field's share beside calibration's."""
    return f"{percent(two[0]):24} calibration {percent(two[1])}"


def record(found: dict[str, Assessment], task: str, alpha: float) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "alpha": alpha,
        "task": task,
        "logs": {
            path: {
                **asdict(one),
                "signals": {s.name.lower(): asdict(f) for s, f in one.signals.items()},
            }
            for path, one in found.items()
        },
    }
