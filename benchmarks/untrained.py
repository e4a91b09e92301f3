"""An int8 model without training, to see what its verdicts cost.

``python -m benchmarks.untrained convert TASK`` makes it from prepared data, in a project where one
stands; ``answer`` takes its verdicts on the test split and on the field copies.
"""

from __future__ import annotations

import argparse

from palisade import edge, quantise, splits, stage, whitebox
from palisade.files import write_bytes

MODEL = "models/{key}/baseline/model.tflite"
RANGE_EXAMPLES = 64


def convert(task: str) -> None:
    """Make the model."""
    this = stage.enter("baseline", task)
    train = splits.load(this.dep("data/augmented/{key}/train.npz"))
    box = whitebox.of(this)
    features = box.features(train.x[:RANGE_EXAMPLES])
    model = quantise.prepared(box.network(len(train.labels)), features)
    write_bytes(this.out(MODEL), quantise.to_int8(model))


def answer(task: str) -> None:
    """Take its verdicts."""
    this = stage.enter("evaluate", task)
    device = edge.of(this, MODEL)
    for path in ("data/prepared/{key}/test.npz", "data/field/{key}/test.npz"):
        device.answer(splits.load(this.dep(path)).x)


def main() -> None:
    """Run one of the two."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("action", choices=("convert", "answer"))
    parser.add_argument("task")
    chosen = parser.parse_args()
    {"convert": convert, "answer": answer}[chosen.action](chosen.task)


if __name__ == "__main__":
    main()
