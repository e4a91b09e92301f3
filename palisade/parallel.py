"""Independent work over the machine's cores, in order, with the same bytes however many."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TypeVar

from joblib import Parallel, delayed

from palisade.errors import PalisadeError
from palisade.progress import track

WORKERS = "PALISADE_WORKERS"

T = TypeVar("T")
R = TypeVar("R")


def workers() -> int:
    """How many processes to use: ``$PALISADE_WORKERS``, else one a core."""
    text = os.environ.get(WORKERS, "")
    if not text:
        return len(os.sched_getaffinity(0))
    if not text.isdigit() or int(text) < 1:
        raise PalisadeError(f"{WORKERS} is {text!r}", "set it to a whole number from 1")
    return int(text)


def each(function: Callable[[T], R], items: Sequence[T], what: str) -> list[R]:
    """Apply a function to every item in worker processes, and return the results in order.

    The function must depend on its item alone (draw randomness by name, see ``seeds``), so
    that the number of workers never changes a result. What it calls works alone in turn.
    """
    results = Parallel(n_jobs=workers(), return_as="generator")(
        delayed(_alone)(function, item) for item in items
    )
    return list(track(results, what, total=len(items)))


def _alone(function: Callable[[T], R], item: T) -> R:
    os.environ[WORKERS] = "1"
    return function(item)
