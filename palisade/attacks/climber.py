"""Attacks by gradients on one white box, compiled once for batches of any length.

Compiling costs seconds, so what differs between attacks of one kind (loss, steps, start, the rank
of a goal) goes in as a tensor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from palisade.attacks.ascent import Threat, ascend
from palisade.attacks.losses import (
    TARGETED_CLASSES,
    cross_entropy,
    dlr,
    dlr_targeted,
    margin,
)
from palisade.attacks.rails import within
from palisade.attacks.schedules import ADAPTIVE, FALLING
from palisade.attacks.starts import begun
from palisade.attacks.surrogates import Seen, Surrogate, likeness
from palisade.backend import tf
from palisade.guard.tables import Guard

ON_CROSS_ENTROPY, ON_DLR, ON_TARGET = range(3)
# Of a joint attack.
ON_HARM, ON_HARM_BY_CROSS_ENTROPY, ON_HARM_TOWARDS, ON_LIKENESS = range(4)
_ROW, _WHOLE, _FLAG = tf.TensorSpec([None]), tf.TensorSpec([], tf.int32), tf.TensorSpec([], tf.bool)
_SHARE = tf.TensorSpec([])
_LABELS, _SEED = tf.TensorSpec([None], tf.int64), tf.TensorSpec([2], tf.int32)


class Climber:
    """What an attacker does with the gradients of logits.

    Args:
        logits: signal to logits, differentiable.
        threat: the attacker.
        like: signals ``[n, ...]`` of the shape to come.

    Attributes:
        labels: ``(x)``: ``[n]`` what the white box says.
        noise: ``(x, radius, seed)``.
        falling: ``(x, y, radius, seed, on_margin, steps, random_start, coarse)``: FGSM and PGD.
        adaptive: ``(x, y, radius, seed, loss, steps, rank, coarse)``: APGD; ``rank`` 0 aims at the
            likeliest wrong class of the clean signal. ``coarse``: the kind of random start.
    """

    def __init__(self, logits: Callable[[Any], Any], threat: Threat, like: Any) -> None:
        self._logits, self._threat = logits, threat
        batch = tf.TensorSpec([None, *like.shape[1:]])
        self.labels = tf.function(lambda x: tf.argmax(logits(x), axis=1), input_signature=[batch])
        self.noise = tf.function(self._scatter, input_signature=[batch, _ROW, _SEED])
        asked = [batch, _LABELS, _ROW, _SEED]
        self.falling = tf.function(
            self._fall, input_signature=[*asked, _FLAG, _WHOLE, _FLAG, _FLAG]
        )
        self.adaptive = tf.function(
            self._adapt, input_signature=[*asked, _WHOLE, _WHOLE, _WHOLE, _FLAG]
        )

    def _scatter(self, x: Any, radius: Any, seed: Any) -> Any:
        return self._threat.clip(x + self._threat.ball.random(x, radius, seed))

    def _fall(
        self,
        x: Any,
        y: Any,
        radius: Any,
        seed: Any,
        on_margin: Any,
        steps: Any,
        random_start: Any,
        coarse: Any,
    ) -> Any:
        return ascend(
            x,
            y,
            logits=self._logits,
            loss=lambda logits, y: tf.where(on_margin, margin(logits, y), cross_entropy(logits, y)),
            threat=within(begun(self._threat, coarse), x),
            radius=radius,
            steps=steps,
            seed=seed,
            random_start=random_start,
            schedule=FALLING,
        )

    def _adapt(
        self,
        x: Any,
        y: Any,
        radius: Any,
        seed: Any,
        which: Any,
        steps: Any,
        rank: Any,
        coarse: Any,
    ) -> Any:
        goal = runner_up(self._logits(x), y, rank)

        def loss(logits: Any, y: Any) -> Any:
            losses = [cross_entropy(logits, y), dlr(logits, y)]
            if logits.shape[1] >= TARGETED_CLASSES:
                losses.append(dlr_targeted(logits, y, goal))
            return tf.gather(tf.stack(losses), which)

        return ascend(
            x,
            y,
            logits=self._logits,
            loss=loss,
            threat=within(begun(self._threat, coarse), x),
            radius=radius,
            steps=steps,
            seed=seed,
            schedule=ADAPTIVE,
        )


class JointClimber:
    """What an attacker does who knows the guard: a wrong answer that is accepted.

    Of all points visited the one is kept that is nearest to doing harm, whatever is climbed.

    Args:
        seen: signal to what the guard sees, differentiable.
        guard: tables and limits.
        threat: the attacker.
        like: signals of the shape to come.
        width: of an embedding.

    Attributes:
        climb: ``(x, y, radius, seed, guides, loss, steps, rank, spare, coarse)``: APGD on network
            and guard at once, with a share ``spare`` of each limit in hand, towards any wrong
            answer or the clean signal's likeliest but ``rank``, from 0; or towards the embeddings
            ``guides [n, width]``. ``coarse``: the kind of random start.
    """

    def __init__(
        self,
        seen: Callable[[Any], Seen],
        guard: Guard,
        threat: Threat,
        like: Any,
        width: int,
    ) -> None:
        self._seen, self._guard, self._threat = seen, guard, threat
        batch, guides = tf.TensorSpec([None, *like.shape[1:]]), tf.TensorSpec([None, width])
        asked = [batch, _LABELS, _ROW, _SEED, guides, _WHOLE, _WHOLE, _WHOLE, _SHARE, _FLAG]
        self.climb = tf.function(self._climb, input_signature=asked)

    def _climb(
        self,
        x: Any,
        y: Any,
        radius: Any,
        seed: Any,
        guides: Any,
        which: Any,
        steps: Any,
        rank: Any,
        spare: Any,
        coarse: Any,
    ) -> Any:
        goal, surrogate = runner_up(self._seen(x).logits, y, rank), Surrogate(self._guard, spare)

        def path(x: Any) -> tuple[Seen, Any]:
            seen = self._seen(x)
            return seen, surrogate.hinges(seen)  # which cost more than all else, so once

        def loss(outputs: tuple[Seen, Any], y: Any) -> Any:
            seen, hinges = outputs
            losses = [
                lambda: surrogate.harm(seen, y, hinges),
                lambda: surrogate.harm_by_cross_entropy(seen, y, hinges),
                lambda: surrogate.harm_towards(seen, goal, hinges),
                lambda: likeness(seen, guides),
            ]
            return tf.switch_case(which, losses)

        return ascend(
            x,
            y,
            logits=path,
            loss=loss,
            merit=lambda outputs, y: surrogate.harm(outputs[0], y, outputs[1]),
            threat=within(begun(self._threat, coarse), x),
            radius=radius,
            steps=steps,
            seed=seed,
            schedule=ADAPTIVE,
        )


def runner_up(logits: Any, y: Any, rank: Any) -> Any:
    """``[n]`` the wrong class with the largest logit but ``rank``, from 0."""
    true = tf.one_hot(y, tf.shape(logits)[1], on_value=True, off_value=False)
    ordered = tf.argsort(
        tf.where(true, tf.float32.min, logits), axis=1, direction="DESCENDING", stable=True
    )
    return tf.cast(ordered[:, rank], tf.int64)
