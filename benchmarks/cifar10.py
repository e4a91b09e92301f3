"""A ten-class ResNet-8 on a JPEG copy of CIFAR-10: ``python -m benchmarks.cifar10 --data DIR``.

DIR holds ``cifar10_jpg/train.tar.xz`` and ``test_first500.tar.xz``: class folders of JPEG copies of
CIFAR-10 (Krizhevsky 2009, no licence stated), compressed so strongly that MLPerf Tiny's own
int8 ResNet-8 falls from 85 % to 75 % on it. Compare only figures measured on this copy.

The first 100 test pictures of each class, in the order of their names, are tested: clean, and
in the worst case of noise, FGSM, and PGD with 50 steps on cross-entropy and on the margin, all
crafted on the fake-quantised model and judged by the int8 artefact on TFLM. Settings were
chosen on the validation split. ``--seed`` may be given several times.
"""

from __future__ import annotations

import json
import shutil
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import running
from benchmarks.running import Benchmark
from benchmarks.workspace import Workspace
from palisade import edge, splits, stage, whitebox
from palisade.attacks import seeing, shares
from palisade.attacks.battery import Battery
from palisade.attacks.target import Target
from palisade.evaluation import verdicts
from palisade.tasks.vision import budgets

CLASSES = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
]  # fmt: skip
TESTED = 100  # pictures of each class

PICTURES: dict[str, Any] = {
    "prepare.vision.classes": CLASSES,
    "prepare.vision.image_px": 32,
    "prepare.vision.channels": "colour",
    "prepare.vision.validation_percent": 4.0,
    "prepare.vision.test_percent": 0.0,
    "prepare.vision.calibration_percent": 2.0,
    "features.vision.image_px": 32,
    "features.vision.channels": "colour",
    "threat.vision.shift_share": 0.125,
    "threat.vision.rotation_deg": 0.0,
    "threat.vision.zoom": [1.0, 1.0],
    "threat.vision.mirror": True,
    "evaluate.vision.negatives": [],
    "attack.vision.sequences.goals": [],
    "augment.vision.copies": 0,
}
TRAINING: dict[str, Any] = {
    "network.vision.topology": "resnet8",
    "network.vision.channels": [16, 32, 64],
    "network.vision.dropout": 0.0,
    "training.vision.epochs": 64,
    "training.vision.probe_examples": 500,
    "training.vision.optimizer": "sgd",
    "training.vision.precision": "bfloat16",
    "training.vision.peak_rate": 0.2,
    "training.vision.warmup_share": 0.2,
    # Decoupled, so a tenth of it is what a weight decay coupled with momentum 0.9 would be.
    "training.vision.weight_decay": 0.003,
    "training.vision.averaging": 0.999,
    "pretrain.vision.epsilon_linf": 0.0156863,  # 4/255
    "pretrain.vision.fraction": 0.55,
    "pretrain.vision.ramp_epochs": 2.0,
    "pretrain.vision.placements": 1,
    "quantization.vision.epochs": 2,
    "quantization.vision.optimizer": "sgd",
    "quantization.vision.peak_rate": 0.01,
    "quantization.vision.weight_decay": 0.003,
    "quantization.vision.averaging": 0.999,
    "qat.vision.epsilon_linf": 0.0156863,
    "qat.vision.fraction": 0.55,
    "qat.vision.placements": 1,
    "attack.vision.budgets_linf": [0.0078431, 0.0156863, 0.2509804],  # 2, 4 and 64 of 255
    "attack.vision.reference_linf": 0.0156863,
    "attack.vision.steps": 50,
}
SHORT = {
    "training.vision.epochs": 1,
    "quantization.vision.epochs": 1,
    "attack.vision.steps": 2,
    "attack.vision.subset_examples": 50,
    "corrupt.vision.images": 20,
}


def gather(data: Path, folder: Path) -> None:
    """Lay the pictures out as one folder a class, the tested ones named by a list."""
    tested = []
    with tempfile.TemporaryDirectory() as scratch:
        for part in ("train", "test_first500"):
            with tarfile.open(data / f"cifar10_jpg/{part}.tar.xz") as archive:
                archive.extractall(scratch, filter="data")
        for name in CLASSES:
            (folder / name).mkdir(parents=True)
            for path in sorted((Path(scratch) / "train" / name).iterdir()):
                shutil.move(path, folder / name / f"train-{path.name}")
            for path in sorted((Path(scratch) / "test" / name).iterdir())[:TESTED]:
                shutil.move(path, folder / name / f"test-{path.name}")
                tested.append(f"{name}/test-{path.name}")
    (folder / "testing_list.txt").write_text("".join(f"{name}\n" for name in tested))


def measure(project: Workspace) -> dict[str, Any]:
    """Attack the int8 model alone, as the stage ``attack`` does, and read what training noted."""
    this = stage.enter("attack", "vision", project.root)
    test = splits.load(this.dep("data/prepared/{key}/test.npz"))
    grid = this.params("attack", budgets.Budgets)
    box = whitebox.of(this)
    model = seeing.fake_quantised(this, box, "", len(test.labels))
    device = edge.of(this, "models/{key}/model.tflite")  # which gets no guard here
    target = Target(shares.DEFENDED, box.logits(model), device.judge)
    none = np.zeros(len(test), bool)  # costly attacks run on those that still stand, and no others
    battery = Battery(target, test, threat=box.threat, grid=grid, subset=none, seed=this.seed)
    battery.run(grid.budgets)
    table = verdicts.Table([verdicts.subset_row(none), *battery.verdicts])
    tuned = json.loads((project.root / "metrics/vision/qat.json").read_text())
    converted = json.loads((project.root / "metrics/vision/convert.json").read_text())
    return {
        "clean_accuracy": float(np.mean(target.judge(test.x).label == test.y)),
        "worst_case_accuracy": {
            name: float(np.mean(table.worst_case("int8", name))) for name in table.budgets
        },
        "worst_case_accuracy_of_the_white_box": {
            name: float(np.mean(table.worst_case("int8_fake_quant", name)))
            for name in table.budgets
        },
        "n": len(test),
        "flash_bytes": converted["flash_bytes"],
        "arena_bytes": converted["arena_bytes"],
        "validation": {name: tuned[name] for name in ("clean_accuracy", "robust_accuracy")},
    }


BENCHMARK = Benchmark(
    task="vision",
    needed=("cifar10_jpg/train.tar.xz", "cifar10_jpg/test_first500.tar.xz"),
    gather=gather,
    settings={**PICTURES, **TRAINING},
    short=SHORT,
    measure=measure,
)


if __name__ == "__main__":
    running.main(BENCHMARK, __doc__)
