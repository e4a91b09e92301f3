"""What ``physical`` wrote in the smoke run."""

from __future__ import annotations

import json

import pytest

from benchmarks.workspace import Workspace
from palisade.tables import read_csv

ATTACKS = {
    "voice": {
        "air_alone",
        "band_noise",
        "over_the_air",
        "universal",
        "pulse",
        "ultrasound",
        "replay",
    },
    "vision": {
        "blank_print",
        "print",
        "stickers",
        "hide_person",
        "feign_person",
        "lighting",
        "shadow",
    },
    "motion": {
        "heat_source",
        "slow_approach",
        "masking",
        "vibration",
        "universal_vibration",
        "stuck",
    },
}


@pytest.mark.parametrize("task", ATTACKS)
def test_every_attack_has_a_figure_and_a_row_that_agree(smoke: Workspace, task: str) -> None:
    found = json.loads((smoke.root / f"metrics/{task}/physical.json").read_text())
    rows = read_csv(smoke.root / f"metrics/{task}/detail/physical.csv")
    assert set(found["physical"]) == set(found["accepted_and_wrong"]) == ATTACKS[task] | {"none"}
    assert {row["attack"] for row in rows} == set(found["physical"])
    for attack, accuracy in found["physical"].items():
        mine = [float(row["accuracy"]) for row in rows if row["attack"] == attack]
        assert any(abs(one - accuracy) < 1e-5 for one in mine)
    for row in rows:
        assert float(row["low"]) <= float(row["accuracy"]) <= float(row["high"])
        assert float(row["accepted_and_wrong"]) <= 1 - float(row["accuracy"]) + 1e-5
