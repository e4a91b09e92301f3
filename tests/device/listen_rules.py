"""Rules of a stream drawn at random, for the tests of the device and of what is emitted."""

from __future__ import annotations

import numpy as np

from palisade.stream.confirmer import LONGEST, WIDEST, Confirmer
from palisade.stream.listening import Listening
from tests.guard import drawn

Rng = np.random.Generator


def rules(rng: Rng, *, confirmed: bool) -> Listening:
    """Of few or many windows, commands and classes; extreme layers among them."""
    classes = int(rng.integers(2, 9))
    context = int(rng.integers(1, min(LONGEST, WIDEST // classes) + 1))
    actions = rng.permutation(classes)[: rng.integers(1, classes + 1)].tolist()
    table = None
    if confirmed:
        hidden = int(rng.integers(1, 20))
        table = Confirmer(
            context=context,
            classes=classes,
            hidden=drawn.dense(rng, context * classes, hidden, lowest=True),
            output=drawn.dense(rng, hidden, len(actions) + 1, lowest=False),
        )
    return Listening(
        actions=actions,
        thresholds_lsb=rng.integers(-200, 20, len(actions)).tolist(),
        confirmed_lsb=rng.integers(-100, 60, len(actions)).tolist() if confirmed else None,
        confirmer=table,
        classes=classes,
        hop_ms=100,
        smoothed_windows=int(rng.integers(1, context + 1)),
        context_windows=context,
        refractory_windows=int(rng.integers(0, 6)),
    )
