"""One step of training, compiled: attack a share of the batch, then follow one gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.adversary import perturb, worst_placed
from palisade.attacks.losses import cross_entropy
from palisade.backend import keras, tf
from palisade.training.recipe import Recipe
from palisade.training.setting import Setting

MOMENTUM = 0.9
PLACING = 1  # what sets the seed of placements apart from that of perturbations
NOT_DECAYED = ["gamma", "beta", "bias", "min", "max"]


def compiled(
    model: Any, setting: Setting, class_weight: NDArray[np.float32], *, total_steps: int
) -> Any:
    """The function of raw samples, labels, the radius' scale and a seed that returns the loss."""
    recipe = setting.recipe
    warmup = int(recipe.warmup_share * total_steps)
    rate = keras.optimizers.schedules.CosineDecay(
        recipe.peak_rate / 100,
        max(1, total_steps - warmup),
        warmup_target=recipe.peak_rate,
        warmup_steps=warmup,
    )
    optimizer = _optimizer(recipe, rate)
    optimizer.build(model.trainable_variables)
    attacked = round(recipe.batch * setting.adversary.fraction) if setting.adversary else 0

    logits = setting.box.logits(model)

    @tf.function
    def step(raw: Any, y: Any, scale: Any, seed: Any) -> Any:
        signal = setting.box.threat.signal(raw)
        x = setting.box.threat.place(signal[attacked:], seed)
        if setting.adversary is not None:
            moved = _attacked(signal[:attacked], y[:attacked], setting, logits, scale, seed)
            x = tf.concat([moved, x], axis=0)
        features = setting.box.inputs(x)
        with tf.GradientTape() as tape:
            outputs = tf.cast(model(features, training=True)[0], tf.float32)
            loss = tf.reduce_mean(cross_entropy(outputs, y) * tf.gather(class_weight, y))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    return step


def _optimizer(recipe: Recipe, rate: Any) -> Any:
    """The decay is of the kernels alone, and decoupled: a share of them a unit of rate."""
    if recipe.optimizer == "adamw":
        optimizer = keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay)
    else:
        optimizer = keras.optimizers.SGD(
            rate, momentum=MOMENTUM, nesterov=True, weight_decay=recipe.weight_decay
        )
    optimizer.exclude_from_weight_decay(var_names=NOT_DECAYED)
    return optimizer


def _attacked(x: Any, y: Any, setting: Setting, logits: Any, scale: Any, seed: Any) -> Any:
    adversary, threat = setting.adversary, setting.box.threat
    assert adversary is not None
    there = tf.random.experimental.stateless_fold_in(seed, PLACING)
    count = adversary.placements
    placed = worst_placed(x, y, count=count, logits=logits, threat=threat, seed=there)
    return perturb(
        placed, y, adversary=adversary, logits=logits, threat=threat, scale=scale, seed=seed
    )
