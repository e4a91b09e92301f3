"""Add distorted copies to the training set.

Reads data/prepared/<task>/train.npz.
Writes data/augmented/<task>/train.npz: the clips themselves, then their copies.
"""

from __future__ import annotations

from palisade import splits, stage, tasks


def main(this: stage.Stage) -> None:
    task = tasks.load(this.key, "distortion.augment")
    params = this.params("augment", task.Params)
    train = splits.load(this.dep("data/prepared/{key}/train.npz"))
    enlarged = task.augment(train, params, seed=this.seed)
    enlarged.save(this.out("data/augmented/{key}/train.npz"))


if __name__ == "__main__":
    stage.run("augment", main)
