"""Make "field" copies of the test set: natural corruption by kind and severity.

Reads data/prepared/<task>/test.npz.
Writes data/field/<task>/test.npz, ids ``<kind>/<severity>/<id>``.
"""

from __future__ import annotations

from palisade import splits, stage, tasks


def main(this: stage.Stage) -> None:
    task = tasks.load(this.key, "distortion.corrupt")
    params = this.params("corrupt", task.Params)
    test = splits.load(this.dep("data/prepared/{key}/test.npz"))
    field = task.corrupt(test, params, seed=this.seed)
    field.save(this.out("data/field/{key}/test.npz"))


if __name__ == "__main__":
    stage.run("corrupt", main)
