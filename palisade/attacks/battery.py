"""The battery: every attack at every budget on one model, crafted on its white box, scored on int8.

An attack sees gradients of the fake-quantised model or of another model, or none and asks the
device; one climbs the artefact's own integers by the fake-quantised model's gradients. What it
finds is rounded to what the sensor can deliver, and judged one by one on the exact path of the
device: preprocessing and front end in C, the int8 model as a microcontroller runs it, the guard in
C. An example counts as broken at a budget when any attack of the battery breaks it there: with the
guard, when a wrong answer is accepted.

A guard may stop at a large budget what it lets pass at a small one, and an attacker who may go far
need not. So what was accepted and wrong at a smaller budget, which lies in the larger ball, is
judged again there, and counts behind the guard. The bare model's verdicts at one budget never see
those at another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.ascent import NOTHING, Threat
from palisade.attacks.crafting import Crafter
from palisade.attacks.grid import Grid
from palisade.attacks.losses import cross_entropy
from palisade.attacks.names import (
    APGD_TARGETED,
    FGSM,
    GUARD_AWARE,
    GUARDED,
    ITERATED,
    NOISE,
    WHITE_BOX,
)
from palisade.attacks.square import Asked
from palisade.attacks.target import Target
from palisade.backend import tf
from palisade.evaluation.verdicts import NOT_RUN, WRONG, Verdict
from palisade.guard.judgement import Judgement
from palisade.progress import say
from palisade.splits import Split

CHEAP = (NOISE, FGSM)
# At other budgets than the reference.
BRIEF = (*CHEAP, *ITERATED, APGD_TARGETED, GUARD_AWARE)


@dataclass(frozen=True)
class Judged:
    """What the device made of one attack's examples.

    Attributes:
        places: ``[n]`` which examples of the split they were made from.
        judgement: of each.
    """

    places: NDArray[np.intp]
    judgement: Judgement


@dataclass
class _Kept:
    """Of each example the most harmful of an attack's attempts."""

    raw: NDArray[Any]
    judgement: Judgement
    harm: NDArray[np.int64]  # 0: right; 1: wrong; 2: wrong and accepted
    on_white_box: NDArray[np.bool_]  # right in every attempt

    def take(self, where: NDArray[np.intp], other: _Kept) -> None:
        """Put in what another attempt made of the examples at some places."""
        self.on_white_box[where] &= other.on_white_box
        worse = other.harm > self.harm[where]
        where = where[worse]
        self.raw[where], self.harm[where] = other.raw[worse], other.harm[worse]
        for field in fields(Judgement):
            getattr(self.judgement, field.name)[where] = getattr(other.judgement, field.name)[worse]


class Battery:
    """One model's verdicts, attack by attack and budget by budget.

    Cheap attacks run on every example; costly ones on those that still stand, with the guard
    where there is one, and on a fixed subset, where attacks are compared with each other alone.
    Of an example, an attack that has several attempts makes as many as it needs. At budgets other
    than the reference there are fewer attacks, the last of them one that knows the guard. Each
    crafted example is judged by the artefact, by the white box, and by the guard.

    Args:
        target: the model.
        split: the examples, in the sensor's raw domain.
        threat: the attacker.
        grid: how strong, and the names of budgets.
        subset: ``[n]`` mask of the examples that every attack runs on.
        seed: root seed of the random starts.

    Attributes:
        verdicts: of each attack at each budget.
        judged: what the device made of the crafted examples, by attack and budget.
        crafted: those of the subset at the reference budget, raw, by attack.
    """

    def __init__(
        self,
        target: Target,
        split: Split,
        *,
        threat: Threat,
        grid: Grid,
        subset: NDArray[np.bool_],
        seed: int,
    ) -> None:
        self.target, self.split, self.threat = target, split, threat
        self.grid, self.subset, self.seed = grid, subset, seed
        self.verdicts: list[Verdict] = []
        self.judged: dict[tuple[str, str], Judged] = {}
        self.crafted: dict[str, NDArray[Any]] = {}
        self._harmful: dict[int, NDArray[Any]] = {}  # by example, the first accepted and wrong
        self._craft = Crafter(target, split, threat=threat, grid=grid, seed=seed)

    @property
    def attacks(self) -> tuple[str, ...]:
        """The attacks that there are on this model at the reference budget, in their order."""
        return self._craft.attacks

    @property
    def asked(self) -> dict[str, Asked]:
        """What attacks by queries found of the subset at the reference budget, those that ran."""
        at = self.grid.name(self.grid.reference)
        return {
            attack: found.take(self.subset[self.judged[attack, at].places])
            for (attack, budget), found in self._craft.asked.items()
            if budget == self.grid.reference
        }

    def run(self, budgets: Sequence[float]) -> None:
        """Attack at each budget in turn, weakest first.

        Budgets do not see each other's results, but for what passed the guard at a smaller one.
        """
        for budget in budgets:
            standing, carried = np.ones(len(self.split), bool), self._carried()
            for attack in self.attacks:
                if budget == self.grid.reference or attack in BRIEF:
                    chosen = self._chosen(attack, budget, standing, carried)
                    standing &= self.attack(attack, budget, chosen) != WRONG
                if attack == GUARD_AWARE:
                    standing &= ~self._count(carried)
            say(f"{self.target.name} at {budget:g}: {standing.mean():.3f} still stand")

    def run_alone(self, attacks: Sequence[str]) -> None:
        """Attack the subset at the reference budget: for comparison, or what costs too much."""
        for attack in attacks:
            self.attack(attack, self.grid.reference, self.subset)

    def flat(self) -> NDArray[np.bool_]:
        """Of each example of the subset, whether the loss has no gradient at all there."""
        chosen = self.split.take(self.subset)
        x, y = self.threat.signal(tf.constant(chosen.x)), tf.constant(chosen.y)
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = tf.reduce_sum(cross_entropy(self.target.logits(x), y))
        gradient = tape.gradient(value, x, unconnected_gradients=NOTHING)
        return np.asarray(np.all(gradient.numpy().reshape(len(chosen), -1) == 0, axis=1))

    def attack(self, attack: str, budget: float, chosen: NDArray[np.bool_]) -> NDArray[np.int8]:
        """Craft, round, judge and record; returns the verdicts that count for who still stands.

        Where no example is left to attack, none is run.

        Args:
            attack: its name.
            budget: in the threat's unit.
            chosen: ``[n]`` mask of the examples to attack.
        """
        found = self._found(attack, budget, chosen) if chosen.any() else {}
        name = self.target.name
        models = [name, f"{name}_{WHITE_BOX}"] + [f"{name}_{GUARDED}"] * self.target.guarded
        rows = {}
        for model in models:
            values = np.full(len(self.split), NOT_RUN, np.int8)
            if model in found:
                values[chosen] = found[model]
            rows[model] = Verdict(model, attack, self.grid.name(budget), values)
        self.verdicts += rows.values()
        return rows[models[-1] if self.target.guarded else name].values

    def _carried(self) -> NDArray[np.bool_]:
        """``[n]`` of which an input made for a smaller budget is still accepted and wrong."""
        carried = np.zeros(len(self.split), bool)
        places = np.array(sorted(self._harmful), np.intp)
        if len(places):
            judgement = self.target.judge(np.stack([self._harmful[one] for one in places]))
            carried[places] = (judgement.label != self.split.y[places]) & judgement.accepted
        return carried

    def _count(self, carried: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Count as broken behind the guard, by the attack that has just run, what was carried."""
        row = self.verdicts[-1]
        self.verdicts[-1] = replace(row, values=np.where(carried, WRONG, row.values))
        return carried

    def _chosen(
        self,
        attack: str,
        budget: float,
        standing: NDArray[np.bool_],
        carried: NDArray[np.bool_],
    ) -> NDArray[np.bool_]:
        if attack in CHEAP:
            return np.ones_like(standing)
        if attack == GUARD_AWARE and budget != self.grid.reference:
            return standing & ~carried
        alone = attack in ITERATED or budget == self.grid.reference
        return standing | self.subset if alone else standing

    def _found(
        self, attack: str, budget: float, chosen: NDArray[np.bool_]
    ) -> dict[str, NDArray[np.bool_]]:
        """Whether each example does no harm, by model, after all attempts that it took."""
        places = np.flatnonzero(chosen)
        kept = self._tried(attack, budget, places, 0)
        for attempt in range(1, self._craft.attempts(attack, budget)):
            left = np.flatnonzero(kept.harm < 1 + self.target.guarded)
            if len(left):
                kept.take(left, self._tried(attack, budget, places[left], attempt))
        for place, raw in zip(places[kept.harm > 1], kept.raw[kept.harm > 1], strict=True):
            self._harmful.setdefault(int(place), raw)
        name = self.target.name
        self.judged[attack, self.grid.name(budget)] = Judged(places, kept.judgement)
        if budget == self.grid.reference:
            self.crafted[attack] = kept.raw[self.subset[chosen]]
        return {
            name: kept.harm < 1,
            f"{name}_{WHITE_BOX}": kept.on_white_box,
            f"{name}_{GUARDED}": kept.harm < 2,
        }

    def _tried(self, attack: str, budget: float, places: NDArray[np.intp], attempt: int) -> _Kept:
        raw, y = self._craft(attack, budget, places, attempt), self.split.y[places]
        judgement = self.target.judge(raw)
        wrong = judgement.label != y
        harm = wrong.astype(np.int64) + (wrong & judgement.accepted)
        return _Kept(raw, judgement, harm, self._craft.labels(raw) == y)
