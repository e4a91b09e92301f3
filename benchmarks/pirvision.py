"""Vacant, still or moving by one analogue PIR: ``python -m benchmarks.pirvision --data DIR``.

DIR holds ``sensor/pirvision/pirvision.csv.gz``: 5,106 rows of 55 samples (PIRvision FoG presence
detection, UCI; CC BY 4.0 by the data set's page). Its temperature column is 0 on every row of
one class and on no other, so it gives the label away: only the ``PIR_1`` to ``PIR_55`` columns are
read. Rows with a spike above 60,000 counts are left out. The rows follow each other in time and
are split in blocks.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from benchmarks import running
from benchmarks.running import Benchmark

FULL_SCALE_COUNTS = 60000.0

SETTINGS: dict[str, Any] = {
    "prepare.motion.classes": ["0", "1", "3"],  # vacant, a person who is still, one who moves
    "prepare.motion.positive": "3",
    "prepare.motion.channels": ["PIR"],
    "prepare.motion.samples": 55,
    "prepare.motion.first_sample": 1,
    "prepare.motion.label_column": "Label",
    "prepare.motion.group_column": "",
    "prepare.motion.group_rows": 25,
    "prepare.motion.split_column": "",
    "prepare.motion.plausible": [[0.0, FULL_SCALE_COUNTS]],
    "prepare.motion.test_percent": 25.0,
    "prepare.motion.least_per_class": 5,
    "features.motion.units": ["pir"],
    "features.motion.samples": 55,
    "threat.motion.units": ["pir"],
    "threat.motion.pir_full_scale_counts": FULL_SCALE_COUNTS,
    "augment.motion.units": ["pir"],
    "augment.motion.pir_full_scale_counts": FULL_SCALE_COUNTS,
    "corrupt.motion.units": ["pir"],
    "corrupt.motion.pir_full_scale_counts": FULL_SCALE_COUNTS,
    "evaluate.motion.negatives": ["0"],
    "attack.motion.sequences.goals": ["1", "3"],
    "physical.motion.person": "3",
    "physical.motion.quiet": ["0"],
    # 0.1 and 0.2 % of full scale, 60 and 120 counts: traces of the classes peak 800 counts apart.
    "attack.motion.budgets_mg": [1.0, 2.0, 500.0],
    "attack.motion.reference_mg": 2.0,
    "pretrain.motion.epsilon_mg": 2.0,
    "qat.motion.epsilon_mg": 2.0,
    "features.motion.pir_offset_mg": 20.0,  # a signal is a few percent of full scale
    "training.motion.balance": 0.5,  # seven of eight rows are of nobody
    "quantization.motion.balance": 0.5,
}
SHORT: dict[str, Any] = {
    "training.motion.epochs": 1,
    "quantization.motion.epochs": 1,
    "attack.motion.steps": 2,
    "attack.motion.restarts": 1,
    "attack.motion.queries": 20,
    "corrupt.motion.traces": 20,
    **running.briefly("motion"),
}


def gather(data: Path, folder: Path) -> None:
    """The table as it is."""
    folder.mkdir(parents=True)
    shutil.copy(data / "sensor/pirvision/pirvision.csv.gz", folder)


BENCHMARK = Benchmark(
    task="motion",
    needed=("sensor/pirvision/pirvision.csv.gz",),
    gather=gather,
    settings=SETTINGS,
    short=SHORT,
)


if __name__ == "__main__":
    running.main(BENCHMARK, __doc__)
