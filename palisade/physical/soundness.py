"""Whether the attacks through the world were crafted as they should be, told from their outcomes.

Of two attacks on the same examples the one that should be the stronger may break fewer by chance.
So a lead is given in standard errors (``palisade/evaluation/leads.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, pairwise

from palisade.evaluation.leads import lead
from palisade.physical.aims import GUARD_AWARE, OBLIVIOUS
from palisade.physical.scoring import Outcome


def figures(defended: Sequence[Outcome], undefended: Sequence[Outcome]) -> dict[str, float]:
    """The leads that matter most, in standard errors; what cannot be compared is left out.

    ``over_controls`` is the smallest lead of an attack on the undefended model over what does
    without intent what it crafts, each at the severity at which it leads most: where the control
    alone takes everything, no attack can lead. ``over_controls_when_defended`` is the same on the
    defended model, where a defence may leave no lead. ``of_milder`` is the largest lead of a
    severity over the next stronger one, and ``of_oblivious`` that of an attack that knows no guard
    over the same one that does, by what is accepted and wrong: both should not be there.

    Args:
        defended: outcomes of the model with its guard, without what milder severities carry.
        undefended: the same of the undefended model.
    """
    found = {
        "over_controls": _extreme(min, _over_controls(undefended)),
        "over_controls_when_defended": _extreme(min, _over_controls(defended)),
        "of_milder": _extreme(max, [*_of_milder(defended), *_of_milder(undefended)]),
        "of_oblivious": _extreme(max, _of_oblivious(defended)),
    }
    return {name: value for name, value in found.items() if value is not None}


def _extreme(which: Callable[[list[float]], float], leads: Iterable[float]) -> float | None:
    found = list(leads)
    return which(found) if found else None


def _over_controls(outcomes: Sequence[Outcome]) -> Iterator[float]:
    controls = {(one.attack, one.severity): one for one in outcomes}
    leads: dict[str, list[float]] = {}
    for one in outcomes:
        if control := controls.get((one.control, one.severity)):
            kept = control.right if one.among is None else control.right[one.among]
            leads.setdefault(one.attack, []).append(lead(~one.right, ~kept))
    return map(max, leads.values())


def _of_milder(outcomes: Sequence[Outcome]) -> Iterator[float]:
    ordered = [one for one in outcomes if one.strength is not None]
    for _, group in groupby(ordered, key=lambda one: one.attack):
        for milder, stronger in pairwise(sorted(group, key=lambda one: one.strength or 0.0)):
            yield lead(~milder.right, ~stronger.right)


def _of_oblivious(outcomes: Sequence[Outcome]) -> Iterator[float]:
    for one in outcomes:
        if GUARD_AWARE in one.passed:
            yield lead(one.passed[OBLIVIOUS], one.passed[GUARD_AWARE])
