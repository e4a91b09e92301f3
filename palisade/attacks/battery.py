"""The battery: every attack at every budget on one model, crafted on its white box, scored on int8.

An attack sees gradients of the fake-quantised model. What it finds is rounded to what the
sensor can deliver, and judged one by one on the exact path of the device: preprocessing and front
end in C, the int8 model as a microcontroller runs it, the guard in C. An example counts as broken
at a budget when any attack of the battery breaks it there: with the guard, when a wrong answer
is accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.ascent import Threat, ascend
from palisade.attacks.grid import Grid
from palisade.attacks.losses import cross_entropy, margin
from palisade.attacks.names import (
    ATTACKS,
    DOUBLED,
    DOUBLED_MARGIN,
    FGSM,
    GUARDED,
    ITERATED,
    NOISE,
    PGD_MARGIN,
    WHITE_BOX,
)
from palisade.backend import tf
from palisade.evaluation.verdicts import NOT_RUN, WRONG, Verdict
from palisade.guard.judgement import Judgement
from palisade.progress import say, track
from palisade.seeds import derive
from palisade.splits import Split

BATCH = 64


@dataclass(frozen=True)
class Target:
    """A model under attack.

    Attributes:
        name: what its figures are called: ``int8`` or ``undefended``.
        logits: signal to logits, differentiable: the white box.
        judge: raw samples to labels and decisions, as the device gives them.
        guarded: whether it has a guard.
    """

    name: str
    logits: Callable[[Any], Any]
    judge: Callable[[NDArray[Any]], Judgement]
    guarded: bool = False


@dataclass(frozen=True)
class Judged:
    """What the device made of one attack's examples.

    Attributes:
        places: ``[n]`` which examples of the split they were made from.
        judgement: of each.
    """

    places: NDArray[np.intp]
    judgement: Judgement


class Battery:
    """One model's verdicts, attack by attack and budget by budget.

    Cheap attacks run on every example; an iterated one on those that still stand, with the guard
    where there is one, and on a fixed subset, where attacks are compared with each other alone.
    Each crafted example is judged by the artefact, by the white box that it was crafted on, and
    by the guard.

    Args:
        target: the model.
        split: the examples, in the sensor's raw domain.
        threat: the attacker.
        grid: steps, and the names of budgets.
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
        # Compiled once for batches of any length and every attack: compiling costs seconds.
        batch = tf.TensorSpec([None, *threat.signal(tf.constant(split.x[:1])).shape[1:]])
        row, whole = tf.TensorSpec([None]), tf.TensorSpec([], tf.int32)
        labels, seeds = tf.TensorSpec([None], tf.int64), tf.TensorSpec([2], tf.int32)
        flag = tf.TensorSpec([], tf.bool)
        self._white_box = tf.function(
            lambda x: tf.argmax(target.logits(x), axis=1), input_signature=[batch]
        )
        self._noise = tf.function(self._scatter, input_signature=[batch, row, seeds])
        self._ascent = tf.function(
            self._climb, input_signature=[batch, labels, row, seeds, flag, whole, flag]
        )

    def run(self, budgets: Sequence[float]) -> None:
        """Attack at each budget in turn; budgets do not see each other's results."""
        for budget in budgets:
            standing = np.ones(len(self.split), bool)
            for attack in ATTACKS:
                chosen = standing | self.subset if attack in ITERATED else np.ones_like(standing)
                standing &= self._attack(attack, budget, chosen) != WRONG
            say(f"{self.target.name} at {budget:g}: {standing.mean():.3f} still stand")

    def run_doubled(self, budget: float) -> None:
        """Attack the subset with twice the steps, to see whether the steps are enough."""
        for attack in DOUBLED:
            self._attack(attack, budget, self.subset)

    def flat(self) -> NDArray[np.bool_]:
        """Of each example of the subset, whether the loss has no gradient at all there."""
        chosen = self.split.take(self.subset)
        x, y = self.threat.signal(tf.constant(chosen.x)), tf.constant(chosen.y)
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = tf.reduce_sum(cross_entropy(self.target.logits(x), y))
        gradient = tape.gradient(value, x).numpy().reshape(len(chosen), -1)
        return np.asarray(np.all(gradient == 0, axis=1))

    def _attack(self, attack: str, budget: float, chosen: NDArray[np.bool_]) -> NDArray[np.int8]:
        """Craft, round, judge and record; returns the verdicts that count for who still stands.

        Where no example is left to attack, none is run.
        """
        examples = self.split.take(chosen)
        found = self._judged(attack, budget, examples, chosen) if len(examples) else {}
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

    def _judged(
        self, attack: str, budget: float, examples: Split, chosen: NDArray[np.bool_]
    ) -> dict[str, NDArray[np.bool_]]:
        """Whether each crafted example does no harm, by model."""
        name, raw = self.target.name, self._craft(attack, budget, examples)
        judgement = self.target.judge(raw)
        self.judged[attack, self.grid.name(budget)] = Judged(np.flatnonzero(chosen), judgement)
        if budget == self.grid.reference:
            self.crafted[attack] = raw[self.subset[chosen]]
        right = judgement.label == examples.y
        return {
            name: right,
            f"{name}_{WHITE_BOX}": self._on_white_box(raw) == examples.y,
            f"{name}_{GUARDED}": right | ~judgement.accepted,
        }

    def _on_white_box(self, raw: NDArray[Any]) -> NDArray[np.int64]:
        batches = [raw[start : start + BATCH] for start in range(0, len(raw), BATCH)]
        labels = [self._white_box(self.threat.signal(tf.constant(batch))) for batch in batches]
        return np.concatenate(labels)

    def _craft(self, attack: str, budget: float, examples: Split) -> NDArray[Any]:
        """Adversarial examples as the sensor would deliver them."""
        name = derive(self.seed, self.target.name, attack, str(budget)) % 2**31
        found = []
        starts = range(0, len(examples), BATCH)
        for start in track(starts, f"{self.target.name} {attack} {budget:g}", len(starts)):
            x = self.threat.signal(tf.constant(examples.x[start : start + BATCH]))
            y = tf.constant(examples.y[start : start + BATCH])
            moved = self._moved(attack, x, y, self.threat.radius(x, budget), [name, start])
            found.append(self.threat.realise(moved))
        return np.concatenate(found)

    def _moved(self, attack: str, x: Any, y: Any, radius: Any, seed: list[int]) -> Any:
        if attack == NOISE:
            return self._noise(x, radius, seed)
        on_margin = attack in (PGD_MARGIN, DOUBLED_MARGIN)
        steps = 1 if attack == FGSM else self.grid.steps * (2 if attack in DOUBLED else 1)
        return self._ascent(x, y, radius, seed, on_margin, steps, attack != FGSM)

    def _scatter(self, x: Any, radius: Any, seed: Any) -> Any:
        return self.threat.clip(x + self.threat.ball.random(x, radius, seed))

    def _climb(
        self, x: Any, y: Any, radius: Any, seed: Any, on_margin: Any, steps: Any, random_start: Any
    ) -> Any:
        return ascend(
            x,
            y,
            logits=self.target.logits,
            loss=lambda logits, y: tf.where(on_margin, margin(logits, y), cross_entropy(logits, y)),
            threat=self.threat,
            radius=radius,
            steps=steps,
            seed=seed,
            random_start=random_start,
        )
