"""Cut a corpus into four splits that share no speaker (source, scene) and no content.

Reads the corpus that ``tasks.<task>.corpus`` names.
Writes data/prepared/<task>/{train,validation,calibration,test}.npz; scenes.npz, the events that
fusion is tested on; and metrics/<task>/prepare.json: what there is, what was left out, and how
hard the data is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from palisade import files, preparation, stage, tasks
from palisade.preparation import Prepared
from palisade.scenes import gathering
from palisade.splits import NAMES


def main(this: stage.Stage) -> None:
    task = tasks.load(this.key, "recordings.reader")
    params = this.params("prepare", task.Params)
    corpus = this.dep("{corpus}")
    prepared = preparation.prepare(task, corpus, params)
    events = gathering.gather(task, corpus, params, prepared.splits)
    metrics = measure(prepared, task, params)
    for name in NAMES:
        prepared.splits[name].save(this.out(f"data/prepared/{{key}}/{name}.npz"))
    events.save(this.out("data/prepared/{key}/scenes.npz"))
    files.write_json(this.out("metrics/{key}/prepare.json"), metrics)


def measure(prepared: Prepared, task: Any, params: Any) -> dict[str, Any]:
    """The figures of ``prepare.json``."""
    train, test = prepared.splits["train"], prepared.splits["test"]
    accuracy = task.hardness(train, test, params)
    per_class = np.bincount(test.y, minlength=len(test.labels))
    return {
        "n": {name: len(split) for name, split in prepared.splits.items()},
        "test_n": {label: int(n) for label, n in zip(test.labels, per_class, strict=True)},
        "left_out": dict(prepared.left_out),
        f"{task.GROUP}s_in_two_lists": prepared.conflicting_groups,
        "hardness": {
            "accuracy": accuracy,
            "limit": params.simple_accuracy_limit,
            "too_easy": accuracy > params.simple_accuracy_limit,
        },
        **task.facts(train, params),
    }


if __name__ == "__main__":
    stage.run("prepare", main)
