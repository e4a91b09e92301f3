"""The sweep of training's epsilon: its steps, its noise over seeds, its plot."""

from __future__ import annotations

import re
from statistics import stdev
from typing import Any

import pytest

from benchmarks import epsilon
from benchmarks.workspace import ROOT
from palisade.stage import read_yaml

BUDGETS = ("acc_25mg", "acc_50mg", "acc_500mg")


def point(factor: float, seed: int, clean: float) -> dict[str, Any]:
    return {
        "epsilon": {"pretrain.motion.epsilon_mg": 50 * factor},
        "factor": factor,
        "seed": seed,
        "clean_accuracy": clean,
        "worst_case_accuracy": dict(zip(BUDGETS, (clean - 0.1, clean - 0.3, 0.0), strict=True)),
    }


def found(points: list[dict[str, Any]]) -> dict[str, Any]:
    undefended = {
        "clean_accuracy": 0.98,
        "worst_case_accuracy": dict(zip(BUDGETS, (0.2, 0.01, 0.0), strict=True)),
    }
    named = {"n": 400, "reference": "acc_50mg", "task": "motion", "undefended": undefended}
    return {**named, "points": points, "seed_sd": epsilon.deviations(points)}


def test_twice_as_strong_is_six_decibels_less() -> None:
    assert epsilon.scaled("pretrain.voice.epsilon_snr_db", 28.0, 2.0) == pytest.approx(28 - 6.0206)
    assert epsilon.scaled("pretrain.vision.epsilon_linf", 0.02, 2.0) == pytest.approx(0.04)


@pytest.mark.parametrize("task", ["voice", "vision", "motion"])
def test_every_task_has_an_epsilon_to_sweep(task: str) -> None:
    params = read_yaml(ROOT / "params.yaml")
    for section in epsilon.TRAINED:
        name, value = epsilon.epsilon_of(params, section, task)
        assert name.startswith(f"{section}.{task}.epsilon_") and value > 0


def test_the_noise_of_seeds_is_of_three_or_more_and_the_largest() -> None:
    few = [point(1.0, seed, 0.9) for seed in (1, 2)]
    assert epsilon.deviations(few) == {}
    many = [point(factor, n, 0.9 + n * factor / 100) for factor in (1.0, 2.0) for n in range(3)]
    noise = epsilon.deviations(many)
    assert noise["clean_accuracy"] == pytest.approx(stdev([0.0, 0.02, 0.04]))
    assert noise["acc_500mg"] == 0.0 and set(noise) == {"clean_accuracy", *BUDGETS}


def test_the_plot_shows_each_budget_up_to_the_reference() -> None:
    drawn = epsilon.plot(found([point(0.5, 1, 0.95), point(1.0, 1, 0.9)]))
    names = re.findall(r'class="label"[^>]*>([\w ]+)<', drawn)
    assert names == ["clean", "acc_25mg", "acc_50mg"]  # not the hopeless one
    assert re.findall(r'class="tick"[^>]*>(none|25|50)<', drawn) == ["none", "25", "50"]
    assert drawn.count("whisker") >= 3 * 3 and "epsilon mg, stronger to the right" in drawn
