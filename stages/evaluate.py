"""evaluate@task: from verdicts and clean runs of the int8 artefact to one page of figures.

Reads both artefacts, the guard, the test set and its field copies, the battery's verdicts and
what the training stages noted. No attack runs here. Writes ``evaluate.json`` for
``dvc metrics diff``, and tables with intervals for plots.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from palisade import edge, splits, stage, tasks
from palisade.attacks.grid import Grid
from palisade.attacks.names import GUARDED
from palisade.errors import PalisadeError
from palisade.evaluation import (
    checks,
    det,
    masking,
    rows,
    selfchecks,
    sequences,
    strength,
    unfamiliar,
    verdicts,
)
from palisade.evaluation.evidence import DEFENDED, Evidence, Guarded, Measured, ablated
from palisade.evaluation.rates import false_accepts, false_rejects, rate
from palisade.files import write_json
from palisade.guard import calibration, making
from palisade.guard.judgement import Judgement, Signal
from palisade.guard.tables import Limits
from palisade.int8 import Outputs
from palisade.splits import Split
from palisade.tables import read_csv, write_csv

# The curve of a decision where every class asks for an action: none.
NO_ACTION = [dict.fromkeys(("threshold_lsb", "false_accept_rate", "false_reject_rate"), "")]
NOTED_STAGES = ("prepare", "pretrain", "qat", "attack")


class Params(stage.Params):
    """What the figures are about, and what they are held against."""

    negatives: list[str] = Field(description="classes that ask for no action; may be none")
    least_examples: int = Field(ge=1, description="test examples below which figures say little")
    unfamiliar_examples: int = Field(ge=20, description="of each kind of unfamiliar input")
    undefended_limit: float = Field(
        gt=0, lt=1, description="the most an undefended model may keep at the reference budget"
    )
    clean_reject_limit: float = Field(
        gt=0, lt=1, description="the largest share of clean examples that the guard may reject"
    )


def main(this: stage.Stage) -> None:
    """Run the stage."""
    params = this.params("evaluate", Params)
    grid = this.params("attack", tasks.load(this.key, "budgets").Budgets)
    test = splits.load(this.dep("data/prepared/{key}/test.npz"))
    field = splits.load(this.dep("data/field/{key}/test.npz"))
    table = verdicts.Table(verdicts.read(this.dep("metrics/{key}/detail/verdicts.csv")))
    notes = {
        name: json.loads(this.dep(f"metrics/{{key}}/{name}.json").read_text())
        for name in NOTED_STAGES
    }
    negative = negatives(params, test.labels, this.key)
    device = edge.of(this, "models/{key}/model.tflite", "models/{key}/guard.json")
    undefended = edge.of(this, "models/{key}/baseline/model.tflite")
    outputs, clean = device.answer(test.x)
    known = calibration.load(this.dep("models/{key}/known_scores.npz"))
    kinds = unfamiliar.draw(
        tasks.load(this.key, "unfamiliar"),
        test.x.shape[1:],
        params.unfamiliar_examples,
        this.seed,
    )
    over_time = sequences.Table(
        sequences.read(this.dep("metrics/{key}/detail/sequence_verdicts.csv")), ~negative
    )
    strange = unfamiliar.measure(device, clean, known, kinds)
    in_field = device.run(field.x).label == field.y
    everything = np.ones(len(test), bool)
    headline = worst_cases(table, DEFENDED, everything)
    gathered = evidence(this, device, (outputs, clean), table, grid, headline, notes)
    allowed = selfchecks.Allowed(
        undefended=params.undefended_limit,
        clean_reject=params.clean_reject_limit,
        least_examples=params.least_examples,
    )
    found = [*selfchecks.of(gathered, allowed), *of_notes(notes)]
    curve = det.curve(outputs.logits, test.y, negative) if negative.any() else None
    write_json(
        this.out("metrics/{key}/evaluate.json"),
        {
            "int8": {
                "clean_accuracy": rate(clean.label == test.y).value,
                "field_accuracy": rate(in_field).value,
                "n": len(test),
                "worst_case_accuracy": headline,
                **of_decision(outputs.label, curve, test, negative, table),
            },
            "undefended": {
                "clean_accuracy": rate(undefended.run(test.x).label == test.y).value,
                "worst_case_accuracy": worst_cases(table, "undefended", everything),
            },
            "guard": {
                **of_guard(clean, test, negative, table),
                "ood_auroc": min(strange.values()),
                "transfer": transfer_rates(this.dep("metrics/{key}/detail/transfer.csv")),
            },
            "consistency": over_time.summary(),
            "checks": checks.summary(found),
            "reliable": all(check.passed for check in found),
        },
    )
    asked = ~negative[test.y]
    tables = {
        "checks": [
            {**rows.of_check(check), "guards_against": check.guards_against} for check in found
        ],
        "robustness": rows.robustness(table, asked),
        "curve": rows.curve(table, grid, asked),
        "field": rows.field(field, in_field),
        "confusion": rows.confusion(test, outputs.label),
        "det": curve.rows() if curve else NO_ACTION,
        "sequences": over_time.rows(),
        "unfamiliar": [{"kind": kind, "auroc": value} for kind, value in strange.items()],
    }
    for name, content in tables.items():
        write_csv(this.out(f"metrics/{{key}}/detail/{name}.csv"), content)


def negatives(params: Params, labels: tuple[str, ...], key: str) -> NDArray[np.bool_]:
    """``[classes]`` which classes ask for no action.

    Raises:
        PalisadeError: One of them is no class, or all classes are negative.
    """
    where = f"params.yaml: evaluate.{key}.negatives"
    if unknown := sorted(set(params.negatives) - set(labels)):
        raise PalisadeError(f"{where} names {', '.join(unknown)}", f"classes: {', '.join(labels)}")
    found = np.isin(labels, params.negatives)
    if found.all():
        raise PalisadeError(f"{where} names every class", "leave out those that ask for an action")
    return found


def worst_cases(table: verdicts.Table, model: str, among: NDArray[np.bool_]) -> dict[str, float]:
    """Worst-case accuracy by budget among some examples."""
    return {b: rate(table.worst_case(model, b)[among]).value for b in table.budgets}


def of_decision(
    clean: NDArray[np.int64],
    curve: det.Curve | None,
    test: Split,
    negative: NDArray[np.bool_],
    table: verdicts.Table,
) -> dict[str, Any]:
    """Figures of the decision to act; none where every class asks for an action."""
    if curve is None:
        return {}
    return {
        "worst_case_accuracy_actions": worst_cases(table, "int8", ~negative[test.y]),
        "false_accept_rate": rate(false_accepts(clean, test.y, negative)).value,
        "false_reject_rate": rate(false_rejects(clean, test.y, negative)).value,
        "equal_error_rate": curve.equal_error_rate,
    }


def of_guard(
    clean: Judgement, test: Split, negative: NDArray[np.bool_], table: verdicts.Table
) -> dict[str, Any]:
    """What the guard rejects of clean examples, and what is still accepted and wrong.

    At a budget, by any attack at it or at a smaller one.
    """
    label, accepted = clean.label.astype(np.int64), clean.accepted
    harmless = np.ones(len(test), bool)
    harm = {}
    for budget in table.budgets:  # a smaller perturbation is within a larger budget too
        harmless &= table.worst_case(f"int8_{GUARDED}", budget)
        harm[budget] = rate(~harmless).value
    found: dict[str, Any] = {
        "clean_reject_rate": rate(~accepted).value,
        "accepted_and_wrong": {"clean": rate(accepted & (label != test.y)).value, **harm},
    }
    if negative.any():
        acted = accepted & ~negative[label]
        asked = ~negative[test.y]
        found["false_accept_rate"] = rate(acted[~asked]).value
        found["false_reject_rate"] = rate(~(accepted & (label == test.y))[asked]).value
    return found


def transfer_rates(path: Path) -> dict[str, float]:
    """By direction, the share of what fools network or companion tree that fools the other too."""
    return {row["direction"]: float(row["rate"]) for row in read_csv(path)}


def evidence(
    this: stage.Stage,
    device: edge.Edge,
    clean: tuple[Outputs, Judgement],
    table: verdicts.Table,
    grid: Grid,
    reported: dict[str, float],
    notes: dict[str, dict[str, Any]],
) -> Evidence:
    """What the checks go by: what was noted, and what is measured anew here.

    Args:
        this: the stage.
        device: the model with its guard.
        clean: what it says of the test set, and what the guard makes of that.
        table: verdicts.
        grid: the battery's budgets.
        reported: worst-case accuracy by budget, as published.
        notes: what earlier stages noted, by stage.
    """
    held = {
        name: splits.load(this.dep(f"data/prepared/{{key}}/{name}.npz")) for name in splits.NAMES
    }
    return Evidence(
        table=table,
        reference=grid.name(grid.reference),
        radii=notes["attack"].get("radii", {}),
        labels=held["test"].labels,
        reported=reported,
        measured=measured(notes, twice(device, held["test"], clean, table.alone)),
        splits=held,
        guard=Guarded(
            limits=None if device.guard is None else device.guard.limits,
            recalibrated=recalibrated(
                device,
                held["calibration"],
                this.params("calibrate", making.Params).false_reject_target,
                this.seed,
            ),
            clean=clean[1],
            ablated=ablated(read_csv(this.dep("metrics/{key}/detail/ablation.csv"))),
        ),
    )


def measured(notes: dict[str, dict[str, Any]], changed_share: float) -> Measured:
    """What was noted of the measurement; what was not, is missing."""
    attack = notes["attack"]
    shares = ("zero_gradient_share", "undeliverable_share", "over_budget_share")
    return Measured(
        **{name: attack.get(name, checks.MISSING) for name in shares},
        changed_share=changed_share,
        steps=attack.get("steps", 0),
        restarts=attack.get("restarts", 0),
        overfitting_gap={
            name: notes[name].get("overfitting_gap", checks.MISSING) for name in strength.TRAININGS
        },
    )


def twice(
    device: edge.Edge,
    test: Split,
    first: tuple[Outputs, Judgement],
    alone: NDArray[np.bool_],
) -> float:
    """Share of the fixed subset of which the device says other bytes when it is asked again."""
    again = device.answer(test.x[alone])
    kept = (first[0].logits, first[0].embedding, first[1].decision, first[1].scores)
    anew = (again[0].logits, again[0].embedding, again[1].decision, again[1].scores)
    return masking.changed([array[alone] for array in kept], anew)


def recalibrated(device: edge.Edge, held: Split, target: float, seed: int) -> Limits | None:
    """The limits that the calibration split gives when it is asked again."""
    if device.guard is None:
        return None
    signals = [signal for signal in Signal if device.guard.has(signal)]
    scores = device.judge(held.x).scores
    return calibration.calibrate(scores, signals, target=target, seed=seed).limits


def of_notes(notes: dict[str, dict[str, Any]]) -> list[checks.Check]:
    """Checks on what earlier stages noted."""
    hardness = notes["prepare"]["hardness"]
    return [
        checks.Check(
            "no_simple_model_does_it",
            hardness["accuracy"],
            hardness["limit"],
            guards_against="data so easy that robustness on it says nothing",
        ),
        *(
            checks.Check(
                f"{name}_did_not_collapse",
                notes[trained]["overfitting_collapsed"],
                0,
                guards_against="training that broke off as its attack had stopped working",
            )
            for name, trained in (("pretraining", "pretrain"), ("quantisation", "qat"))
        ),
    ]


if __name__ == "__main__":
    stage.run("evaluate", main)
