"""The one training loop: clean or adversarial, float or quantisation-aware.

Each step perturbs a share of its batch, then takes one gradient of the mean loss over clean
and perturbed examples together. After each epoch the averaged weights are measured, clean and
under attack, and those of the best epoch are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.adversary import Adversary
from palisade.backend import set_seed, tf
from palisade.errors import PalisadeError
from palisade.progress import say, track
from palisade.seeds import derive, generator
from palisade.splits import Split
from palisade.training import step as steps
from palisade.training.average import Average
from palisade.training.outcome import Epoch, Outcome, best_of
from palisade.training.probe import Probe
from palisade.training.recipe import class_weights
from palisade.training.setting import Setting

# An FGSM accuracy this far above PGD's, at one epsilon, is catastrophic overfitting
# (Wong et al., arXiv:2001.03994; Andriushchenko and Flammarion, arXiv:2007.02617).
OVERFITTING_LIMIT = 0.15


def fit(model: Any, twin: Any, train: Split, validation: Split, setting: Setting) -> Outcome:
    """Train ``model`` and leave the best epoch's averaged weights in ``twin``.

    Where catastrophic overfitting stops training, an epoch before it is kept.

    Args:
        model: Keras model, features to ``(logits, embedding)``; may compute in bfloat16.
        twin: a float32 model of the same architecture, which is measured and kept.
        train: examples in the sensor's raw domain.
        validation: examples that epochs are measured on.
        setting: the attacker, the recipe and the seed.
    """
    set_seed(setting.seed, setting.name)
    recipe = setting.recipe
    batches = len(train) // recipe.batch
    if batches == 0:
        raise PalisadeError(
            f"{setting.name} has {len(train)} training examples and batches of {recipe.batch}",
            "give it more examples, or a smaller batch",
        )
    weights = class_weights(train.y, len(train.labels), recipe.balance)
    step = steps.compiled(model, setting, weights, total_steps=batches * recipe.epochs)
    average = Average(model, recipe.averaging)
    probe = Probe(validation, setting)
    epochs: list[Epoch] = []
    averages: list[list[np.ndarray]] = []
    collapsed = False
    while len(epochs) < recipe.epochs and not collapsed:
        number = len(epochs) + 1
        losses = []
        for i, rows in enumerate(
            track(_batches(len(train), setting, number), f"{setting.name} {number}", batches)
        ):
            done = (number - 1) * batches + i
            scale = _ramp(setting.adversary, done / batches)
            seed = tf.constant([derive(setting.seed, setting.name, done) % 2**31, 0])
            losses.append(step(tf.constant(train.x[rows]), tf.constant(train.y[rows]), scale, seed))
            average.follow(done)
        averages.append(average.weights())
        twin.set_weights(averages[-1])
        epochs.append(probe.measure(model, twin, number, float(np.mean(losses))))
        say(f"{setting.name} {number}/{recipe.epochs}: {_told(epochs[-1], setting)}")
        collapsed = _collapsed(epochs[-1], setting)
    sound = epochs[:-1] if collapsed and len(epochs) > 1 else epochs
    best = best_of(sound, attacked=probe.attacked)
    if collapsed:
        say(f"{setting.name}: catastrophic overfitting, stopped; keeping epoch {best.epoch}")
    twin.set_weights(averages[best.epoch - 1])
    return Outcome(tuple(epochs), best, collapsed)


def _collapsed(epoch: Epoch, setting: Setting) -> bool:
    """Whether FGSM overfitted; before perturbations have their full size, a gap shows nothing."""
    grown = setting.adversary is None or epoch.epoch > setting.adversary.ramp_epochs
    return grown and epoch.overfitting_gap > OVERFITTING_LIMIT


def _told(epoch: Epoch, setting: Setting) -> str:
    clean = f"loss {epoch.loss:.3f}, clean {epoch.clean_accuracy:.3f}"
    attacked = f", robust {epoch.robust_accuracy:.3f}, gap {epoch.overfitting_gap:+.3f}"
    return clean + (attacked if setting.adversary else "")


def _batches(count: int, setting: Setting, epoch: int) -> Iterator[NDArray[np.intp]]:
    order = generator(setting.seed, setting.name, "order", epoch).permutation(count)
    size = setting.recipe.batch
    for start in range(0, count - size + 1, size):
        yield order[start : start + size]


def _ramp(adversary: Adversary | None, epochs_done: float) -> Any:
    if adversary is None or adversary.ramp_epochs == 0:
        return tf.constant(1.0)
    return tf.constant(min(1.0, epochs_done / adversary.ramp_epochs), tf.float32)
