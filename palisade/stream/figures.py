"""What a threshold accepts and misses on a stream, as makers of wake words quote it.

False accepts are counted an hour over sound without a command, with the exact upper limit of a
Poisson rate (Garwood, Biometrika 28(3/4), 1936); false rejects are a share of the commands said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, chi2

from palisade.stream import confirmer, decision
from palisade.stream.confirmer import Confirmer
from palisade.stream.decision import Params, Scores
from palisade.stream.hearing import Heard

CONFIDENCE = 0.95  # of each limit, one-sided
MS_PER_HOUR = 3_600_000


@dataclass(frozen=True)
class Trials:
    """Commands said, and when an accept is theirs.

    Attributes:
        recording: ``[n]`` which one each is in.
        action: ``[n]`` the one wanted.
        first, last: ``[n]`` decisions: from when half of it is heard until all of it has left
            the network's input.
    """

    recording: NDArray[np.intp]
    action: NDArray[np.intp]
    first: NDArray[np.intp]
    last: NDArray[np.intp]

    def __iter__(self) -> Iterator[tuple[int, int, slice]]:
        """The recording, the action and the decisions of each."""
        columns = (self.recording, self.action, self.first, self.last)
        for recording, action, first, last in zip(*(one.tolist() for one in columns), strict=True):
            yield recording, action, slice(first, last + 1)


@dataclass(frozen=True)
class Material:
    """A stream that thresholds are tried on.

    Attributes:
        negative: scores where no command is said.
        kinds: of the recordings of those.
        positive: scores where some are.
        trials: those.
        params: the decision.
    """

    negative: Scores
    kinds: tuple[str, ...]
    positive: Scores
    trials: Trials
    params: Params

    @property
    def hours(self) -> float:
        """For which there are decisions without a command."""
        return float(self.negative.counts.sum() * self.params.hop_ms / MS_PER_HOUR)


@dataclass(frozen=True)
class Outcome:
    """What comes of one threshold.

    Attributes:
        false_accepts: where no command is said.
        hours: of that.
        missed: commands that were not accepted as what they are.
        mistaken: commands while which another one was accepted.
        said: commands.
    """

    false_accepts: int
    hours: float
    missed: int
    mistaken: int
    said: int

    def figures(self) -> dict[str, float]:
        """Rates by the names that every tool reads."""
        return {
            "false_accepts_per_hour": self.false_accepts / self.hours,
            "false_accepts_per_hour_high": highest_rate(self.false_accepts, self.hours),
            "false_reject_rate": self.missed / self.said,
            "false_reject_rate_high": highest_share(self.missed, self.said),
            "mistaken_rate": self.mistaken / self.said,
            "hours": self.hours,
            "commands": self.said,
        }

    def brief(self) -> dict[str, float]:
        """The two rates, and of how much."""
        names = ("false_accepts_per_hour", "false_reject_rate", "hours", "commands")
        return {name: self.figures()[name] for name in names}


@dataclass(frozen=True)
class Confirmation:
    """What confirms a command.

    Attributes:
        confirmer: the network.
        thresholds_lsb: ``[actions]`` that mean margins have to reach first.
    """

    confirmer: Confirmer
    thresholds_lsb: tuple[int, ...]

    def scores(self, one: Heard, params: Params, *, guarded: bool) -> NDArray[np.int16]:
        """``[decisions, actions]`` the confirmer's, where the mean margin reaches its threshold."""
        accepted = one.accepted if guarded else np.ones_like(one.accepted)
        inputs = confirmer.shown(one.logits, accepted, params.context_windows)
        found = confirmer.scores(self.confirmer, inputs)
        means = decision.means(one.guarded if guarded else one.margin, params)
        return np.where(means >= np.array(self.thresholds_lsb), found, decision.NEVER_LSB).astype(
            np.int16
        )


def material(
    heard: Sequence[Heard],
    labels: Sequence[str],
    params: Params,
    *,
    clip_ms: int,
    guarded: bool = True,
    confirmation: Confirmation | None = None,
) -> Material:
    """Scores of recordings, and the trials in them.

    Args:
        heard: the recordings.
        labels: of the actions, in the order of the margins.
        params: the decision.
        clip_ms: length of the network's input.
        guarded: whether the guard counts.
        confirmation: whose scores they are; None: mean margins.
    """

    def scored(one: Heard) -> NDArray[np.int16]:
        if confirmation and len(one.recording):
            return confirmation.scores(one, params, guarded=guarded)
        return decision.means(one.guarded if guarded else one.margin, params)

    def scores(some: Sequence[Heard]) -> Scores:
        return decision.side_by_side([scored(one) for one in some], len(labels))

    positive = [one for one in heard if one.recording.said]
    negative = [one for one in heard if not one.recording.said]
    return Material(
        negative=scores(negative),
        kinds=tuple(one.recording.kind for one in negative),
        positive=scores(positive),
        trials=_trials(positive, labels, params, clip_ms),
        params=params,
    )


def outcome(stream: Material, thresholds_lsb: Sequence[int]) -> Outcome:
    """Try thresholds, one an action."""
    missed, mistaken = trial(stream, thresholds_lsb)
    return Outcome(
        false_accepts=int(false_accepts(stream, thresholds_lsb).sum()),
        hours=stream.hours,
        missed=int(missed.sum()),
        mistaken=int(mistaken.sum()),
        said=len(missed),
    )


def false_accepts(stream: Material, thresholds_lsb: Sequence[int]) -> NDArray[np.intp]:
    """``[recordings]`` how often something is accepted where no command is said."""
    wait = stream.params.refractory_windows
    found = decision.accept(stream.negative, thresholds_lsb, wait).accepted
    return np.asarray(found.sum(axis=1), np.intp)


def by_kind(stream: Material, thresholds_lsb: Sequence[int]) -> dict[str, dict[str, float]]:
    """False accepts an hour of each kind of recording in which no command is said."""
    found: dict[str, dict[str, float]] = {}
    count = false_accepts(stream, thresholds_lsb)
    for kind in sorted(set(stream.kinds)):
        mine = np.array([one == kind for one in stream.kinds])
        hours = float(stream.negative.counts[mine].sum() * stream.params.hop_ms / MS_PER_HOUR)
        found[kind] = rates(int(count[mine].sum()), hours)
    return found


def rates(false_accepts: int, hours: float) -> dict[str, float]:
    """False accepts an hour, and their upper limit."""
    return {
        "false_accepts_per_hour": false_accepts / hours,
        "false_accepts_per_hour_high": highest_rate(false_accepts, hours),
        "hours": hours,
    }


def trial(
    stream: Material, thresholds_lsb: Sequence[int]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """``[trials]`` which commands are missed, and which are taken for another one."""
    found = decision.accept(stream.positive, thresholds_lsb, stream.params.refractory_windows)
    hits = np.zeros((2, len(stream.trials.action)), np.bool_)
    for place, (row, action, during) in enumerate(stream.trials):
        said = found.action[row, during][found.accepted[row, during]]
        hits[:, place] = (said == action).any(), (said != action).any()
    return ~hits[0], hits[1]


def curve(
    stream: Material, thresholds_lsb: Sequence[int], shifts_lsb: Sequence[int]
) -> list[dict[str, Any]]:
    """A row for each shift of all thresholds together, for a table."""
    names = ("false_accepts_per_hour", "false_accepts_per_hour_high", "false_reject_rate")
    rows = []
    for shift in shifts_lsb:
        found = outcome(stream, [one + shift for one in thresholds_lsb]).figures()
        rows.append({"shift_lsb": shift, **{name: found[name] for name in names}})
    return rows


def highest_rate(count: int, hours: float) -> float:
    """The one-sided 95 % upper limit of a Poisson rate (Garwood 1936)."""
    return float(chi2.ppf(CONFIDENCE, 2 * (count + 1)) / 2 / hours)


def highest_share(count: int, n: int) -> float:
    """The one-sided 95 % upper limit of a share (Clopper and Pearson, Biometrika 26(4), 1934)."""
    return 1.0 if count >= n else float(beta.ppf(CONFIDENCE, count + 1, n - count))


def _trials(
    positive: Sequence[Heard], labels: Sequence[str], params: Params, clip_ms: int
) -> Trials:
    found = [
        (row, labels.index(said.label), (said.begin_ms + said.end_ms) / 2, said.end_ms + clip_ms)
        for row, one in enumerate(positive)
        for said in one.recording.said
    ]
    rows = np.array(found, np.float64).reshape(-1, 4).T
    since = params.heard_ms(0, clip_ms)
    return Trials(
        recording=rows[0].astype(np.intp),
        action=rows[1].astype(np.intp),
        first=np.maximum(np.ceil((rows[2] - since) / params.hop_ms), 0).astype(np.intp),
        last=np.floor((rows[3] - since) / params.hop_ms).astype(np.intp),
    )
