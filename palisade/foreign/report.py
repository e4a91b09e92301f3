"""What was found of a foreign model, as JSON for tools and as a table for people."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from palisade.evaluation.rates import Rate, rate
from palisade.foreign.domains import Domain
from palisade.foreign.examples import Examples
from palisade.foreign.model import ForeignModel
from palisade.foreign.searching import NOISE, SQUARE, AtBudget, Attacked

BLIND = 0.5  # share of unmoved examples from which on a search saw next to nothing


def report(
    model: ForeignModel,
    domain: Domain,
    examples: Examples,
    found: Attacked,
    *,
    queries: int,
    seed: int,
) -> dict[str, Any]:
    """The figures, named as the pipeline's own metrics are."""
    return {
        "model": {
            "bytes": len(model.content),
            "classes": model.classes,
            "input_scale": model.scale,
            "input_shape": list(model.shape),
            "input_zero_point": model.zero_point,
            "name": Path(model.name).name,
            "sha256": model.sha256,
        },
        "data": {
            "available": examples.available,
            "classes_without_examples": list(examples.missing),
            "examples": len(examples.y),
        },
        "how": {
            "budget_unit": domain.unit,
            "queries": queries,
            "search": "LiteRT",
            "search_sees": "inputs of the final Softmax" if model.softmax else "the output",
            "seed": seed,
            "verdicts": found.runtime,
            "clean_answers_alike": found.searched,  # of LiteRT and the verdict
        },
        "int8": {
            "clean_accuracy": rate(found.clean).value,
            "n": len(examples.y),
            "worst_case_accuracy": {
                domain.name(at.budget): at.worst_case.value for at in found.budgets
            },
        },
        "intervals": {
            "clean": asdict(rate(found.clean)),
            **{domain.name(at.budget): asdict(at.worst_case) for at in found.budgets},
        },
        "attacks": {domain.name(at.budget): _attacks(at) for at in found.budgets},
        "warnings": warnings(found, domain, examples),
    }


def _attacks(at: AtBudget) -> dict[str, Any]:
    return {
        NOISE: asdict(rate(at.right[NOISE])),
        SQUARE: {
            **asdict(rate(at.right[SQUARE])),
            "accuracy_by_queries": {str(asked): share for asked, share in at.standing.items()},
            "unmoved_share": at.unmoved,
        },
    }


def warnings(found: Attacked, domain: Domain, examples: Examples) -> list[str]:
    """What makes the figures worth less than they look."""
    said = ["black-box attacks only: an attacker with gradients breaks more"]
    if examples.missing:
        said.append(f"no example of the classes {', '.join(map(str, examples.missing))}")
    if rate(found.clean).value < 1.5 / max(2, len(set(examples.y.tolist()))):
        said.append("clean accuracy is near chance: check labels, features and the input's range")
    said += [
        f"at {domain.name(at.budget)} the scores of {at.unmoved:.0%} of the standing examples never"
        " moved: the search was blind there"
        for at in found.budgets
        if at.unmoved >= BLIND
    ]
    pairs = zip(found.budgets, found.budgets[1:], strict=False)
    said += [
        f"accuracy rises from {domain.name(weak.budget)} to {domain.name(strong.budget)}:"
        " ask more queries"
        for weak, strong in pairs
        if strong.worst_case.value > weak.worst_case.value + 0.01
    ]
    return said


def table(content: dict[str, Any]) -> str:
    """For a terminal."""
    model, how, data = content["model"], content["how"], content["data"]
    lines = [
        f"{model['name']}: {model['bytes']:,} bytes, sha256 {model['sha256'][:16]}",
        f"{data['examples']} of {data['available']} examples, {how['queries']} queries each;"
        f" searched on {how['search']} ({how['search_sees']}), verdicts by {how['verdicts']}",
        f"budgets: {how['budget_unit']}",
        "",
        f"{'budget':<16}{'noise':>8}{'square':>8}   worst case (95 %)",
        f"{'clean':<16}{'':>16}   {_interval(content['intervals']['clean'])}",
    ]
    for name, attacks in content["attacks"].items():
        noise, square = attacks[NOISE]["value"], attacks[SQUARE]["value"]
        worst = _interval(content["intervals"][name])
        lines.append(f"{name:<16}{noise:>8.3f}{square:>8.3f}   {worst}")
    lines += ["", "accuracy by queries of Square Attack:"]
    for name, attacks in content["attacks"].items():
        curve = attacks[SQUARE]["accuracy_by_queries"]
        lines.append(f"{name:<16}" + "  ".join(f"{n}: {share:.3f}" for n, share in curve.items()))
    return "\n".join([*lines, "", *(f"note: {warning}" for warning in content["warnings"])])


def _interval(found: dict[str, Any]) -> str:
    kept = Rate(**found)
    return f"{kept.value:.3f} ({kept.low:.3f} to {kept.high:.3f})"
