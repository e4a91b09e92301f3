"""Person or nobody on real pictures: ``python -m benchmarks.inria_person --data DIR``.

DIR holds ``inria_person/{person,no_person}``: 400 crops of 64 x 128 pixels each of the INRIA Person
data set (Dalal and Triggs, CVPR 2005; research use, no formal licence; real people, so none is
shown). By params alone the pipeline reads them as grey squares of 64 pixels.
``--sim-to-real`` trains on drawn scenes instead, and tests on the crops' test split.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from benchmarks import running
from benchmarks.running import Benchmark

# The photograph, and what tells its crops apart: crop001004a and crop001004c, or 100_4 and 100_5.
PHOTOGRAPH = re.compile(r"\d+(?=_\d+$)|.+?(?=[a-z]?$)")
FOLDERS = {"person": "person", "no_person": "nobody"}

SETTINGS: dict[str, Any] = {
    "prepare.vision.fit": "stretch",
    "prepare.vision.test_percent": 30.0,
    "prepare.vision.validation_percent": 15.0,
    "prepare.vision.least_per_class": 10,
    "augment.vision.copies": 7,
    "training.vision.epochs": 20,
    "quantization.vision.epochs": 2,
    "prepare.vision.calibration_percent": 20.0,
    "calibrate.vision.false_reject_target": 0.15,  # so few calibration pictures allow no less
}
SYNTHETIC = {"prepare.vision.fit": "stretch"}
SHORT = {
    "augment.vision.copies": 1,
    "training.vision.epochs": 1,
    "quantization.vision.epochs": 1,
    "attack.vision.steps": 2,
    "attack.vision.budgets_linf": [0.0156863, 0.2509804],
    "attack.vision.subset_examples": 40,
    "attack.vision.queries": 20,
    "attack.vision.nes_queries": 20,
    "attack.vision.tree_queries": 20,
    "attack.vision.sequences.events": 6,
    "evaluate.vision.unfamiliar_examples": 20,
    "corrupt.vision.images": 20,
    **running.briefly("vision"),
}


def gather(data: Path, folder: Path) -> None:
    """Lay the crops out as one folder a class; those of one photograph are one source."""
    for source, name in FOLDERS.items():
        (folder / name).mkdir(parents=True)
        for path in sorted((data / "inria_person" / source).glob("*.png")):
            photograph = PHOTOGRAPH.match(path.stem)[0]  # type: ignore[index]
            shutil.copy(path, folder / name / f"{photograph}_nohash_{path.stem}.png")


BENCHMARK = Benchmark(
    task="vision",
    needed=("inria_person/person", "inria_person/no_person"),
    gather=gather,
    settings=SETTINGS,
    short=SHORT,
    synthetic=SYNTHETIC,
)


if __name__ == "__main__":
    running.main(BENCHMARK, __doc__)
