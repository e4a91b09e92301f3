"""pretrain@task: train the float network, with adversarial examples in every batch.

Reads the augmented training set and the validation set. Writes the averaged weights of the
best epoch, their validation figures and the learning curve.
"""

from __future__ import annotations

from palisade import quantise, splits, stage, tasks, whitebox
from palisade.files import write_json
from palisade.tables import write_csv
from palisade.training import loop
from palisade.training.recipe import Recipe
from palisade.training.setting import Setting


def main(this: stage.Stage) -> None:
    """Run the stage."""
    train = splits.load(this.dep("data/augmented/{key}/train.npz"))
    validation = splits.load(this.dep("data/prepared/{key}/validation.npz"))
    box = whitebox.of(this)
    recipe = this.params("training", Recipe)
    model = box.network(len(train.labels), recipe.precision)
    twin = box.network(len(train.labels))
    setting = Setting(
        box=box,
        adversary=this.params("pretrain", tasks.load(this.key, "threat").InTraining),
        recipe=recipe,
        seed=this.seed,
        name=this.entry.title,
    )
    outcome = loop.fit(model, twin, train, validation, setting)
    quantise.save_weights(twin, this.out("models/{key}/float.weights.h5"))
    write_json(this.out("metrics/{key}/pretrain.json"), outcome.metrics())
    write_csv(this.out("metrics/{key}/detail/pretrain.csv"), outcome.table())


if __name__ == "__main__":
    stage.run("pretrain", main)
