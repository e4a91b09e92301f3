"""What a log says: how far it is from calibration, how sure that is, and what to do about it.

``retrain`` takes both: an alarm of the sequential test, which false alarms cannot bring about more
often than ``alpha`` however often one looks, and a distance that matters, in the answers of late.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade import seeds
from palisade.errors import PalisadeError
from palisade.guard import calibration
from palisade.guard.judgement import Signal
from palisade.monitoring import conformal, distance, martingale
from palisade.monitoring.distance import Distances
from palisade.monitoring.reading import Log
from palisade.monitoring.shares import Share, share
from palisade.release.contents import shown

RECENT = 1000  # answers that distances and shares are taken of
FEWEST = 200  # answers that can show the absence of drift
# Population stability index from which a difference counts, by custom: Siddiqi, Credit Risk
# Scorecards, 2006, gives 0.1 as slight and 0.25 as large.
PSI_MATTERS = 0.1


class Word(StrEnum):
    """What to do."""

    OK = "ok"
    WATCH = "watch"
    RETRAIN = "retrain"


@dataclass(frozen=True)
class Followed:
    """One signal of a log.

    Attributes:
        distances: of its recent answers from calibration; None if no label of them is known.
        log_wealth: the most that the sequential test's wealth ever was, natural logarithm.
        alarm_at: how many answers had come when it raised the alarm; None if it never did.
    """

    distances: Distances | None
    log_wealth: float
    alarm_at: int | None

    @property
    def matters(self) -> bool:
        """Whether the distance is one that counts, for certain."""
        return self.distances is not None and self.distances.psi.low > PSI_MATTERS


@dataclass(frozen=True)
class Assessment:
    """What a log says.

    Attributes:
        word: what to do.
        reason: why, in one clause.
        signals: those that vary in calibration.
        level: at which each signal's test raises an alarm.
        rejected: share that the guard rejects: of the recent answers, of calibration's.
        labels: by name, the share that the network gives it: likewise.
        faults: share of recent answers that the device could not come by.
    """

    word: Word
    reason: str
    signals: dict[Signal, Followed]
    level: float
    rejected: tuple[Share, Share]
    labels: dict[str, tuple[Share, Share]]
    faults: Share


def assess(log: Log, known: Log, *, alpha: float) -> Assessment:
    """Hold a log against calibration's.

    Args:
        log: the field's.
        known: what ``calibrate`` wrote of the same model.
        alpha: the largest probability that a log without drift ever leads to ``retrain``.

    Raises:
        PalisadeError: The two are of different models, or the log holds nothing but faults.
    """
    check_same(log, known)
    valid, recent = ~log.faults, slice(-RECENT, None)
    if not valid.any():
        raise PalisadeError(
            "the log holds nothing but faults", "mend the device; its sensor or model does not run"
        )
    signals = varying(known)
    if not signals:
        raise PalisadeError(
            "the log to hold it against has too few different answers",
            "name the calibration log of the model that the device runs (--against)",
        )
    level = alpha / len(signals)
    followed = {signal: follow(log, known, signal, level) for signal in signals}
    label, rejected = log.label[valid][recent], log.rejected[valid][recent]
    rejects = share(rejected), share(known.rejected)
    word, reason = decide(followed, rejects, int(valid.sum()))
    return Assessment(
        word=word,
        reason=reason,
        signals=followed,
        level=level,
        rejected=rejects,
        labels={
            name: (share(label == at), share(known.label == at))
            for at, name in enumerate(known.header.labels)
        },
        faults=share(log.faults[recent]),
    )


def varying(known: Log) -> list[Signal]:
    """The signals that the guard has: those that are not all the same in calibration."""
    return [signal for signal in Signal if np.ptp(known.scores[:, signal]) > 0]


_SAID = {"labels": "list of labels"}


def check_same(log: Log, known: Log) -> None:
    """Refuse a log of another task, model or guard."""
    for name in ("task", "model", "guard", "labels"):
        theirs, ours = getattr(log.header, name), getattr(known.header, name)
        if theirs != ours:
            raise PalisadeError(
                f"the log is of another {_SAID.get(name, name)}: {brief(theirs)}, not "
                f"{brief(ours)}",
                "name the calibration log of the model that the device runs (--against)",
            )


def brief(value: Any) -> str:
    """The beginning of a value, enough to tell it from another."""
    text = shown(",".join(value) if isinstance(value, list) else str(value))
    return text if len(text) <= 40 else f"{text[:12]}..."


def follow(log: Log, known: Log, signal: Signal, level: float) -> Followed:
    """One signal's sequential test over the whole log, and its distances of late."""
    valid = ~log.faults
    label, scores = log.label[valid], log.scores[valid, signal]
    path = wealth(log, known, signal)
    judged = np.flatnonzero(np.isin(label, known.label))[-RECENT:]
    return Followed(
        distances=distance.between(
            (known.label, known.scores[:, signal].astype(np.int64)),
            (label[judged], scores[judged].astype(np.int64)),
            seeds.generator(0, "monitor", "draws", log.header.device, signal.name),
        )
        if judged.size
        else None,
        log_wealth=float(path.max()),
        alarm_at=martingale.first_alarm(path, level),
    )


def wealth(log: Log, known: Log, signal: Signal) -> NDArray[np.float64]:
    """``[n]`` logarithm of one signal's wealth after each answer that is no fault.

    Ties are broken by numbers that follow from the device's pseudonym, so that a longer log of
    the same device continues the path of a shorter one: to look again is to go on with one test.
    """
    valid = ~log.faults
    ties = seeds.generator(0, "monitor", "ties", log.header.device, signal.name)
    p = conformal.p_values(
        (known.label, calibration.strangeness(known.scores, signal)),
        (log.label[valid], calibration.strangeness(log.scores[valid], signal)),
        ties.random(int(valid.sum())),
    )
    path: NDArray[np.float64] = martingale.log_wealth(p[None])[0]
    return path


def decide(
    followed: dict[Signal, Followed], rejected: tuple[Share, Share], count: int
) -> tuple[Word, str]:
    """What to do, and why."""
    alarmed = [one.name.lower() for one, found in followed.items() if found.alarm_at]
    far = [one.name.lower() for one, found in followed.items() if found.matters]
    more = rejected[0].low > rejected[1].high
    apart = [*far, *(["the share of rejects"] if more else [])]
    if alarmed and apart:
        return Word.RETRAIN, (
            f"{' and '.join(alarmed)} left calibration, and of late {' and '.join(apart)} "
            "differ by what matters"
        )
    if alarmed:
        return Word.WATCH, (
            f"{' and '.join(alarmed)} left calibration, but that it matters of late is in doubt"
        )
    if apart:
        return Word.WATCH, f"{' and '.join(apart)} differ of late, not yet beyond doubt"
    if count < FEWEST:
        return Word.WATCH, f"{count} answers are too few to tell; {FEWEST} can"
    return Word.OK, "no signal left calibration"
