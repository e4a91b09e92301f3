"""Work over processes ends with the run that started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from palisade import parallel

PATIENCE_S = 60.0
SCRIPT = """
import sys, time
from pathlib import Path
from palisade import parallel


def work(place):
    import os
    Path(place, str(os.getpid())).touch()
    time.sleep(600)


if __name__ == "__main__":
    parallel.each(work, [sys.argv[1]] * 2, "items")
"""


def test_results_come_in_the_order_of_the_items() -> None:
    assert parallel.each(abs, [-3, 2, -1], "numbers") == [3, 2, 1]


def test_no_worker_outlives_a_run_that_was_killed(tmp_path: Path) -> None:
    script, seen = tmp_path / "run.py", tmp_path / "seen"
    script.write_text(SCRIPT)
    seen.mkdir()
    run = subprocess.Popen(
        [sys.executable, str(script), str(seen)],
        env={**os.environ, "PYTHONPATH": os.getcwd(), parallel.WORKERS: "2"},
    )
    soon(lambda: len(list(seen.iterdir())) == 2)
    workers = [int(one.name) for one in seen.iterdir()]
    assert run.pid not in workers and all(map(alive, workers))
    run.send_signal(signal.SIGKILL)
    run.wait()
    soon(lambda: not any(map(alive, workers)))


def alive(process: int) -> bool:
    """Whether it runs, and is no zombie that nobody waits for."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def soon(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.1)
