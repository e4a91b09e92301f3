"""One task's events under attack: crafted window by window, judged as ``fuse`` judges.

All windows of an event are crafted, each by itself, towards the same verdict. Windows of sound
overlap, so that what is added to one would be heard in its neighbours too; here each suits its
own samples, which no loudspeaker could do: the figures are rather too bad than too good.

The attacker may leave a window as it is, and takes of several tries what serves best: window by
window, or a whole try. So the score of an event under attack is never less to the attacker's
liking than the clean one. Where the clean verdict is the wanted one, nothing is crafted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from palisade.assault.crafting import Crafter, Goal, Raw
from palisade.attacks.ascent import Threat
from palisade.device.replay import Answers
from palisade.evaluation import soundness
from palisade.fusion import scores
from palisade.fusion.scores import SILENT_LSB, Scores
from palisade.fusion.sensing import Sensor
from palisade.guard.judgement import Decision

Owner = NDArray[np.intp]


@dataclass(frozen=True)
class Outcome:
    """What a task made of ``m`` events; the score of a faulty sensor is below all others.

    Attributes:
        clean: ``[m]`` scores with nobody interfering.
        crafted: ``[m]`` scores under attack.
        noise: ``[m]`` scores under noise of the same budget, with as many tries: the control.
        attacked: ``[m]`` events in which anything was crafted.
        over_budget: windows that left the budget's ball.
        undeliverable: windows that the sensor could not have delivered.
    """

    clean: Scores
    crafted: Scores
    noise: Scores
    attacked: NDArray[np.bool_]
    over_budget: int = 0
    undeliverable: int = 0

    def at(self, places: NDArray[np.intp]) -> Outcome:
        """The events at some places, in that order; counts of windows are of all."""
        names = ("clean", "crafted", "noise", "attacked")
        return replace(self, **{name: getattr(self, name)[places] for name in names})


@dataclass(frozen=True)
class _Tried:
    """The best scores ``[m]`` of several tries; how many windows left the budget or the sensor."""

    best: Scores
    over_budget: int
    undeliverable: int


@dataclass(frozen=True)
class Siege:
    """A task under attack.

    Attributes:
        sensor: the path that verdicts are taken on.
        threshold_lsb: the score from which on the task agrees.
        crafter: of windows.
        threat: the attacker, to hold against what was crafted.
        restarts: tries, each only where no earlier one got through.
    """

    sensor: Sensor
    threshold_lsb: int
    crafter: Crafter
    threat: Threat
    restarts: int

    def lay(self, x: Raw, owner: Owner, goal: Goal) -> Outcome:
        """Attack events.

        Args:
            x: ``[n, ...]`` raw windows.
            owner: ``[n]`` the event of each window: 0, 1, ..., none left out.
            goal: whether they are to be forced open or kept shut.
        """
        said = self.sensor.answers(x)
        clean = self._score(x, said, owner)
        attacked = ~self.won(clean, goal)
        found = Outcome(clean, clean.copy(), clean.copy(), attacked)
        if not attacked.any():
            return found
        mine = np.flatnonzero(attacked[owner])
        x, said, owner = x[mine], said.at(mine), _renumbered(owner[mine])
        before = clean[attacked]
        by_chance = self._try(self.crafter.noise, before, x, said, owner, goal)
        crafted = self._try(self.crafter.craft, before, x, said, owner, goal)
        found.noise[attacked], found.crafted[attacked] = by_chance.best, crafted.best
        return replace(found, over_budget=crafted.over_budget, undeliverable=crafted.undeliverable)

    def won(self, score: Scores, goal: Goal) -> NDArray[np.bool_]:
        """``[m]`` whether a score is the attacker's."""
        agrees = score >= self.threshold_lsb
        return np.asarray(agrees if goal == "forced" else ~agrees)

    def _try(
        self,
        make: Callable[[Raw, Goal, int], Raw],
        clean: Scores,
        x: Raw,
        said: Answers,
        owner: Owner,
        goal: Goal,
    ) -> _Tried:
        """Try again and again, keeping of each window what is worth most to the attacker."""
        best = clean.copy()
        mixed, told, worth = x.copy(), said, self._worth(said, owner)
        over = odd = 0
        for attempt in range(self.restarts):
            still = np.flatnonzero(~self.won(best, goal)[owner])
            if not len(still):
                break
            crafted = make(x[still], goal, attempt)
            answers, mine = self.sensor.answers(crafted), _renumbered(owner[still])
            over += _count(
                soundness.over_budget({"": crafted}, x[still], self.threat, self.crafter.budget),
                len(still),
            )
            odd += _count(soundness.undeliverable({"": crafted}, x[still], self.threat), len(still))
            value = self._worth(answers, mine)
            better = _beyond(value, worth[still], goal)
            taken = still[better]
            mixed[taken], worth[taken] = crafted[better], value[better]
            sources = np.arange(len(told))
            sources[taken] = len(told) + np.flatnonzero(better)
            told = Answers.joined([told, answers]).at(sources)
            events = np.unique(owner[still])
            for raw, one in ((crafted, answers), (mixed[still], told.at(still))):
                best[events] = _better(best[events], self._score(raw, one, mine), goal)
        return _Tried(best, over, odd)

    def _score(self, x: Raw, said: Answers, owner: Owner) -> Scores:
        """``[m]`` scores, as the decision takes them."""
        score = self.sensor.score(said, owner, self.sensor.evidence)
        return np.where(self.sensor.works(x, owner), score, SILENT_LSB)

    def _worth(self, said: Answers, owner: Owner) -> Scores:
        """``[n]`` what each window gives by itself; one that is not believed gives nothing."""
        if self.sensor.evidence == "all":
            return scores.margins(said.logits, self.sensor.accepted)
        found = self.sensor.step(said, owner, settled=False)
        believed = found.decision == Decision.ACCEPT
        return np.where(believed, found.action_lsb.astype(np.int64), SILENT_LSB)


def _renumbered(owner: Owner) -> Owner:
    return np.unique(owner, return_inverse=True)[1].astype(np.intp)


def _beyond(one: Scores, other: Scores, goal: Goal) -> NDArray[np.bool_]:
    return np.asarray(one > other if goal == "forced" else one < other)


def _better(one: Scores, other: Scores, goal: Goal) -> Scores:
    return np.maximum(one, other) if goal == "forced" else np.minimum(one, other)


def _count(share: float, of: int) -> int:
    return round(share * of)
