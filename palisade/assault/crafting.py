"""Windows crafted towards one verdict of the door, and noise of the same budget as a control."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from palisade.assault.aims import Aim
from palisade.attacks.ascent import Threat, ascend
from palisade.attacks.rails import within
from palisade.attacks.schedules import ADAPTIVE
from palisade.attacks.starts import begun, is_coarse
from palisade.attacks.surrogates import Seen
from palisade.backend import tf
from palisade.progress import track
from palisade.seeds import derive

BATCH = 64
Goal = Literal["forced", "denied"]
Raw = NDArray[Any]
_SEED, _FLAG = tf.TensorSpec([2], tf.int32), tf.TensorSpec([], tf.bool)


class Crafter:
    """An attacker of one sensor, who knows network, guard and threshold.

    Args:
        aim: what is climbed.
        seen: signal to what the guard sees, differentiable.
        threat: the attacker of the sensor.
        budget: in the task's unit.
        steps: gradients taken for each window.
        seed: root seed of the random starts.
        like: raw windows ``[n, ...]`` of the form to come.

    References:
        Croce and Hein, arXiv:2003.01690 (APGD, the schedule).
    """

    def __init__(
        self,
        aim: Aim,
        seen: Callable[[Any], Seen],
        threat: Threat,
        *,
        budget: float,
        steps: int,
        seed: int,
        like: Raw,
    ) -> None:
        self._seen, self._threat, self._steps = seen, threat, steps
        self.budget, self._seed = budget, seed
        batch = tf.TensorSpec([None, *threat.signal(tf.constant(like[:1])).shape[1:]])
        merits = {"forced": aim.force, "denied": aim.deny}
        self._climbs = {
            goal: tf.function(self._towards(merit), input_signature=[batch, _SEED, _FLAG])
            for goal, merit in merits.items()
        }
        self._scatter = tf.function(self._scattered, input_signature=[batch, _SEED])

    def craft(self, x: Raw, goal: Goal, attempt: int) -> Raw:
        """Windows as the sensor would deliver them, crafted from ``x [n, ...]``.

        Of all points that an ascent visits the one nearest to the goal is kept. Of each four
        attempts two begin at a coarse start.
        """
        coarse = tf.constant(is_coarse(attempt))

        def climb(signal: Any, seed: Any) -> Any:
            return self._climbs[goal](signal, seed, coarse)

        return self._moved(climb, x, f"{goal} {attempt}")

    def noise(self, x: Raw, goal: Goal, attempt: int) -> Raw:
        """Windows with random noise that fills the budget."""
        return self._moved(self._scatter, x, f"{goal} noise {attempt}")

    def _moved(self, move: Callable[[Any, Any], Any], x: Raw, what: str) -> Raw:
        name = derive(self._seed, "door", what, str(self.budget)) % 2**31
        starts, found = range(0, len(x), BATCH), []
        for start in track(starts, what, len(starts)):
            signal = self._threat.signal(tf.constant(x[start : start + BATCH]))
            found.append(self._threat.realise(move(signal, tf.constant([name, start]))))
        return np.concatenate(found)

    def _towards(self, merit: Callable[[Seen, Any], Any]) -> Callable[[Any, Any, Any], Any]:
        def climb(x: Any, seed: Any, coarse: Any) -> Any:
            return ascend(
                x,
                tf.zeros(tf.shape(x)[:1], tf.int64),
                logits=self._seen,
                loss=merit,
                merit=merit,
                threat=within(begun(self._threat, coarse), x),
                radius=self._threat.radius(x, self.budget),
                steps=self._steps,
                seed=seed,
                schedule=ADAPTIVE,
            )

        return climb

    def _scattered(self, x: Any, seed: Any) -> Any:
        radius = self._threat.radius(x, self.budget)
        return self._threat.clip(x + self._threat.ball.random(x, radius, seed))
