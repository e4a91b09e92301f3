"""The one training loop: clean or adversarial, float or quantisation-aware.

Each step perturbs a share of its batch, then takes one gradient of the mean loss over clean
and perturbed examples together. After each epoch the averaged weights are measured, clean and
under attack, and those of the epoch with the best robust validation accuracy are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from palisade import stage
from palisade.attacks.adversary import Adversary, perturb, worst_placed
from palisade.attacks.ascent import ascend
from palisade.attacks.losses import cross_entropy
from palisade.backend import keras, set_seed, tf
from palisade.errors import PalisadeError
from palisade.progress import say, track
from palisade.seeds import derive, generator
from palisade.splits import Split
from palisade.whitebox import WhiteBox

# An FGSM accuracy this far above PGD's, at one epsilon, is catastrophic overfitting
# (Wong et al., arXiv:2001.03994; Andriushchenko and Flammarion, arXiv:2007.02617).
OVERFITTING_LIMIT = 0.15
PROBE_STEPS = 5
MOMENTUM = 0.9
PLACING = 1  # what sets the seed of placements apart from that of perturbations
NOT_DECAYED = ["gamma", "beta", "bias", "min", "max"]


class Recipe(stage.Params):
    """How long and how fast to train."""

    epochs: int = Field(ge=1, le=1000, description="passes over the training set")
    batch: int = Field(ge=8, le=4096, description="examples a step")
    optimizer: Literal["adamw", "sgd"] = Field(description="sgd is with Nesterov's momentum")
    precision: Literal["float32", "bfloat16"] = Field(
        description="of the network that learns; bfloat16 is faster where the processor has it"
    )
    peak_rate: float = Field(gt=0, le=1, description="the optimizer's largest learning rate")
    warmup_share: float = Field(ge=0, lt=1, description="share of all steps that warm up")
    weight_decay: float = Field(ge=0, lt=1, description="decay of kernels a unit of rate")
    averaging: float = Field(ge=0, lt=1, description="decay of the weights' moving average")
    probe_examples: int = Field(ge=8, description="validation examples attacked an epoch")
    balance: float = Field(
        ge=0, le=1, description="0: each example weighs the same; 1: each class does in all"
    )


class QuantizationRecipe(Recipe):
    """How to tune a fake-quantised network, whose small steps bfloat16 cannot hold."""

    @field_validator("precision")
    @classmethod
    def _exact(cls, precision: str) -> str:
        if precision != "float32":
            raise ValueError("use float32: fake quantisation is finer than bfloat16")
        return precision


@dataclass(frozen=True)
class Epoch:
    """What was measured after one epoch, of the averaged weights, on validation.

    ``overfitting_gap`` is the live weights' FGSM accuracy minus their PGD accuracy, which
    shows a collapse at once where the average would lag behind. The robust figures are 0 where
    no attacker is in the loop.
    """

    epoch: int
    loss: float
    clean_accuracy: float
    robust_accuracy: float
    overfitting_gap: float


@dataclass(frozen=True)
class Outcome:
    """What training did.

    Attributes:
        epochs: one record an epoch that was run.
        best: the record of the epoch whose weights were kept.
        collapsed: whether catastrophic overfitting stopped the training.
    """

    epochs: tuple[Epoch, ...]
    best: Epoch
    collapsed: bool

    def metrics(self) -> dict[str, Any]:
        """Figures of the epoch that was kept, and whether training collapsed."""
        return {**asdict(self.best), "overfitting_collapsed": self.collapsed}

    def table(self) -> list[dict[str, Any]]:
        """One row an epoch, for a plot."""
        return [asdict(epoch) for epoch in self.epochs]


@dataclass(frozen=True)
class Setting:
    """What a run of training stands on.

    Attributes:
        box: the task's path from raw samples to features, and its attacker.
        adversary: the attacker inside the loop, or None to train on clean examples alone.
        recipe: length, rate, batch, averaging.
        seed: root seed.
        name: what the run is called in progress lines and in its random numbers.
    """

    box: WhiteBox
    adversary: Adversary | None
    recipe: Recipe
    seed: int
    name: str


def fit(model: Any, twin: Any, train: Split, validation: Split, setting: Setting) -> Outcome:
    """Train ``model`` and leave the best epoch's averaged weights in ``twin``.

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
    step = _compiled_step(model, setting, weights, total_steps=batches * recipe.epochs)
    average = _Average(model, recipe.averaging)
    probe = _Probe(validation, setting)
    epochs: list[Epoch] = []
    best: Epoch | None = None
    kept = twin.get_weights()
    collapsed = False
    for number in range(1, recipe.epochs + 1):
        losses = []
        for i, rows in enumerate(
            track(_batches(len(train), setting, number), f"{setting.name} {number}", batches)
        ):
            done = (number - 1) * batches + i
            scale = _ramp(setting.adversary, done / batches)
            seed = tf.constant([derive(setting.seed, setting.name, done) % 2**31, 0])
            losses.append(step(tf.constant(train.x[rows]), tf.constant(train.y[rows]), scale, seed))
            average.follow(done)
        twin.set_weights(average.weights())
        epoch = probe.measure(model, twin, number, float(np.mean(losses)))
        epochs.append(epoch)
        say(f"{setting.name} {number}/{recipe.epochs}: {_told(epoch, setting)}")
        # Before the perturbations have their full size, a gap at full size shows nothing.
        grown = setting.adversary is None or number > setting.adversary.ramp_epochs
        collapsed = grown and epoch.overfitting_gap > OVERFITTING_LIMIT
        if collapsed and best is not None:
            say(f"{setting.name}: catastrophic overfitting, stopped; keeping epoch {best.epoch}")
            break
        if best is None or _merit(epoch, setting) >= _merit(best, setting):
            best, kept = epoch, average.weights()
        if collapsed:
            break
    assert best is not None
    twin.set_weights(kept)
    return Outcome(tuple(epochs), best, collapsed)


def _told(epoch: Epoch, setting: Setting) -> str:
    clean = f"loss {epoch.loss:.3f}, clean {epoch.clean_accuracy:.3f}"
    attacked = f", robust {epoch.robust_accuracy:.3f}, gap {epoch.overfitting_gap:+.3f}"
    return clean + (attacked if setting.adversary else "")


def _merit(epoch: Epoch, setting: Setting) -> float:
    return epoch.robust_accuracy if setting.adversary else epoch.clean_accuracy


def _batches(count: int, setting: Setting, epoch: int) -> Iterator[NDArray[np.intp]]:
    order = generator(setting.seed, setting.name, "order", epoch).permutation(count)
    size = setting.recipe.batch
    for start in range(0, count - size + 1, size):
        yield order[start : start + size]


def _ramp(adversary: Adversary | None, epochs_done: float) -> Any:
    if adversary is None or adversary.ramp_epochs == 0:
        return tf.constant(1.0)
    return tf.constant(min(1.0, epochs_done / adversary.ramp_epochs), tf.float32)


def class_weights(y: NDArray[np.int64], classes: int, balance: float) -> NDArray[np.float32]:
    """``[classes]`` how much an example of each class weighs; over all examples, 1 on average.

    A class weighs by the power ``-balance`` of how many examples it has.
    """
    counts = np.bincount(y, minlength=classes)
    weights = np.maximum(counts, 1.0) ** -balance
    return np.asarray(weights * counts.sum() / (weights @ counts), np.float32)


def _compiled_step(
    model: Any, setting: Setting, class_weight: NDArray[np.float32], *, total_steps: int
) -> Any:
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


class _Average:
    """Exponential moving average of every weight, batch statistics among them.

    The decay starts low and rises to its value, so that early steps are soon forgotten.
    """

    def __init__(self, model: Any, decay: float) -> None:
        self._live, self._decay = model.weights, decay
        self._shadow = [tf.Variable(tf.cast(w, w.dtype)) for w in model.weights]

        @tf.function
        def follow(decay: Any) -> None:
            for shadow, live in zip(self._shadow, self._live, strict=True):
                if shadow.dtype.is_floating:
                    shadow.assign(decay * shadow + (1.0 - decay) * live)
                else:
                    shadow.assign(live)

        self._follow = follow

    def follow(self, step: int) -> None:
        """Take in the live weights after a step."""
        self._follow(tf.constant(min(self._decay, (1 + step) / (10 + step)), tf.float32))

    def weights(self) -> list[np.ndarray]:
        """The average, in the order of ``model.weights``."""
        return [shadow.numpy() for shadow in self._shadow]


class _Probe:
    """Measures clean accuracy on validation, and attacked accuracy on a fixed part of it."""

    def __init__(self, validation: Split, setting: Setting) -> None:
        self._validation, self._setting = validation, setting
        order = generator(setting.seed, setting.name, "probe").permutation(len(validation))
        self._attacked = validation.take(np.sort(order[: setting.recipe.probe_examples]))
        self._seed = tf.constant([derive(setting.seed, setting.name, "probe") % 2**31, 1])
        self._compiled: dict[tuple[int, int], Any] = {}

    def measure(self, model: Any, twin: Any, epoch: int, loss: float) -> Epoch:
        """Clean and robust accuracy of the twin, and the live model's overfitting gap."""
        clean = accuracy(twin, self._setting.box, self._validation)
        robust = gap = 0.0
        if self._setting.adversary is not None:
            robust = self._attack(twin, PROBE_STEPS)
            gap = self._attack(model, 1) - self._attack(model, PROBE_STEPS)
        return Epoch(epoch, loss, clean, robust, gap)

    def _attack(self, model: Any, steps: int) -> float:
        attack = self._compiled.setdefault((id(model), steps), self._compile(model, steps))
        x, y = tf.constant(self._attacked.x), tf.constant(self._attacked.y)
        return float(attack(x, y))

    def _compile(self, model: Any, steps: int) -> Any:
        setting = self._setting
        assert setting.adversary is not None
        budget = setting.adversary.budget

        logits = setting.box.logits(model)

        @tf.function
        def attacked_accuracy(raw: Any, y: Any) -> Any:
            x = setting.box.threat.signal(raw)
            moved = ascend(
                x,
                y,
                logits=logits,
                loss=cross_entropy,
                threat=setting.box.threat,
                radius=setting.box.threat.radius(x, budget),
                steps=steps,
                seed=self._seed,
                random_start=steps > 1,
            )
            right = tf.argmax(logits(moved), axis=1) == y
            return tf.reduce_mean(tf.cast(right, tf.float32))

        return attacked_accuracy


def accuracy(model: Any, box: WhiteBox, split: Split, batch: int = 256) -> float:
    """Share of a split that a Keras model gets right."""
    features = box.features(split.x, batch)
    outputs = [
        model(features[i : i + batch], training=False)[0] for i in range(0, len(split), batch)
    ]
    return float(np.mean(np.argmax(np.concatenate(outputs), axis=1) == split.y))
