"""An attack towards one label that the guard accepts: the same loop, with a goal for a label.

It climbs what the joint attack of the battery climbs towards a goal: the goal's lead over the
largest other logit, and where it leads, what the guard still holds against it; or the lead alone,
as one does who knows no guard, for where pleasing it costs more than it gains.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.ascent import Threat, ascend
from palisade.attacks.losses import margin
from palisade.attacks.rails import within
from palisade.attacks.schedules import ADAPTIVE
from palisade.attacks.starts import begun, is_coarse
from palisade.attacks.surrogates import SPARE, Seen, Surrogate
from palisade.backend import tf
from palisade.guard.tables import Guard
from palisade.progress import track
from palisade.seeds import derive

BATCH = 64
_LABELS, _SEED = tf.TensorSpec([None], tf.int64), tf.TensorSpec([2], tf.int32)
_SHARE, _FLAG = tf.TensorSpec([]), tf.TensorSpec([], tf.bool)


class Forger:
    """Crafts windows that say a goal and pass the guard.

    Args:
        seen: signal to what the guard sees, differentiable.
        guard: tables and limits.
        threat: the attacker.
        budget: in the task's unit.
        steps: gradients taken of each window.
        seed: root seed of the random starts.
        like: raw windows ``[n, ...]`` of the form to come.

    References:
        Carlini and Wagner, arXiv:1608.04644, equation f6, targeted; Croce and Hein,
        arXiv:2003.01690 (APGD, the schedule).
    """

    def __init__(
        self,
        seen: Callable[[Any], Seen],
        guard: Guard,
        threat: Threat,
        *,
        budget: float,
        steps: int,
        seed: int,
        like: NDArray[Any],
    ) -> None:
        self._seen, self._guard, self._threat = seen, guard, threat
        self._budget, self._steps, self._seed = budget, steps, seed
        batch = tf.TensorSpec([None, *threat.signal(tf.constant(like[:1])).shape[1:]])
        asked = [batch, _LABELS, _SEED, _SHARE, _FLAG, _FLAG]
        self._climb = tf.function(self._towards, input_signature=asked)

    def craft(
        self,
        raw: NDArray[Any],
        goal: NDArray[np.int64],
        attempt: int = 0,
        *,
        oblivious: bool = False,
    ) -> NDArray[Any]:
        """Raw windows ``[n, ...]`` as the sensor would deliver them, towards their goals ``[n]``.

        Of all points visited the one nearest to being accepted as the goal is kept, or to an
        ``oblivious`` attacker the one of the largest lead. Of each four attempts two begin at a
        coarse start; every second one spares nothing of a limit.
        """
        name = derive(self._seed, "targeted", str(self._budget), attempt) % 2**31
        spare, coarse = tf.constant(0.0 if attempt % 2 else SPARE), tf.constant(is_coarse(attempt))
        found = []
        starts = range(0, len(raw), BATCH)
        for start in track(starts, f"towards a goal, {self._budget:g}", len(starts)):
            x = self._threat.signal(tf.constant(raw[start : start + BATCH]))
            wanted = tf.constant(goal[start : start + BATCH], tf.int64)
            seed = tf.constant([name, start])
            moved = self._climb(x, wanted, seed, spare, coarse, tf.constant(oblivious))
            found.append(self._threat.realise(moved))
        return np.concatenate(found)

    def _towards(
        self, x: Any, goal: Any, seed: Any, spare: Any, coarse: Any, oblivious: Any
    ) -> Any:
        surrogate = Surrogate(self._guard, spare)

        def nearness(seen: Seen, goal: Any) -> Any:
            lead = -margin(seen.logits, goal)
            return tf.where(oblivious, lead, surrogate.harm_towards(seen, goal))

        return ascend(
            x,
            goal,
            logits=self._seen,
            loss=nearness,
            merit=nearness,
            threat=within(begun(self._threat, coarse), x),
            radius=self._threat.radius(x, self._budget),
            steps=self._steps,
            seed=seed,
            schedule=ADAPTIVE,
        )
