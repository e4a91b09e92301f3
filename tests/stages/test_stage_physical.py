"""What ``physical`` wrote in the smoke run."""

from __future__ import annotations

import json

import pytest

from benchmarks.workspace import Workspace
from palisade.physical.aims import GUARD_AWARE, OBLIVIOUS
from palisade.tables import read_csv

ATTACKS = {
    "voice": {
        "air_alone",
        "band_noise",
        "noise_burst",
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
        "random_heat",
        "random_vibration",
        "heat_source",
        "slow_approach",
        "masking",
        "vibration",
        "universal_vibration",
        "stuck",
    },
}

AIMED = {  # crafted by gradients, and so with the guard in mind as well
    *("over_the_air", "universal", "pulse"),
    *("print", "stickers", "hide_person", "feign_person"),
    *("heat_source", "vibration", "universal_vibration"),
}


@pytest.mark.parametrize("task", ATTACKS)
def test_every_attack_has_a_figure_and_a_row_that_agree(smoke: Workspace, task: str) -> None:
    found = json.loads((smoke.root / f"metrics/{task}/physical.json").read_text())
    rows = read_csv(smoke.root / f"metrics/{task}/detail/physical.csv")
    assert set(found["physical"]) == set(found["accepted_and_wrong"]) == ATTACKS[task] | {"none"}
    assert {row["attack"] for row in rows} == set(found["physical"])
    for attack, accuracy in found["physical"].items():
        (row,) = (row for row in rows if row["attack"] == attack and row["reference"] == "1")
        assert abs(float(row["accuracy"]) - accuracy) < 1e-5
        counted = found["accepted_and_wrong"][attack]
        assert abs(float(row["accepted_and_wrong"]) - counted) < 1e-5
    for row in rows:
        assert float(row["low"]) <= float(row["accuracy"]) <= float(row["high"])
        oblivious, aware = (row[f"{aim}_accepted_and_wrong"] for aim in (OBLIVIOUS, GUARD_AWARE))
        assert float(oblivious) <= 1 - float(row["accuracy"]) + 1e-5
        assert float(row["accepted_and_wrong"]) >= max(float(oblivious), float(aware or 0)) - 1e-5
        assert bool(aware) == (row["attack"] in AIMED)
