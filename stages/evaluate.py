"""evaluate@task: from verdicts and clean runs of the int8 artefact to one page of figures.

Reads both artefacts, the test set and its field copies, the battery's verdicts and what the
training stages noted. No attack runs here. Writes ``evaluate.json`` for ``dvc metrics diff``,
and tables with intervals for plots.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from palisade import splits, stage, tasks, whitebox
from palisade.evaluation import checks, rows, verdicts
from palisade.evaluation.rates import false_accepts, false_rejects, rate
from palisade.files import write_json
from palisade.int8 import Artefact
from palisade.splits import Split
from palisade.tables import write_csv

NOTED_STAGES = ("prepare", "pretrain", "qat", "attack")


class Params(stage.Params):
    """What the figures are about, and what they are held against."""

    negatives: list[str] = Field(description="classes that ask for no action; may be none")
    least_examples: int = Field(ge=1, description="test examples below which figures say little")
    undefended_limit: float = Field(
        gt=0, lt=1, description="the most an undefended model may keep at the reference budget"
    )


def main(this: stage.Stage) -> None:
    """Run the stage."""
    params = this.params("evaluate", Params)
    grid = this.params("attack", tasks.load(this.key, "threat").Budgets)
    test = splits.load(this.dep("data/prepared/{key}/test.npz"))
    field = splits.load(this.dep("data/field/{key}/test.npz"))
    table = verdicts.Table(verdicts.read(this.dep("metrics/{key}/detail/verdicts.csv")))
    notes = {
        name: json.loads(this.dep(f"metrics/{{key}}/{name}.json").read_text())
        for name in NOTED_STAGES
    }
    negative = np.isin(test.labels, params.negatives)
    box = whitebox.of(this)
    clean = classify(this, box, "models/{key}/model.tflite", test)
    undefended = classify(this, box, "models/{key}/baseline/model.tflite", test)
    in_field = classify(this, box, "models/{key}/model.tflite", field) == field.y
    found = [
        *checks.of_battery(
            table,
            classes=len(test.labels),
            reference=grid.name(grid.reference),
            undefended_limit=params.undefended_limit,
        ),
        *of_notes(notes, params),
    ]
    write_json(
        this.out("metrics/{key}/evaluate.json"),
        {
            "int8": {
                "clean_accuracy": rate(clean == test.y).value,
                "field_accuracy": rate(in_field).value,
                "n": len(test),
                "worst_case_accuracy": worst_cases(table, "int8", np.ones(len(test), bool)),
                **of_decision(clean, test, negative, table),
            },
            "undefended": {
                "clean_accuracy": rate(undefended == test.y).value,
                "worst_case_accuracy": worst_cases(table, "undefended", np.ones(len(test), bool)),
            },
            "checks": checks.summary(found),
            "reliable": all(check.passed for check in found),
        },
    )
    detail = "metrics/{key}/detail/"
    asked = ~negative[test.y]
    write_csv(this.out(f"{detail}checks.csv"), [rows.of_check(check) for check in found])
    write_csv(this.out(f"{detail}robustness.csv"), rows.robustness(table, asked))
    write_csv(this.out(f"{detail}curve.csv"), rows.curve(table, grid, asked))
    write_csv(this.out(f"{detail}field.csv"), rows.field(field, in_field))
    names = np.array(test.labels)
    write_csv(
        this.out(f"{detail}confusion.csv"),
        [
            {"actual": actual, "predicted": predicted}
            for actual, predicted in zip(names[test.y], names[clean], strict=True)
        ],
    )


def classify(
    this: stage.Stage, box: whitebox.WhiteBox, path: str, split: Split
) -> NDArray[np.int64]:
    """``[n]`` labels that a microcontroller would give."""
    artefact = Artefact.load(this.dep(path))
    return artefact.tflm(artefact.quantise(box.features(split.x))).label


def worst_cases(table: verdicts.Table, model: str, among: NDArray[np.bool_]) -> dict[str, float]:
    """Worst-case accuracy by budget among some examples."""
    return {b: rate(table.worst_case(model, b)[among]).value for b in table.budgets}


def of_decision(
    clean: NDArray[np.int64], test: Split, negative: NDArray[np.bool_], table: verdicts.Table
) -> dict[str, Any]:
    """Figures of the decision to act; none where every class asks for an action."""
    if not negative.any():
        return {}
    return {
        "worst_case_accuracy_actions": worst_cases(table, "int8", ~negative[test.y]),
        "false_accept_rate": rate(false_accepts(clean, test.y, negative)).value,
        "false_reject_rate": rate(false_rejects(clean, test.y, negative)).value,
    }


def of_notes(notes: dict[str, dict[str, Any]], params: Params) -> list[checks.Check]:
    """Checks on what earlier stages noted."""
    hardness = notes["prepare"]["hardness"]
    return [
        checks.Check("no_simple_model_does_it", hardness["accuracy"], hardness["limit"]),
        checks.Check("pretraining_did_not_collapse", notes["pretrain"]["overfitting_collapsed"], 0),
        checks.Check("quantisation_did_not_collapse", notes["qat"]["overfitting_collapsed"], 0),
        checks.Check(
            "gradients_are_there",
            notes["attack"]["zero_gradient_share"],
            checks.ZERO_GRADIENT_LIMIT,
        ),
        checks.Check(
            "enough_examples", notes["attack"]["examples"], params.least_examples, at_least=True
        ),
    ]


if __name__ == "__main__":
    stage.run("evaluate", main)
