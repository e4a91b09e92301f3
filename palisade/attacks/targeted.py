"""An attack towards one label: the same loop, which sees two classes, the label and the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.ascent import Threat, ascend
from palisade.attacks.losses import margin
from palisade.backend import tf
from palisade.progress import track
from palisade.seeds import derive

BATCH = 64


def craft(
    raw: NDArray[Any],
    goal: NDArray[np.int64],
    *,
    logits: Callable[[Any], Any],
    threat: Threat,
    budget: float,
    steps: int,
    seed: int,
) -> NDArray[Any]:
    """Raw samples ``[n, ...]`` that say their goals, as the sensor would deliver them.

    Projected gradient ascent on the goal's lead over the largest other logit, from a random
    start; of all points visited the one with the largest lead is kept.

    Args:
        raw: ``[n, ...]`` clean raw samples.
        goal: ``[n]`` the label that each should be given.
        logits: the white box, signal to logits.
        threat: the attacker.
        budget: in the task's unit.
        steps: gradients taken of each.
        seed: root seed of the random starts.

    References:
        Carlini and Wagner, arXiv:1608.04644, equation f6, targeted.
    """
    move = tf.function(_move(logits, threat, budget, steps), reduce_retracing=True)
    name = derive(seed, "targeted", str(budget)) % 2**31
    found = []
    starts = range(0, len(raw), BATCH)
    for start in track(starts, f"targeted {budget:g}", len(starts)):
        x = threat.signal(tf.constant(raw[start : start + BATCH]))
        wanted = tf.constant(goal[start : start + BATCH])
        found.append(threat.realise(move(x, wanted, tf.constant([name, start]))))
    return np.concatenate(found)


def _move(
    logits: Callable[[Any], Any], threat: Threat, budget: float, steps: int
) -> Callable[[Any, Any, Any], Any]:
    def move(x: Any, goal: Any, seed: Any) -> Any:
        def against_goal(signal: Any) -> Any:
            """``[n, 2]``: to err on the first class, the rest, is to say the goal."""
            outputs = logits(signal)
            lead = -margin(outputs, goal)
            return tf.stack([tf.zeros_like(lead), lead], axis=1)

        return ascend(
            x,
            tf.zeros_like(goal),
            logits=against_goal,
            loss=margin,
            threat=threat,
            radius=threat.radius(x, budget),
            steps=steps,
            seed=seed,
        )

    return move
