"""Adversarial training of a task on one or more devices, each with its part of every batch.

The step is the pipeline's own (``palisade.training.step``), run on each device by
``tf.distribute.MirroredStrategy``, which sums the devices' gradients; AdamW does not depend on
their scale. Each device's batch normalisation sees its own part.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade import splits, stage, tasks, whitebox
from palisade.backend import tf
from palisade.seeds import derive, generator
from palisade.splits import Split
from palisade.training import step as steps
from palisade.training.probe import Probe
from palisade.training.recipe import Recipe, class_weights
from palisade.training.setting import Setting


def train(task: str, seed: int, devices: int) -> dict[str, float]:
    """Train in the project where one stands; gives clean and robust accuracy on the test split.

    Args:
        task: whose ``pretrain`` params hold, but for the seed.
        seed: of weights, order and attacks.
        devices: logical CPUs; there must be as many.
    """
    this = stage.enter("pretrain", task)
    data = splits.load(this.dep("data/augmented/{key}/train.npz"))
    test = splits.load(Path(f"data/prepared/{task}/test.npz"))
    this = replace(this, declared={**this.declared, "seed": seed})
    box = whitebox.of(this)
    recipe = this.params("training", Recipe)
    setting = Setting(
        box=box,
        adversary=this.params("pretrain", tasks.load(task, "threat").InTraining),
        recipe=recipe,
        seed=seed,
        name="distributed training",
    )
    strategy = tf.distribute.MirroredStrategy([f"/cpu:{number}" for number in range(devices)])
    with strategy.scope():
        model = box.network(len(data.labels))
        part = replace(setting, recipe=recipe.model_copy(update={"batch": recipe.batch // devices}))
        weights = class_weights(data.y, len(data.labels), recipe.balance)
        total = len(data) // recipe.batch * recipe.epochs
        step = steps.compiled(model, part, weights, total_steps=total)
    _run(strategy, step, data, setting)
    alone = box.network(len(data.labels))
    alone.set_weights(model.get_weights())
    found = Probe(test, setting).measure(alone, alone, recipe.epochs, loss=0.0)
    return {"clean_accuracy": found.clean_accuracy, "robust_accuracy": found.robust_accuracy}


def _run(strategy: Any, step: Any, data: Split, setting: Setting) -> None:
    @tf.function
    def together(raw: Any, y: Any, scale: Any, seed: Any) -> Any:
        return strategy.run(step, args=(raw, y, scale, seed))

    count = strategy.num_replicas_in_sync
    batches = len(data) // setting.recipe.batch
    for number in range(batches * setting.recipe.epochs):
        epoch, place = divmod(number, batches)
        order = generator(setting.seed, setting.name, "order", epoch).permutation(len(data))
        rows = order[place * setting.recipe.batch :][: setting.recipe.batch]
        seeds = [derive(setting.seed, setting.name, number, n) % 2**31 for n in range(count)]
        together(
            _dealt(strategy, np.array_split(data.x[rows], count)),
            _dealt(strategy, np.array_split(data.y[rows], count)),
            tf.constant(min(1.0, number / batches / max(1.0, _ramp(setting))), tf.float32),
            _dealt(strategy, [np.array([seed, 0]) for seed in seeds]),
        )


def _ramp(setting: Setting) -> float:
    assert setting.adversary is not None
    return float(setting.adversary.ramp_epochs)


def _dealt(strategy: Any, parts: list[NDArray[Any]]) -> Any:
    """A part of a batch to each device."""
    return strategy.experimental_distribute_values_from_function(
        lambda context: tf.constant(parts[context.replica_id_in_sync_group])
    )
