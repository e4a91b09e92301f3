"""An audit at full strength speaks of the figures while it is of this model, and of no other."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from palisade.errors import PalisadeError
from palisade.evaluation import audited
from palisade.evaluation.checks import Check
from palisade.evaluation.verdicts import RIGHT, WRONG, Table, Verdict, subset_row

N, BUDGET, EXAMPLES = 200, "snr_30db", "abc"
MODEL, GUARD = b"model", b"guard"
BATTERY = {"steps": 50, "restarts": 5, "targets": 3, "queries": 300}
AUDIT = {
    "budget": BUDGET,
    "audit": {
        "worst_case_accuracy": 0.6,
        "accepted_and_wrong": 0.3,
        "steps": 100,
        "restarts": 5,
        "targets": 9,
        "queries": 5000,
    },
    "default": BATTERY,
    "examples": {"digest": EXAMPLES, "n": N},
    "model_sha256": hashlib.sha256(MODEL).hexdigest(),
    "guard_sha256": hashlib.sha256(GUARD).hexdigest(),
}


def checks(
    folder: Path,
    audit: dict[str, Any],
    right: float = 0.61,
    harmless: float = 0.71,
    battery: dict[str, Any] = BATTERY,
) -> list[Check]:
    """What the audit says of a battery that left such shares of the examples standing."""
    rows = [
        Verdict(model, "pgd_margin", BUDGET, np.where(np.arange(N) < share * N, RIGHT, WRONG))
        for model, share in (("int8", right), ("int8_guarded", harmless))
    ]
    for name, content in (("model.tflite", MODEL), ("guard.json", GUARD)):
        (folder / name).write_bytes(content)
    return audited.checks(
        audit,
        model=folder / "model.tflite",
        guard=folder / "guard.json",
        examples=EXAMPLES,
        table=Table([subset_row(np.zeros(N, bool)), *rows]),
        reference=BUDGET,
        battery=battery,
    )


def test_a_point_is_allowed_of_either_figure_and_no_more(tmp_path: Path) -> None:
    (found,) = checks(tmp_path, AUDIT)
    assert found.passed and found.figure == pytest.approx(0.01)
    (found,) = checks(tmp_path, AUDIT, right=0.615)
    assert not found.passed and found.figure == pytest.approx(0.015)
    (found,) = checks(tmp_path, AUDIT, harmless=0.72)
    assert not found.passed and found.figure == pytest.approx(0.02)


def test_a_battery_that_finds_what_the_audit_found_passes(tmp_path: Path) -> None:
    (found,) = checks(tmp_path, AUDIT, right=0.59, harmless=0.7)
    assert found.passed and found.figure == pytest.approx(0.0)


@pytest.mark.parametrize(
    "change",
    [
        {"model_sha256": "0" * 64},
        {"guard_sha256": "0" * 64},
        {"examples": {"digest": "of others"}},
        {"budget": "snr_36db"},
        {"audit": {**AUDIT["audit"], "queries": 4999}},
        {"audit": {**AUDIT["audit"], "restarts": None}},
        {"default": {**BATTERY, "steps": 51}},
        {"default": {**BATTERY, "targets": 10}},
        {"default": {**BATTERY, "queries": 2501}},
        {"default": None},
    ],
)
def test_an_audit_of_something_else_or_of_less_says_nothing(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    assert checks(tmp_path, {**AUDIT, **change}, right=1.0) == []


@pytest.mark.parametrize("more", [{"steps": 51}, {"targets": 10}, {"queries": 2501}])
def test_an_audit_that_is_not_twice_the_battery_of_now_says_nothing(
    tmp_path: Path, more: dict[str, int]
) -> None:
    """As where `attack` was strengthened since: what began with less finds no more."""
    assert checks(tmp_path, AUDIT, right=1.0) != []
    assert checks(tmp_path, AUDIT, right=1.0, battery={**BATTERY, **more}) == []


def test_a_task_that_was_never_audited_has_no_such_check(tmp_path: Path) -> None:
    (tmp_path / "audit.json").write_text("{}\n")
    assert checks(tmp_path, audited.read(tmp_path / "audit.json")) == []


@pytest.mark.parametrize("content", ["", "[1]", '{"budget": 1', "<<<<<<< ours\n{}"])
def test_a_file_that_is_no_audit_says_so(tmp_path: Path, content: str) -> None:
    path = tmp_path / "audit.json"
    path.write_text(content)
    with pytest.raises(PalisadeError, match=r"audit\.json is no"):
        audited.read(path)


def test_an_audit_without_its_figures_says_what_it_lacks(tmp_path: Path) -> None:
    lacking = json.loads(json.dumps(AUDIT))
    del lacking["audit"]["worst_case_accuracy"]
    with pytest.raises(PalisadeError, match="lacks 'worst_case_accuracy'"):
        checks(tmp_path, lacking)
