"""Listeners drawn at random, and runs of ``pal_listen`` on them."""

from __future__ import annotations

import numpy as np

from palisade.device import work
from palisade.device.case import Case, Rng, int8s, whole
from palisade.device.guard_shapes import dense
from palisade.stream.confirmer import LONGEST, WIDEST, Confirmer
from palisade.stream.listening import Listening

LEAST_LSB = -256  # which every score reaches


def margins(rng: Rng) -> Case:
    """Mean margins alone."""
    return _case(rng, confirmed=False)


def confirmed(rng: Rng) -> Case:
    """A confirmer that is asked about every command."""
    return _case(rng, confirmed=True)


def _case(rng: Rng, *, confirmed: bool) -> Case:
    rules = listening(rng, confirmed=confirmed)
    logits = np.minimum(int8s(rng, rules.classes), 0)
    logits[0] = 127
    return Case(
        work.LISTEN, work.listen(rules), lambda trial: trial.listen(rules, logits).instructions
    )


def listening(rng: Rng, *, confirmed: bool) -> Listening:
    """Rules by which everything passes."""
    classes = whole(rng, 2, 16)
    context = whole(rng, 1, min(LONGEST, WIDEST // classes))
    actions = list(range(whole(rng, 1, classes)))
    least = [LEAST_LSB] * len(actions)
    hidden = whole(rng, 1, 64)
    table = Confirmer(
        context=context,
        classes=classes,
        hidden=dense(rng, context * classes, hidden),
        output=dense(rng, hidden, len(actions) + 1),
    )
    return Listening(
        actions=actions,
        thresholds_lsb=least,
        confirmed_lsb=least if confirmed else None,
        confirmer=table if confirmed else None,
        classes=classes,
        hop_ms=100,
        smoothed_windows=whole(rng, 1, context),
        context_windows=context,
        refractory_windows=0,
    )
