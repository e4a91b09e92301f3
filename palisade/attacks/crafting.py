"""From an attack's name to adversarial examples, as the sensor would deliver them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks import nes, queries, square
from palisade.attacks.ascent import Threat
from palisade.attacks.climber import (
    ON_CROSS_ENTROPY,
    ON_DLR,
    ON_HARM,
    ON_HARM_BY_CROSS_ENTROPY,
    ON_HARM_TOWARDS,
    ON_LIKENESS,
    ON_TARGET,
    Climber,
    JointClimber,
)
from palisade.attacks.grid import Grid
from palisade.attacks.guides import Guides
from palisade.attacks.losses import TARGETED_CLASSES
from palisade.attacks.names import (
    ADAPTIVE,
    APGD_CROSS_ENTROPY,
    APGD_DLR,
    APGD_TARGETED,
    ATTACKS,
    BY_QUERIES,
    DOUBLED,
    DOUBLED_MARGIN,
    FEATURE_MATCHING,
    FGSM,
    GUARD_AWARE,
    JOINT,
    NES_BLIND,
    NOISE,
    PGD_EXACT,
    PGD_MARGIN,
    PLAIN,
    SQUARE,
    TRANSFERRED,
    TWICE,
)
from palisade.attacks.square import Asked
from palisade.attacks.starts import is_coarse
from palisade.attacks.surrogates import SPARE
from palisade.attacks.target import Arms, Target
from palisade.backend import tf
from palisade.progress import track
from palisade.seeds import derive
from palisade.splits import Split

BATCH = 128
# Beyond the reference budget, of the radius the attempt before: what a guard stops at full size may
# pass at less. The last attempt has about the reference's radius.
SHRINKING = 0.5
# At the reference budget, on what no start has broken yet.
RESTARTED = (PGD_MARGIN, DOUBLED_MARGIN, *ADAPTIVE, *JOINT)
# What the guard-aware attack climbs there, before it goes for each of the likeliest wrong classes.
ANY_WRONG_ANSWER = (ON_HARM, ON_HARM_BY_CROSS_ENTROPY)
_LOSSES = {APGD_CROSS_ENTROPY: ON_CROSS_ENTROPY, APGD_DLR: ON_DLR, APGD_TARGETED: ON_TARGET}


class Crafter:
    """Every attack on one model.

    Args:
        target: the model.
        split: the examples, in the sensor's raw domain.
        threat: the attacker.
        grid: how strong, and the names of budgets.
        seed: root seed of the random starts.

    Attributes:
        asked: what queries found, by attack and budget.
    """

    def __init__(
        self, target: Target, split: Split, *, threat: Threat, grid: Grid, seed: int
    ) -> None:
        self.target, self.split, self.threat = target, split, threat
        self.grid, self.seed = grid, seed
        self.asked: dict[tuple[str, float], Asked] = {}
        self._climbers: dict[str, Climber] = {}

    @property
    def attacks(self) -> tuple[str, ...]:
        """The attacks that there are on this model, in the order in which they run."""
        left_out = set() if self.target.arms else set(ATTACKS) - set(PLAIN)
        if self.target.arms:
            left_out |= set(TRANSFERRED) - set(self.target.arms.others)
        if len(self.split.labels) < TARGETED_CLASSES:
            left_out.add(APGD_TARGETED)
        return tuple(attack for attack in ATTACKS if attack not in left_out)

    def attempts(self, attack: str, budget: float) -> int:
        """How often an attack tries an example until it breaks it."""
        tries = self._goals if attack == APGD_TARGETED else 1
        if self._shrinks(attack, budget):
            tries = 1 + self._halvings(budget)
        elif attack == GUARD_AWARE and budget == self.grid.reference:
            tries = len(ANY_WRONG_ANSWER) + self._goals
        restarts = budget == self.grid.reference and attack in RESTARTED
        return tries * (self.grid.restarts if restarts else 1)

    def labels(self, raw: NDArray[Any]) -> NDArray[np.int64]:
        """``[n]`` what the white box says of raw samples ``[n, ...]``."""
        batches = [raw[start : start + BATCH] for start in range(0, len(raw), BATCH)]
        on = self._climber("", self.target.logits)
        return np.concatenate([on.labels(self.threat.signal(tf.constant(one))) for one in batches])

    def __call__(
        self, attack: str, budget: float, places: NDArray[np.intp], attempt: int = 0
    ) -> NDArray[Any]:
        """Adversarial examples ``[n, ...]`` of those of the split at ``places [n]``."""
        if attack in (*BY_QUERIES, NES_BLIND):
            return self._queried(attack, budget, places)
        again = [attempt] if attempt else []
        # Twice the steps draw from the same seed; an example's start is its row's in a batch.
        started = attack.removesuffix(TWICE)
        name = derive(self.seed, self.target.name, started, str(budget), *again) % 2**31
        examples, move = self.split.take(places), self._move(attack, budget, places, attempt)
        share = SHRINKING**attempt if self._shrinks(attack, budget) else 1.0
        found = []
        starts = range(0, len(examples), BATCH)
        for start in track(starts, f"{self.target.name} {attack} {budget:g}", len(starts)):
            some = slice(start, start + BATCH)
            x, y = self.threat.signal(tf.constant(examples.x[some])), tf.constant(examples.y[some])
            radius = share * self.threat.radius(x, budget)
            moved = move(x, y, radius, [name, start], some)
            found.append(self.threat.realise(moved))
        return np.concatenate(found)

    def _shrinks(self, attack: str, budget: float) -> bool:
        """Whether each further attempt goes less far."""
        order = list(self.grid.budgets).index
        return attack == GUARD_AWARE and order(budget) > order(self.grid.reference)

    def _halvings(self, budget: float) -> int:
        """How often a budget's radius is halved until it is about the reference's."""
        of = [
            float(self.threat.radius(self._like, one)[0]) for one in (budget, self.grid.reference)
        ]
        return max(0, round(float(np.log(of[1] / of[0]) / np.log(SHRINKING))))

    @property
    def _goals(self) -> int:
        """How many wrong classes an attack goes for, one after the other."""
        return min(self.grid.targets, len(self.split.labels) - 1)

    def _coarse(self, attack: str, budget: float, attempt: int) -> bool:
        """Whether an attempt begins at a coarse start; where it starts once, it is not."""
        if budget != self.grid.reference or attack not in RESTARTED:
            return False
        return is_coarse(attempt * self.grid.restarts // self.attempts(attack, budget))

    def _aim(self, attack: str, budget: float, attempt: int) -> tuple[int, int, float]:
        """A joint attack's loss, the rank of the wrong class, and the share of limits to spare.

        Every other start spares nothing: what is accepted may lie right at a limit.
        """
        if attack == FEATURE_MATCHING:
            return ON_LIKENESS, 0, SPARE
        if budget != self.grid.reference:
            return ON_HARM, 0, SPARE
        start, way = divmod(attempt, len(ANY_WRONG_ANSWER) + self._goals)
        spare = 0.0 if start % 2 else SPARE
        if way < len(ANY_WRONG_ANSWER):
            return ANY_WRONG_ANSWER[way], 0, spare
        return ON_HARM_TOWARDS, way - len(ANY_WRONG_ANSWER), spare

    def _move(
        self, attack: str, budget: float, places: NDArray[np.intp], attempt: int
    ) -> Callable[[Any, Any, Any, list[int], slice], Any]:
        """What an attack does to a batch ``(x, y, radius, seed, which of all)``."""
        steps, coarse = self.grid.steps, self._coarse(attack, budget, attempt)
        if attack in JOINT:
            guides, joint = self._guides.of(places, attempt), self._joint
            which, rank, spare = self._aim(attack, budget, attempt)
            return lambda x, y, radius, seed, some: joint.climb(
                x, y, radius, seed, guides[some], which, steps, rank, spare, coarse
            )
        if attack in ADAPTIVE or attack in TRANSFERRED:
            climber = self._crafted_on(attack)
            loss = _LOSSES.get(attack, ON_CROSS_ENTROPY)
            rank = attempt % self._goals
            return lambda x, y, radius, seed, _: climber.adaptive(
                x, y, radius, seed, loss, steps, rank, coarse
            )
        climber = self._crafted_on(attack)
        if attack == NOISE:
            return lambda x, y, radius, seed, _: climber.noise(x, radius, seed)
        on_margin = attack in (PGD_MARGIN, DOUBLED_MARGIN, PGD_EXACT)
        taken = 1 if attack == FGSM else steps * (2 if attack in DOUBLED else 1)
        return lambda x, y, radius, seed, _: climber.falling(
            x, y, radius, seed, on_margin, taken, attack != FGSM, coarse
        )

    def _crafted_on(self, attack: str) -> Climber:
        if attack == PGD_EXACT:
            return self._climber(attack, self._arms.exact)
        if attack in TRANSFERRED:
            return self._climber(attack, self._arms.others[attack])
        return self._climber("", self.target.logits)

    def _climber(self, name: str, logits: Callable[[Any], Any]) -> Climber:
        if name not in self._climbers:
            self._climbers[name] = Climber(logits, self.threat, self._like)
        return self._climbers[name]

    def _queried(self, attack: str, budget: float, places: NDArray[np.intp]) -> NDArray[Any]:
        examples, target = self.split.take(places), self.target
        search, most = square.search, self.grid.queries
        if attack != SQUARE:
            search, most = partial(nes.search, blind=attack == NES_BLIND), self.grid.nes_queries
        found = search(
            examples.x,
            score=queries.score(
                self._ask, self._arms.guard if target.guarded else None, examples.y, target.briefly
            ),
            threat=self.threat,
            budget=budget,
            queries=most,
            seed=derive(self.seed, target.name, attack, str(budget)),
        )
        self.asked[attack, budget] = found
        return found.raw

    @property
    def _arms(self) -> Arms:
        assert self.target.arms is not None
        return self.target.arms

    @property
    def _ask(self) -> queries.Ask:
        assert self.target.ask is not None
        return self.target.ask

    @property
    def _like(self) -> Any:
        return self.threat.signal(tf.constant(self.split.x[:1]))

    @cached_property
    def _guides(self) -> Guides:
        return Guides(self._ask, self.split)

    @cached_property
    def _joint(self) -> JointClimber:
        arms = self._arms
        return JointClimber(arms.seen, arms.guard, self.threat, self._like, self._guides.width)
