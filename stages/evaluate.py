"""evaluate@task: from verdicts and clean runs of the int8 artefact to one page of figures.

Reads both artefacts, the guard, the test set and its field copies, the battery's verdicts, what
earlier stages noted, and the audit at full strength, if there is one. No attack runs here. Writes
``evaluate.json`` for ``dvc metrics diff``, and tables with intervals for plots.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from palisade import edge, splits, stage, tasks
from palisade.attacks.grid import Grid
from palisade.errors import PalisadeError
from palisade.evaluation import (
    again,
    audited,
    checks,
    det,
    headline,
    noted,
    rows,
    selfchecks,
    sequences,
    unfamiliar,
    verdicts,
)
from palisade.evaluation.evidence import DEFENDED, Evidence, Guarded, ablated
from palisade.evaluation.rates import rate
from palisade.files import write_json
from palisade.guard import calibration, making
from palisade.guard.judgement import Judgement
from palisade.int8 import Outputs
from palisade.tables import read_csv, write_csv

# The curve of a decision where every class asks for an action: none.
NO_ACTION = [dict.fromkeys(("threshold_lsb", "false_accept_rate", "false_reject_rate"), "")]
NOTED_STAGES = ("prepare", "pretrain", "qat", "attack", "physical")


class Params(stage.Params):
    """What the figures are about, and what they are held against."""

    negatives: list[str] = Field(description="classes that ask for no action; may be none")
    least_examples: int = Field(ge=1, description="test examples below which figures say little")
    widest_interval: float = Field(
        gt=0, le=1, description="the most that a worst case's 95 % interval by group may span"
    )
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
    published = headline.worst_cases(table, DEFENDED, everything)
    in_audit = audited.checks(
        audited.read(this.dep("metrics/{key}/audit.json")),
        model=this.dep("models/{key}/model.tflite"),
        guard=this.dep("models/{key}/guard.json"),
        examples=verdicts.digest(test),
        table=table,
        reference=grid.name(grid.reference),
        battery=notes["attack"],
    )
    said = outputs, clean
    gathered = evidence(this, device, said, table, grid, published, notes, audited=bool(in_audit))
    allowed = selfchecks.Allowed(
        undefended=params.undefended_limit,
        clean_reject=params.clean_reject_limit,
        least_examples=params.least_examples,
        widest_interval=params.widest_interval,
    )
    found = [*selfchecks.of(gathered, allowed), *noted.checks(notes), *in_audit]
    curve = det.curve(outputs.logits, test.y, negative) if negative.any() else None
    write_json(
        this.out("metrics/{key}/evaluate.json"),
        {
            "int8": {
                "clean_accuracy": rate(clean.label == test.y).value,
                "field_accuracy": rate(in_field).value,
                "n": len(test),
                "worst_case_accuracy": published,
                **headline.of_decision(outputs.label, curve, test, negative, table),
            },
            "undefended": {
                "clean_accuracy": rate(undefended.run(test.x).label == test.y).value,
                "worst_case_accuracy": headline.worst_cases(table, "undefended", everything),
            },
            "guard": {
                **headline.of_guard(clean, test, negative, table, grid.name(grid.reference)),
                "ood_auroc": min(strange.values()),
                "transfer": headline.transfer_rates(this.dep("metrics/{key}/detail/transfer.csv")),
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
        "robustness": rows.robustness(table, asked, test.groups),
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


def evidence(
    this: stage.Stage,
    device: edge.Edge,
    clean: tuple[Outputs, Judgement],
    table: verdicts.Table,
    grid: Grid,
    reported: dict[str, float],
    notes: dict[str, dict[str, Any]],
    *,
    audited: bool,
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
        audited: whether an audit of just this ran at full strength.
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
        measured=noted.measured(
            notes,
            again.changed_share(device, held["test"], clean, table.alone),
            audited=audited,
        ),
        splits=held,
        guard=Guarded(
            limits=None if device.guard is None else device.guard.limits,
            recalibrated=again.limits(
                device,
                held["calibration"],
                this.params("calibrate", making.Params).false_reject_target,
                this.seed,
            ),
            clean=clean[1],
            ablated=ablated(read_csv(this.dep("metrics/{key}/detail/ablation.csv"))),
        ),
    )


if __name__ == "__main__":
    stage.run("evaluate", main)
