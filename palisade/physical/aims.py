"""What an attacker climbs: a wrong answer, or a wrong answer that the guard accepts.

Every crafted attack on a guarded model is made twice, once for each aim, and the second begins
with what the first has found. Whatever is wrong under either counts, and whatever is accepted and
wrong (``scoring.py``). A model without a guard is attacked as long: the first aim goes on.

Two, and not one loss for both: a sound that has to please the guard as well gives up wrong answers
that the guard rejects, and these count in accuracy. The second resumes, and does not begin anew,
because that costs half as much, and because what the first has found is wrong already: only what
the guard lacks is left to be climbed.

References:
    Tramer et al., On Adaptive Attacks to Adversarial Example Defenses, arXiv:2002.08347 (an
    attack has to aim at the whole defence); Carlini and Wagner, Adversarial Examples Are Not
    Easily Detected, arXiv:1705.07263 (network and detector in one loss).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from palisade.attacks.surrogates import STEPS_A_HINGE, Seen, Surrogate
from palisade.physical.expectation import evasion, imitation

OBLIVIOUS, GUARD_AWARE, AGAIN = "oblivious", "guard_aware", "oblivious_again"

Found = TypeVar("Found")


@dataclass(frozen=True)
class Aim:
    """One aim on one model.

    Attributes:
        name: in figures.
        evade: of signals ``[n, ...]`` and true labels ``[n]``: ``[n]``, larger where it is nearer.
        imitate: of signals and the labels that are to be said: the same.
        resumes: whether it begins with what the aim before it has found.
    """

    name: str
    evade: Callable[[Any, Any], Any]
    imitate: Callable[[Any, Any], Any]
    resumes: bool = False

    @property
    def rest(self) -> float:
        """Share of the schedule that it runs: all of it, or the second half, where it resumes."""
        return 0.5 if self.resumes else 1.0

    def steps(self, steps: int) -> int:
        """How many of so many gradients it takes."""
        return max(1, round(self.rest * steps))

    @property
    def apart(self) -> tuple[str, ...]:
        """Names that tell its draws from those of the aim that it resumes."""
        return (self.name,) if self.resumes else ()


def each(
    aims: Sequence[Aim], craft: Callable[[Aim, Found | None], Found]
) -> Iterator[tuple[str, Found]]:
    """What each aim makes, by its name, in order.

    Args:
        aims: the aims.
        craft: of an aim and what the aim before has found, which an aim may begin with.
    """
    found = None
    for aim in aims:
        found = craft(aim, found if aim.resumes else None)
        yield aim.name, found


def by_severity(
    aims: Sequence[Aim], make: Callable[[Aim], Callable[[float, Found | None], Found]]
) -> Callable[[float], Iterator[tuple[str, Found]]]:
    """What each aim makes, by its name, of a severity; each is compiled once for all of them.

    Args:
        aims: the aims.
        make: of an aim, what crafts: of a severity and what the aim before has found.
    """
    crafts = {aim.name: make(aim) for aim in aims}
    return lambda severity: each(aims, lambda aim, before: crafts[aim.name](severity, before))


def oblivious(logits: Callable[[Any], Any]) -> Aim:
    """A wrong answer, whatever a guard makes of it.

    Args:
        logits: the white box, signal to logits ``[n, classes]``.
    """
    return Aim(
        OBLIVIOUS,
        evade=lambda x, y: evasion(logits(x), y),
        imitate=lambda x, goal: imitation(logits(x), goal),
    )


def again(aim: Aim) -> Aim:
    """The same aim, for as much longer as one that knows a guard takes."""
    return replace(aim, name=AGAIN, resumes=True)


def guard_aware(seen: Callable[[Any], Seen], surrogate: Surrogate, step: float) -> Aim:
    """A wrong answer that the guard accepts.

    Its lead counts as much as it does to who knows no guard. Harm alone is flat once nothing
    rejects, and what is barely wrong there is undone by a print's smoothness and by the next draw.

    Args:
        seen: signal to what the guard sees, differentiable.
        surrogate: the guard as a loss.
        step: of the artefact's logits, so that what is weighed against the value, such as a
            print's smoothness, weighs as it does against logits.
    """
    unit = STEPS_A_HINGE * step

    def evade(x: Any, y: Any) -> Any:
        found = seen(x)
        return unit * surrogate.harm(found, y) + evasion(step * found.logits, y)

    def imitate(x: Any, goal: Any) -> Any:
        found = seen(x)
        lead = imitation(step * found.logits, goal)
        return unit * surrogate.harm_towards(found, goal) + lead

    return Aim(GUARD_AWARE, evade, imitate, resumes=True)
