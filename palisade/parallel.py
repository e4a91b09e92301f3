"""Independent work over cores or machines, in order, with the same bytes however many.

Over this machine's cores by default, and over a Dask cluster where ``$PALISADE_EXECUTOR`` names
one (docs/machines.md).
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from threading import Thread
from typing import TypeVar

from joblib import Parallel, delayed

from palisade import cluster
from palisade.errors import PalisadeError
from palisade.progress import track

WORKERS = "PALISADE_WORKERS"
EXECUTOR = "PALISADE_EXECUTOR"
WATCH_S = 1.0  # between looks of a worker whether its parent is still there

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


def scheduler() -> str | None:
    """Address of the Dask scheduler that ``$PALISADE_EXECUTOR`` names; None for this machine."""
    text = os.environ.get(EXECUTOR) or "local"
    if text == "local":
        return None
    found = re.fullmatch(r"dask:((?:tcp|tls)://[^\s/]+:\d+)", text)
    if found is None:
        raise PalisadeError(f"{EXECUTOR} is {text!r}", "set it to local or dask:tcp://HOST:PORT")
    return found[1]


def each(function: Callable[[T], R], items: Sequence[T], what: str) -> list[R]:
    """Apply a function to every item in worker processes, and return the results in order.

    The function must depend on its item alone (draw randomness by name, see ``seeds``), so
    that the number of workers never changes a result. What it calls works alone in turn.
    """
    address = scheduler()
    results = cluster.each(address, function, items) if address else _here(function, items)
    return list(track(results, what, total=len(items)))


def _here(function: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
    found: Iterator[R] = Parallel(n_jobs=workers(), return_as="generator")(
        delayed(_in_worker)(os.getpid(), function, item) for item in items
    )
    return found


def _in_worker(parent: int, function: Callable[[T], R], item: T) -> R:
    if os.getpid() != parent:
        _leave_with(parent)
    return _alone(function, item)


def _alone(function: Callable[[T], R], item: T) -> R:
    os.environ[WORKERS] = "1"
    return function(item)


@cache
def _leave_with(parent: int) -> None:
    """End this worker once the process that started it is gone, however it was killed."""
    Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_S)
    os._exit(1)
