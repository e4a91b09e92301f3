"""A guard's signals as an attacker differentiates them, by the guard's own tables.

Each signal that can reject has a hinge: by what share its score breaks its limit, 0 where it keeps
it with a little to spare. What the device rounds is not rounded here, except what the texture
counts, which are whole differences of whole inputs forwards and smoothed ones backwards. A
companion tree has no gradient: an attack does not see it, and its verdict counts all the same.

References:
    Carlini and Wagner, Adversarial Examples Are Not Easily Detected, arXiv:1705.07263 (attack
    network and detector together);
    Tramer et al., On Adaptive Attacks to Adversarial Example Defenses, arXiv:2002.08347
    (feature matching);
    Bryniarski et al., Evading Adversarial Example Detection Defenses with Orthogonal Projected
    Gradient Descent, arXiv:2106.15023 (of the two losses climb the one that is not there yet:
    here a hinge without a gradient has arrived).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from palisade.attacks.losses import cross_entropy, margin
from palisade.backend import tf
from palisade.guard.autoencoder import Autoencoder
from palisade.guard.dense import Dense
from palisade.guard.energy import Energy
from palisade.guard.engineered import Engineered
from palisade.guard.judgement import Signal
from palisade.guard.tables import Guard, Limit
from palisade.guard.texture import BINS, LARGEST_RESIDUAL, Texture

SPARE = 0.05
LEAST_LEAD_STEPS = 2.0  # of the wrong logit, as the white box is not the artefact
STEPS_A_HINGE = 16.0  # int8 steps of logits that weigh as much as a limit broken by all of itself
SMOOTHNESS = 0.25  # of a bound between texture's bins, as a share of it


@dataclass(frozen=True)
class Seen:
    """What a guard sees, in int8 steps that are not rounded.

    Attributes:
        logits: ``[n, classes]``.
        embedding: ``[n, d]``.
        inputs: ``[n, ...]`` the network's input.
    """

    logits: Any
    embedding: Any
    inputs: Any


class Surrogate:
    """A guard and a network as one loss.

    Args:
        guard: tables and limits.
        spare: share of a limit that is kept in hand, as the white box is not the artefact.
    """

    def __init__(self, guard: Guard, spare: Any = SPARE) -> None:
        self.guard, self.spare = guard, spare
        self.scores = {
            signal: score
            for signal in guard.limits.used
            if (score := _differentiable(guard, signal)) is not None
        }

    def hinges(self, seen: Seen) -> Any:
        """``[n]`` by what shares all limits are broken, summed; 0: nothing rejects."""
        total = tf.zeros(tf.shape(seen.logits)[:1])
        for signal, score in self.scores.items():
            limit = self.guard.limits.of(signal)
            total += _hinge(limit, score(seen), unit(signal, limit), self.spare)
        return total

    def harm(self, seen: Seen, y: Any, hinges: Any = None) -> Any:
        """``[n]`` at most 0, where the answer is wrong with a lead and nothing rejects it.

        Below -1 the answer is right, and only its lead counts; above, what the guard lacks as well.
        So the one is climbed that is not there yet, and neither holds up the other.

        Args:
            seen: what the guard sees.
            y: ``[n]`` true labels.
            hinges: those of ``seen``, where they are known already.
        """
        return self._accepted(seen, margin(seen.logits, y), hinges)

    def harm_towards(self, seen: Seen, goal: Any, hinges: Any = None) -> Any:
        """``[n]`` as ``harm``, of one wrong answer: ``goal [n]`` has to lead all others."""
        return self._accepted(seen, -margin(seen.logits, goal), hinges)

    def harm_by_cross_entropy(self, seen: Seen, y: Any, hinges: Any = None) -> Any:
        """``[n]`` as ``harm``, by all logits and not by the leading two while the answer is right.

        Where it is right, cross-entropy is at most the logarithm of the number of classes.
        """
        ahead, classes = margin(seen.logits, y), seen.logits.shape[1]
        right = cross_entropy(seen.logits / STEPS_A_HINGE, y) - float(np.log(classes)) - 1.0
        return tf.where(ahead > 0, self._lacking(seen, ahead, hinges), right)

    def _accepted(self, seen: Seen, ahead: Any, hinges: Any) -> Any:
        lacking = self._lacking(seen, ahead, hinges)
        return tf.where(ahead > 0, lacking, ahead / STEPS_A_HINGE - 1.0)

    def _lacking(self, seen: Seen, ahead: Any, hinges: Any) -> Any:
        """``[n]`` from -1 to 0, what a wrong answer that is ahead lacks to be accepted."""
        needed = LEAST_LEAD_STEPS
        if Signal.MARGIN in self.scores:
            needed += max(0, self.guard.limits.margin.threshold)
        broken = self.hinges(seen) if hinges is None else hinges
        lacking = tf.nn.relu(needed - ahead) / STEPS_A_HINGE + broken
        return -lacking / (1.0 + lacking)


def likeness(seen: Seen, guide: Any) -> Any:
    """``[n]`` minus the squared distance of the embedding from a guide's ``[n, d]``."""
    return -tf.reduce_sum(tf.square(seen.embedding - guide), axis=1)


def _hinge(limit: Limit, score: Any, unit: float, spare: Any) -> Any:
    sign = 1.0 if limit.kind == "at_least" else -1.0
    spared = limit.threshold + sign * spare * unit
    return tf.nn.relu(sign * (spared - score) / unit)


def unit(signal: Signal, limit: Limit) -> float:
    """What a limit broken by 1 means: of logits some steps, else the limit itself."""
    if signal == Signal.MARGIN:
        return STEPS_A_HINGE
    if signal == Signal.ENERGY:
        return STEPS_A_HINGE * 256
    return float(max(1, abs(limit.threshold)))


def _differentiable(guard: Guard, signal: Signal) -> Callable[[Seen], Any] | None:
    """A signal's score; None where it has no gradient."""
    if signal == Signal.MARGIN:
        return _lead
    if signal == Signal.ENERGY and (of_energy := guard.energy):
        return lambda seen: energy(of_energy, seen.logits)
    if signal == Signal.AUTOENCODER and (of_embedding := guard.autoencoder):
        return lambda seen: autoencoder(of_embedding, seen.embedding)
    if signal == Signal.TEXTURE and (of_input := guard.texture):
        return lambda seen: texture(of_input, guard.engineered, seen.inputs)
    return None


def _lead(seen: Seen) -> Any:
    ordered = tf.math.top_k(seen.logits, 2).values
    return ordered[:, 0] - ordered[:, 1]


def energy(table: Energy, logits: Any) -> Any:
    """``[n]`` as ``palisade.guard.energy.score``, of logits ``[n, classes]`` in int8 steps."""
    scale = float(np.log(2)) * 256 / table.octave_q8
    return 256.0 / scale * tf.reduce_logsumexp(scale * logits, axis=1)


def autoencoder(table: Autoencoder, embedding: Any) -> Any:
    """``[n]`` as ``palisade.guard.autoencoder.score``, of embeddings ``[n, d]`` in int8 steps."""
    back = _dense(table.decoder, _dense(table.encoder, embedding))
    return tf.reduce_sum(tf.square(embedding - back), axis=1)


def _dense(layer: Dense, x: Any) -> Any:
    weights = tf.constant(layer.weights.reshape(layer.outputs, layer.inputs), tf.float32)
    total = tf.matmul(x, weights, transpose_b=True) + tf.constant(layer.biases, tf.float32)
    value = total * (layer.multiplier / 2.0**layer.shift) + layer.zero_point
    return tf.clip_by_value(value, float(layer.lowest), 127.0)


def texture(table: Texture, form: Engineered, inputs: Any) -> Any:
    """``[n]`` as ``palisade.guard.texture.score``, of inputs ``[n, ...]`` in int8 steps.

    Inputs are rounded forwards, as the converter rounds them: a difference of what was rounded may
    be one more or less than the difference rounded, and small ones fall into another count.
    """
    whole = tf.grad_pass_through(tf.round)(inputs)
    wide = tf.reshape(whole, [-1, form.height, form.width, form.channels])
    seen = [
        _by_bits(_differences(wide, axis, 1 << octave, table.stride))
        for axis in (1, 2)
        if (form.height, form.width)[axis - 1] > 1
        for octave in range(table.octaves)
    ]
    size = len(table.means_q8)
    counts = tf.reshape(tf.stack(seen, axis=1), [-1, size])
    triangle = np.zeros((size, size))
    triangle[np.tril_indices(size)] = table.weights
    triangle /= 2.0 ** table.shifts.astype(float)[:, np.newaxis]
    above = counts * 256.0 - tf.constant(table.means_q8, tf.float32)
    residual = tf.matmul(above, tf.constant(triangle, tf.float32), transpose_b=True)
    kept = tf.clip_by_value(residual, -float(LARGEST_RESIDUAL), float(LARGEST_RESIDUAL))
    return tf.reduce_sum(tf.square(kept), axis=1)


def _differences(x: Any, axis: int, lag: int, stride: int) -> Any:
    """``[n, rows, columns, channels]`` to what lies ``lag`` before."""
    places = [np.arange(0, length, stride) for length in x.shape[1:3]]
    places[axis - 1] = places[axis - 1][places[axis - 1] >= lag]
    before = places.copy()
    before[axis - 1] = before[axis - 1] - lag
    here, there = (
        tf.gather(tf.gather(x, rows, axis=1), columns, axis=2) for rows, columns in (places, before)
    )
    return here - there


def _by_bits(differences: Any) -> Any:
    """``[n, channels, BINS]`` how many differences have how many bits."""
    upto = []
    for bits in range(BINS):
        bound = float(1 << bits)
        smooth = tf.sigmoid((bound - 0.5 - tf.abs(differences)) / (SMOOTHNESS * bound))
        whole = tf.cast(tf.abs(differences) < bound, tf.float32)
        upto.append(tf.reduce_sum(smooth + tf.stop_gradient(whole - smooth), axis=[1, 2]))
    counts = tf.stack(upto, axis=-1)
    return counts - tf.pad(counts[..., :-1], [[0, 0], [0, 0], [1, 0]])
