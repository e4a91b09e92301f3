"""Progress of long work: a bar on a terminal, a plain line now and then in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")

LOG_INTERVAL_S = 10.0


def track(items: Iterable[T], what: str, total: int) -> Iterator[T]:
    """Yield the items while showing how many of ``total`` are done."""
    if sys.stderr.isatty():
        yield from tqdm(items, desc=what, total=total, leave=False)
        return
    began = spoke = time.monotonic()
    for done, item in enumerate(items, start=1):
        yield item
        now = time.monotonic()
        if now - spoke >= LOG_INTERVAL_S and done < total:
            say(f"{what}: {done} of {total}, {now - began:.0f} s")
            spoke = now


def say(line: str) -> None:
    """Print one line of progress without breaking a bar."""
    tqdm.write(line, file=sys.stderr)
