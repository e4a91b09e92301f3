"""Fits a confirmer to what voices say that neither thresholds nor figures are made of.

Each decision is an example: the logits of its windows, and the command that ended a moment ago, or
none. Decisions while a command is said, and shortly after, are left out but for those that are to
confirm it, as nobody minds at which moment exactly it is accepted.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from palisade.errors import PalisadeError
from palisade.guard import dense
from palisade.stream import confirmer
from palisade.stream.confirmer import Confirmer
from palisade.stream.decision import Confirming, Params
from palisade.stream.hearing import Heard

NONE = 0  # of the classes that are fitted; actions follow
LEFT_OUT = -1
AFTER_MS = 1000  # of a command, in which decisions are left out
UNIT = 32  # int8 steps
LARGEST_BATCH, SMALLEST_BATCH, BATCHES = 1024, 32, 200  # of an epoch, as many where they fit
FEWEST = 2  # examples of a class, one to fit and one to see when to stop
Floats = NDArray[np.float64]
_MORE = "raise the commands and hours of stream's train and validation"


def fit(
    heard: Sequence[Heard], labels: Sequence[str], params: Params, *, clip_ms: int, seed: int
) -> Confirmer:
    """The confirmer of a stream, in integers.

    Args:
        heard: recordings, with commands and without.
        labels: of the actions.
        params: the decision; ``confirm`` is there.
        clip_ms: length of the network's input.
        seed: of the first weights, and of the order of examples.

    Raises:
        PalisadeError: A command is hardly said, or there is no sound without one.
    """
    how = params.confirm
    assert how is not None
    some = [one for one in heard if len(one.recording)]
    x = [confirmer.shown(one.logits, one.accepted, how.context_windows) for one in some]
    y = [
        _wanted(one, len(rows), labels, params, clip_ms) for one, rows in zip(some, x, strict=True)
    ]
    if not some:
        raise PalisadeError("there is no sound to fit a confirmer to", _MORE)
    examples, wanted = np.concatenate(x), np.concatenate(y)
    kept = wanted != LEFT_OUT
    counts = np.bincount(wanted[kept], minlength=1 + len(labels))
    names = ("no command", *labels)
    seldom = [name for name, count in zip(names, counts, strict=True) if count < FEWEST]
    if seldom:
        raise PalisadeError(
            f"too little to fit a confirmer to: {', '.join(seldom)} is hardly heard",
            _MORE,
        )
    return _quantised(*_trained(examples[kept], wanted[kept], how, seed), examples[kept], how)


def _wanted(
    one: Heard, decisions: int, labels: Sequence[str], params: Params, clip_ms: int
) -> NDArray[np.int64]:
    """``[decisions]`` what each is to say."""
    at_ms = params.heard_ms(0, clip_ms) + params.hop_ms * np.arange(decisions)
    wanted = np.full(decisions, NONE, np.int64)
    assert params.confirm is not None
    first, last = params.confirm.said_ms
    for said in one.recording.said:
        wanted[(at_ms > said.begin_ms) & (at_ms < said.end_ms + AFTER_MS)] = LEFT_OUT
        now = (at_ms >= said.end_ms + first) & (at_ms <= said.end_ms + last)
        wanted[now] = 1 + labels.index(said.label)
    return wanted


def _trained(
    x: NDArray[np.int8], y: NDArray[np.int64], how: Confirming, seed: int
) -> tuple[list[Floats], list[Floats]]:
    """Weights ``[in, out]`` and biases of both layers, on logits over ``UNIT``, none the last."""
    network = MLPClassifier(
        (how.hidden,),
        alpha=how.weight_decay,
        batch_size=int(np.clip(len(x) // BATCHES, SMALLEST_BATCH, LARGEST_BATCH)),
        max_iter=how.epochs,
        early_stopping=True,
        random_state=seed % 2**32,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # epochs are a limit, not an aim
        network.fit(x.astype(np.float32) / UNIT, y)
    (into, out), (into_bias, out_bias) = network.coefs_, network.intercepts_
    if out.shape[1] == 1:  # scikit-learn has one output for two classes, of the second
        out, out_bias = np.hstack([0 * out, out]), np.hstack([0 * out_bias, out_bias])
    order = np.roll(np.arange(out.shape[1]), -1)
    weights = [np.asarray(one, np.float64) for one in (into, out[:, order])]
    return weights, [np.asarray(one, np.float64) for one in (into_bias, out_bias[order])]


def _quantised(
    weights: Sequence[Floats], biases: Sequence[Floats], x: NDArray[np.int8], how: Confirming
) -> Confirmer:
    """In integers; the scales fit what the examples come to."""
    into, out = weights[0].T / UNIT, weights[1].T
    hidden = np.maximum(x.astype(np.float32) @ into.T.astype(np.float32) + biases[0], 0)
    outputs = hidden @ out.T + biases[1]
    middle = outputs.mean()  # a shift of all outputs alike changes no score
    hidden_scale = max(float(hidden.max()), 1.0) / 255
    output_scale = max(float(np.abs(outputs - middle).max()), 1.0) / 127
    return Confirmer(
        context=how.context_windows,
        classes=x.shape[1] // how.context_windows,
        hidden=dense.layer(into, biases[0], (1.0, 0), hidden_scale, -128),
        output=dense.layer(
            out, biases[1] - middle, (hidden_scale, -128), output_scale, 0, rectified=False
        ),
    )
