"""A guard's verdicts in NumPy, which ``device/src/guard.c`` equals to the bit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from palisade.guard import autoencoder, energy, engineered, margin, texture, tree
from palisade.guard.judgement import Decision, Judgement, Reason, Signal
from palisade.guard.tables import Guard, Limit

REASONS = {
    Signal.MARGIN: Reason.MARGIN,
    Signal.ENERGY: Reason.ENERGY,
    Signal.AUTOENCODER: Reason.AUTOENCODER,
    Signal.TREE: Reason.TREE,
    Signal.TEXTURE: Reason.TEXTURE,
}


def judge(
    guard: Guard,
    logits: NDArray[np.int8],
    embedding: NDArray[np.int8],
    features: NDArray[np.int8],
) -> Judgement:
    """Verdicts on ``n`` answers, each by itself.

    Args:
        guard: the task's.
        logits: ``[n, classes]`` as the artefact gives them.
        embedding: ``[n, d]``.
        features: ``[n, ...]`` the artefact's input.
    """
    label, lead = margin.top(logits)
    scores = np.zeros((len(logits), len(Signal)), np.int32)
    scores[:, Signal.MARGIN] = lead
    if guard.energy:
        scores[:, Signal.ENERGY] = energy.score(guard.energy, logits)
    if guard.autoencoder:
        scores[:, Signal.AUTOENCODER] = autoencoder.score(guard.autoencoder, embedding)
    if guard.tree:
        seen = engineered.features(guard.engineered, features)
        scores[:, Signal.TREE] = tree.plausible(guard.tree, seen) >> label & 1
    if guard.texture:
        scores[:, Signal.TEXTURE] = texture.score(guard.texture, guard.engineered, features)
    return _decided(guard, label, scores)


def _decided(guard: Guard, label: NDArray[np.uint8], scores: NDArray[np.int32]) -> Judgement:
    reason, rejected = np.zeros(len(label), np.uint8), np.zeros(len(label), np.uint8)
    for signal in reversed(Signal):  # so that the first one has the last word
        if guard.has(signal):
            fails = breaks(guard.limits.of(signal), scores[:, signal])
            rejected[fails] |= 1 << signal
            reason[fails] = REASONS[signal]
    decision = np.where(rejected > 0, Decision.REJECT, Decision.ACCEPT).astype(np.uint8)
    return Judgement(label, decision, reason, rejected, scores)


def breaks(limit: Limit, score: NDArray[np.int32]) -> NDArray[np.bool_]:
    """``[n]`` scores that a limit rejects."""
    if limit.kind == "at_least":
        return np.asarray(score < limit.threshold)
    if limit.kind == "at_most":
        return np.asarray(score > limit.threshold)
    return np.zeros(len(score), np.bool_)
