"""What an attacker learns from an answer of the device: how far an example is from being broken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from palisade.attacks.square import Asked, Score
from palisade.device import guard as on_device
from palisade.edge import Edge, unguarded
from palisade.guard.judgement import Judgement
from palisade.guard.tables import Guard, Limit
from palisade.int8 import Outputs

T = TypeVar("T", Outputs, Judgement)
Ask = Callable[[NDArray[Any]], tuple[Outputs, Judgement]]
# LiteRT's int8 logits are seldom more than one step from TFLM's, so its lead than two.
NEAR_STEPS = 6
LEAST_DISTANCE = 1e-3  # of an answer that is wrong and not accepted, however little is missing


def ask(device: Edge) -> Ask:
    """What a device says, and what its guard makes of it, in exact integers.

    As ``Edge.answer``, without running a sample of each call on TFLM as well: a search asks
    thousands of times, and what it finds is judged afterwards.
    """

    def answer(raw: NDArray[Any]) -> tuple[Outputs, Judgement]:
        inputs = device.inputs(raw)
        outputs = device.artefact.exact(inputs) or device.artefact.tflm(inputs)
        return outputs, _judged(device, outputs, inputs)

    return answer


def ask_briefly(device: Edge) -> Ask:
    """What a device says where two labels are near each other, and elsewhere what LiteRT says.

    That takes a hundredth of the time. Far from a boundary a step of int8 decides nothing.
    """
    exact = ask(device)

    def answer(raw: NDArray[Any]) -> tuple[Outputs, Judgement]:
        inputs = device.inputs(raw)
        outputs = device.artefact.litert(inputs)
        ordered = np.sort(outputs.logits.astype(np.int64), axis=1)
        near = ordered[:, -1] - ordered[:, -2] <= NEAR_STEPS
        return asked_again(exact, raw, near, outputs, _judged(device, outputs, inputs))

    return answer


def _judged(device: Edge, outputs: Outputs, inputs: NDArray[np.int8]) -> Judgement:
    if device.guard is None:
        return unguarded(outputs)
    return on_device.judge(device.guard, outputs.logits, outputs.embedding, inputs)


def asked_again(
    exact: Ask, raw: NDArray[Any], where: NDArray[np.bool_], outputs: Outputs, judgement: Judgement
) -> tuple[Outputs, Judgement]:
    """Answers, with exact ones in some places."""
    if not where.any():
        return outputs, judgement
    said, judged = exact(raw[where])
    return _put(outputs, where, said), _put(judgement, where, judged)


def _put(whole: T, where: NDArray[np.bool_], part: T) -> T:
    """Arrays ``[n, ...]`` of a record with those of another in some places."""
    found = {field.name: getattr(whole, field.name).copy() for field in fields(whole)}
    for name, values in found.items():
        values[where] = getattr(part, name)
    return replace(whole, **found)


def score(
    device: Ask, guard: Guard | None, y: NDArray[np.int64], briefly: Ask | None = None
) -> Score:
    """A score that falls to 0 where an answer is wrong and, with a guard, accepted.

    From 1 on the network is right, and by so much more as the true logit leads the next, in int8
    steps. Between 0 and 1 it is wrong, and the guard does not accept it.

    Args:
        device: what is asked.
        guard: its limits.
        y: ``[n]`` true labels.
        briefly: asked first; the device is, where that says a wrong label. None: the device.
    """

    def distance(raw: NDArray[Any], numbers: NDArray[np.intp]) -> NDArray[np.float64]:
        true = y[numbers]
        outputs, judgement = (briefly or device)(raw)
        if briefly:
            wrong_there = outputs.label != true
            outputs, judgement = asked_again(device, raw, wrong_there, outputs, judgement)
        lead = _lead(outputs.logits, true)
        missing = np.zeros(len(raw)) if guard is None else _missing(guard, judgement)
        wrong = np.where(
            judgement.accepted, 0.0, np.maximum(LEAST_DISTANCE, missing / (1.0 + missing))
        )
        return np.where(outputs.label == true, 1.0 + lead, wrong)

    return distance


def _lead(logits: NDArray[np.int8], y: NDArray[np.int64]) -> NDArray[np.int64]:
    """``[n]`` the true logit less the largest other one."""
    wide = logits.astype(np.int64)
    true = np.take_along_axis(wide, y[:, np.newaxis], axis=1)[:, 0]
    np.put_along_axis(wide, y[:, np.newaxis], np.iinfo(np.int64).min // 2, axis=1)
    return np.asarray(true - wide.max(axis=1))


def _missing(guard: Guard, judgement: Judgement) -> NDArray[np.float64]:
    """``[n]`` by what share the scores break their limits, summed over the signals that reject."""
    total = np.zeros(len(judgement.label))
    for signal in guard.limits.used:
        total += judgement.rejects(signal) * _excess(
            guard.limits.of(signal), judgement.scores[:, signal]
        )
    return total


def _excess(limit: Limit, scores: NDArray[np.int32]) -> NDArray[np.float64]:
    by = scores.astype(np.float64) - limit.threshold
    if limit.kind == "at_least":
        by = -by
    return np.asarray(np.maximum(by, 0.0) / max(1, abs(limit.threshold)))


def curve(found: Asked, queries: int) -> list[dict[str, Any]]:
    """Robust accuracy by the number of queries, with the guard as well, a row a number.

    Args:
        found: of the examples that were asked about.
        queries: the most that were asked of each.
    """
    return [
        {
            "queries": number,
            "robust_accuracy": float(np.mean(found.wrong_at > number)),
            "harmless": float(np.mean(found.broken_at > number)),
            "examples": len(found.raw),
        }
        for number in milestones(queries)
    ]


def milestones(queries: int) -> Sequence[int]:
    """0, 1, 2, 5, 10, ... and the last."""
    steps = [digit * 10**power for power in range(9) for digit in (1, 2, 5)]
    return [0, *(one for one in steps if one < queries), queries]


def joined(parts: Sequence[Asked], order: NDArray[np.intp]) -> Asked:
    """Several searches as one, in an order."""
    names = ("raw", "wrong_at", "broken_at")
    whole = Asked(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
    return whole.take(order)
