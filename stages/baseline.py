"""baseline@task: the same network, epochs and int8 conversion, trained on clean data alone.

Reads the augmented training set and the validation set. Writes the undefended model, float,
fake-quantised and int8: the positive control of every attack, and the column that a defence
is compared with.
"""

from __future__ import annotations

from dataclasses import replace

from palisade import quantise, splits, stage, whitebox
from palisade.files import write_bytes, write_json
from palisade.training import loop
from palisade.training.recipe import QuantizationRecipe, Recipe
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
        adversary=None,
        recipe=recipe,
        seed=this.seed,
        name=this.entry.title,
    )
    outcome = loop.fit(model, twin, train, validation, setting)
    features = box.features(train.x[: quantise.RANGE_EXAMPLES])
    quantised, kept = quantise.prepared(twin, features), quantise.prepared(twin, features)
    tuning = replace(
        setting,
        recipe=this.params("quantization", QuantizationRecipe),
        name=f"{setting.name} int8",
    )
    tuned = loop.fit(quantised, kept, train, validation, tuning)
    quantise.unclip_logits(kept, box.features(quantise.some(train.x)))
    quantise.save_weights(twin, this.out("models/{key}/baseline/float.weights.h5"))
    quantise.save_weights(kept, this.out("models/{key}/baseline/qat.weights.h5"))
    write_bytes(this.out("models/{key}/baseline/model.tflite"), quantise.to_int8(kept))
    write_json(
        this.out("metrics/{key}/baseline.json"),
        {
            "float_clean_accuracy": outcome.best.clean_accuracy,
            "qat_clean_accuracy": tuned.best.clean_accuracy,
        },
    )


if __name__ == "__main__":
    stage.run("baseline", main)
