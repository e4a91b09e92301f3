"""How fast attacks are beside ART's and Foolbox's: ``python -m benchmarks.attack_speed``.

PGD at equal steps on the float32 network: ours, compiled as one loop; ART's and Foolbox's as a user
calls them, on a Keras model; and with their forward pass in ``tf.function``. Nothing stops early or
takes gradients of lower precision, so there is no such figure to report apart. Every method takes
the same pictures in the same batches, and their compilation comes before the clock. Methods take
turns, several rounds in one process, so that whatever else the machine does hits all alike; the
medians' ratios count. Then Square Attack at equal iterations on the int8 artefact, against ART's:
wall time, and what is left right.

``--workspace DIR`` is one that ``python -m benchmarks.cifar10 --keep`` left, with its robust
ResNet-8, and ``--data DIR`` the folder that holds ``cifar10_jpg``. Without them the default vision
model and its test pictures are taken, and the result says so. Needs
benchmarks/requirements-peers.lock on top of requirements.lock.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import peers
from benchmarks.workspace import ROOT
from palisade.errors import PalisadeError
from palisade.files import write_json

OUTPUT = ROOT / "benchmarks/results/attack_speed.json"


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.attack_speed", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("--workspace", type=Path, help="a kept workspace of benchmarks.cifar10")
    parser.add_argument("--data", type=Path, help="folder that holds cifar10_jpg")
    parser.add_argument("--project", type=Path, default=ROOT, help="else, of the default model")
    parser.add_argument("--pictures", type=int, default=500)
    parser.add_argument("--steps", type=int, default=20, help="gradients of PGD")
    parser.add_argument("--epsilon", type=float, default=4 / 255, help="full scale 1")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--square-pictures", type=int, default=100)
    parser.add_argument("--square-queries", type=int, default=200, help="0 leaves Square out")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="JSON file")
    chosen = parser.parse_args(arguments)
    if (chosen.workspace is None) != (chosen.data is None):
        parser.error("--workspace and --data go together")
    for path in _needed(chosen):
        if not path.exists():
            sys.exit(f"error: {path} is not there: see --help")
    running = peers.load("benchmarks.speed.running")
    try:
        found = running.measure(chosen)
    except PalisadeError as error:
        sys.exit(f"error: {error}")
    write_json(chosen.output, found)
    print(running.table(found))


def _needed(chosen: argparse.Namespace) -> list[Path]:
    if chosen.workspace is None:
        return [chosen.project / "models/vision/float.weights.h5"]
    return [
        chosen.workspace / "models/vision/float.weights.h5",
        chosen.workspace / "models/vision/model.tflite",
        chosen.data / "cifar10_jpg/test_first500.tar.xz",
    ]


if __name__ == "__main__":
    main()
