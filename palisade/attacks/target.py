"""A model under attack, and all that an attacker who knows the pipeline has of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from palisade.attacks.queries import Ask
from palisade.attacks.surrogates import Seen
from palisade.guard.judgement import Judgement
from palisade.guard.tables import Guard


@dataclass(frozen=True)
class Arms:
    """What an attacker has beside the gradients of a model's logits.

    Attributes:
        exact: signal to the artefact's own logits, as the target's ``briefly`` has them (LiteRT's,
            and TFLM's near a boundary), with the white box's gradient.
        seen: signal to what the guard sees, differentiable.
        guard: its tables and limits.
        others: white boxes to craft on instead, by the name of the attack.
    """

    exact: Callable[[Any], Any]
    seen: Callable[[Any], Seen]
    guard: Guard
    others: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """A model under attack.

    Attributes:
        name: what its figures are called: ``int8`` or ``undefended``.
        logits: signal to logits, differentiable: the white box.
        judge: raw samples to labels and decisions, as the device gives them.
        guarded: whether it has a guard.
        ask: what the device says to a query, in TFLM's integers; None: nobody asks it.
        briefly: what LiteRT says, and near a boundary what ``ask`` does, in less time.
        arms: what only some attacks need; None: those are left out.
    """

    name: str
    logits: Callable[[Any], Any]
    judge: Callable[[NDArray[Any]], Judgement]
    guarded: bool = False
    ask: Ask | None = None
    briefly: Ask | None = None
    arms: Arms | None = None
