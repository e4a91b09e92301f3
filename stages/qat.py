"""qat@task: quantisation-aware training, with adversarial examples in the loop.

Reads the pretrained weights, the augmented training set and the validation set. Writes the
fake-quantised weights, their validation figures and the learning curve.
"""

from __future__ import annotations

from palisade import quantise, splits, stage, tasks, whitebox
from palisade.files import write_json
from palisade.tables import write_csv
from palisade.training import loop
from palisade.training.recipe import QuantizationRecipe
from palisade.training.setting import Setting


def main(this: stage.Stage) -> None:
    """Run the stage."""
    train = splits.load(this.dep("data/augmented/{key}/train.npz"))
    validation = splits.load(this.dep("data/prepared/{key}/validation.npz"))
    box = whitebox.of(this)
    model = box.network(len(train.labels))
    model.load_weights(this.dep("models/{key}/float.weights.h5"))
    features = box.features(train.x[: quantise.RANGE_EXAMPLES])
    quantised, twin = quantise.prepared(model, features), quantise.prepared(model, features)
    setting = Setting(
        box=box,
        adversary=this.params("qat", tasks.load(this.key, "threat").InTraining),
        recipe=this.params("quantization", QuantizationRecipe),
        seed=this.seed,
        name=this.entry.title,
    )
    outcome = loop.fit(quantised, twin, train, validation, setting)
    quantise.unclip_logits(twin, box.features(quantise.some(train.x)))
    quantise.save_weights(twin, this.out("models/{key}/qat.weights.h5"))
    write_json(this.out("metrics/{key}/qat.json"), outcome.metrics())
    write_csv(this.out("metrics/{key}/detail/qat.csv"), outcome.table())


if __name__ == "__main__":
    stage.run("qat", main)
