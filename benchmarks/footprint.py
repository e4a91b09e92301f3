"""What a module's run takes: ``python -m benchmarks.footprint FILE MODULE [ARGUMENT ...]``.

Runs the module as ``python -m`` would, and writes its processor seconds and its largest resident
memory to FILE. The kernel's own account of a process (``getrusage``) would not do: it starts with
the size of whoever starts the process.
"""

from __future__ import annotations

import json
import re
import runpy
import sys
import time
from pathlib import Path

STATUS = Path("/proc/self/status")


def main() -> None:
    """Run the module, then write the figures."""
    _, file, module, *arguments = sys.argv
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    peak = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text())
    assert peak is not None
    figures = {
        "cpu_s": round(time.process_time(), 2),
        "peak_memory_mib": round(int(peak[1]) / 1024, 1),
    }
    Path(file).write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
