"""Cut a corpus into four splits that share no speaker (source, scene) and no content.

Reads the corpus that ``tasks.<task>.corpus`` names.
Writes data/prepared/<task>/{train,validation,calibration,test}.npz, and
metrics/<task>/prepare.json: what there is, what was left out, and how hard the data is.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from palisade import files, hardness, preparation, stage, tasks
from palisade.preparation import Prepared
from palisade.splits import NAMES


def main(this: stage.Stage) -> None:
    task = tasks.load(this.key, "recordings.reader")
    params = this.params("prepare", task.Params)
    prepared = preparation.prepare(task, this.dep("{corpus}"), params)
    metrics = measure(prepared, task, params)
    for name in NAMES:
        prepared.splits[name].save(this.out(f"data/prepared/{{key}}/{name}.npz"))
    files.write_json(this.out("metrics/{key}/prepare.json"), metrics)


def measure(prepared: Prepared, task: Any, params: Any) -> dict[str, Any]:
    """The figures of ``prepare.json``."""
    train, test = prepared.splits["train"], prepared.splits["test"]
    features = partial(task.mean_features, params=params)
    accuracy = hardness.linear_accuracy(train, test, features)
    per_class = np.bincount(test.y, minlength=len(test.labels))
    return {
        "n": {name: len(split) for name, split in prepared.splits.items()},
        "test_n": {label: int(n) for label, n in zip(test.labels, per_class, strict=True)},
        "left_out": dict(prepared.left_out),
        f"{task.GROUP}s_in_two_lists": prepared.conflicting_groups,
        "hardness": {
            "accuracy": accuracy,
            "limit": params.linear_accuracy_limit,
            "too_easy": accuracy > params.linear_accuracy_limit,
        },
        **task.facts(train, params),
    }


if __name__ == "__main__":
    stage.run("prepare", main)
