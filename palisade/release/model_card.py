"""A task's model card, as CycloneDX 1.6 has it: parameters, figures with intervals, and limits.

Figures are written as the metrics have them, so that they can be compared as text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from palisade.evaluation.rates import rate
from palisade.release.card import Card, Group
from palisade.release.evidence import Scope

# Places within a task, and what the figure is called; those that are missing are left out.
CLEAN = "metrics/evaluate/int8/clean_accuracy"
FIGURES = {
    "accuracy": CLEAN,
    "accuracy, undefended network": "metrics/evaluate/undefended/clean_accuracy",
    "accuracy under natural corruption": "metrics/evaluate/int8/field_accuracy",
    "false accept rate": "metrics/evaluate/int8/false_accept_rate",
    "false reject rate": "metrics/evaluate/int8/false_reject_rate",
    "equal error rate": "metrics/evaluate/int8/equal_error_rate",
    "guard: clean inputs rejected": "metrics/evaluate/guard/clean_reject_rate",
    "guard: false accept rate": "metrics/evaluate/guard/false_accept_rate",
    "guard: false reject rate": "metrics/evaluate/guard/false_reject_rate",
    "guard: AUROC on the worst kind of unfamiliar input": "metrics/evaluate/guard/ood_auroc",
    "stream: false accepts an hour": "metrics/stream/false_accepts_per_hour",
    "stream: false reject rate": "metrics/stream/false_reject_rate",
    "flash, bytes": "metrics/convert/flash_bytes",
    "arena, bytes": "metrics/convert/arena_bytes",
    "multiply-accumulates": "metrics/convert/macs",
}
MODELS = {
    "int8": "worst-case accuracy",
    "int8_guarded": "worst case, right or not accepted by the guard",
    "undefended": "worst-case accuracy, undefended network",
}


def describe(
    scope: Scope,
    card: Card,
    *,
    field: Mapping[str, Any],
    unfamiliar: Mapping[str, float],
) -> dict[str, Any]:
    """The card, ready for JSON.

    Args:
        scope: of the task.
        card: what people say of it.
        field: accuracy with interval by corruption and severity.
        unfamiliar: the guard's AUROC by kind of unfamiliar input.
    """
    labels = scope.at("labels").value
    return {
        "modelParameters": {
            "approach": {"type": "supervised"},
            "task": "classification",
            "architectureFamily": card.family,
            "modelArchitecture": scope.fill(card.architecture).text,
            "datasets": [{"ref": f"data:{scope.task}"}],
            "inputs": [
                {"format": _input(scope)},
                {"format": f"made of: {scope.fill(card.raw_input).text}"},
            ],
            "outputs": [
                {"format": f"int8 logits of {len(labels)} classes: {', '.join(labels)}"},
                {"format": "int8 embedding, which the guard reads"},
            ],
        },
        "quantitativeAnalysis": {
            "performanceMetrics": [
                *_figures(scope),
                *_worst_cases(scope),
                *(
                    _metric("accuracy under natural corruption", share["value"], name, share)
                    for name, share in field.items()
                ),
                *(
                    _metric("guard: AUROC on unfamiliar input", value, name)
                    for name, value in unfamiliar.items()
                ),
            ]
        },
        "considerations": {
            "users": list(card.users),
            "useCases": list(card.use_cases),
            "technicalLimitations": [*map(_text(scope), card.limitations), *_unreliable(scope)],
            "performanceTradeoffs": list(map(_text(scope), card.tradeoffs)),
            "ethicalConsiderations": [
                {"name": name, "mitigationStrategy": scope.fill(strategy).text}
                for name, strategy in card.risks
            ],
            "fairnessAssessments": list(map(_group, card.groups)),
        },
    }


def _text(scope: Scope) -> Any:
    return lambda template: scope.fill(template).text


def _input(scope: Scope) -> str:
    """The model's input tensor, as ``convert`` measured it."""
    if not scope.has("interface/input/scale"):
        return "int8 features"
    return scope.fill(
        "int8 features, scale {interface/input/scale}, zero point {interface/input/zero_point}"
    ).text


def _figures(scope: Scope) -> Iterator[dict[str, Any]]:
    for name, place in FIGURES.items():
        if scope.has(place):
            value = scope.at(place).value
            yield _metric(name, value, "", _interval(scope, value) if place == CLEAN else None)


def _interval(scope: Scope, value: float) -> dict[str, float]:
    """The interval of a share of all test inputs."""
    n = scope.at("metrics/evaluate/int8/n").value
    found = rate(np.arange(n) < round(value * n))
    return {"low": found.low, "high": found.high}


def _worst_cases(scope: Scope) -> Iterator[dict[str, Any]]:
    for model, name in MODELS.items():
        if not scope.has(f"worst_case/{model}"):
            continue
        for among, budgets in scope.at(f"worst_case/{model}").value.items():
            for budget, share in budgets.items():
                yield _metric(name, share["value"], f"{among}, {budget}", share)


def _metric(
    name: str, value: float, part: str, interval: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """A figure, of a slice of the test data where ``part`` names one, with its interval."""
    found: dict[str, Any] = {"type": name, "value": str(value)}
    if part:
        found["slice"] = part
    if interval is not None:
        found["confidenceInterval"] = {
            "lowerBound": str(interval["low"]), "upperBound": str(interval["high"])
        }  # fmt: skip
    return found


def _unreliable(scope: Scope) -> Iterator[str]:
    if not scope.at("reliable").value:
        yield (
            "A check on the measurement itself failed (failed_checks in manifest.json), so the "
            "figures above show less than they seem to."
        )


def _group(one: Group) -> dict[str, str]:
    return {
        "groupAtRisk": one.at_risk,
        "benefits": one.benefits,
        "harms": one.harms,
        "mitigationStrategy": one.mitigation,
    }
