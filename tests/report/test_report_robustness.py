"""Attacks one by one, and what the page says of them all."""

from __future__ import annotations

import json
import re

from palisade.attacks import battery, names
from palisade.report import robustness
from palisade.report.subject import ATTACKS
from tests.report.made import subject

ABOUT = robustness.budgets([]).about


def test_the_introduction_says_which_attacks_know_the_guard() -> None:
    assert "know no guard" not in ABOUT
    joint = " and ".join(ATTACKS[one] for one in names.JOINT)
    assert f"{joint} climb network and guard jointly" in ABOUT
    assert "Square and NES ask the device with its guard" in ABOUT
    assert f"as far as {ATTACKS[names.PLAIN[-1]]}" in ABOUT


def test_the_introduction_names_the_attacks_of_the_other_budgets() -> None:
    (said,) = re.findall(r"at others ([^.]*)\.", ABOUT)
    known = {ATTACKS[one].split(",")[0].removeprefix("random ") for one in battery.BRIEF}
    assert set(re.split(", | and ", said)) == known


def test_an_attack_that_spared_some_of_the_subset_has_no_figure_but_counts() -> None:
    reference = subject("voice", {}).reference
    rows = [
        ",subset,,x,1110",
        *(f"{model},pgd_margin,{reference},x,1100" for model in ("int8", "int8_guarded")),
        *(f"{model},guard_aware,{reference},x,-01-" for model in ("int8", "int8_guarded")),
        f"undefended,pgd_margin,{reference},x,0000",
    ]
    table = "\n".join(["model,attack,budget,examples,right", *rows])
    drawn = robustness.attacks(subject("voice", {"detail/verdicts.csv": table}))
    found = {row[0]: row for row in drawn.table.rows if row[1] == "defended"}
    assert found["PGD, margin"][3] == "0.666667"
    assert "guard-aware" not in found
    assert found["worst of all"][3] == "0.333333"


def test_an_attack_on_the_undefended_model_alone_has_its_place() -> None:
    reference = subject("voice", {}).reference
    rows = [
        ",subset,,x,11",
        *(f"{model},pgd_margin,{reference},x,10" for model in ("int8", "int8_guarded")),
        f"undefended,nes_blind,{reference},x,11",
    ]
    table = "\n".join(["model,attack,budget,examples,right", *rows])
    drawn = robustness.attacks(subject("voice", {"detail/verdicts.csv": table}))
    (row,) = (row for row in drawn.table.rows if row[0] == "NES, looking away")
    assert (row[1], row[3]) == ("undefended", "1")


def test_learning_is_held_against_the_battery() -> None:
    one = subject("voice", {})
    curve = "epoch,clean_accuracy,robust_accuracy\n1,0.9,0.7\n"
    trained = {"epoch": 1, "robust_accuracy": 0.7}
    tested = {"int8": {"worst_case_accuracy": {one.reference: 0.3125}}}
    files = {
        "detail/pretrain.csv": curve,
        "detail/qat.csv": curve,
        "pretrain.json": json.dumps(trained),
        "qat.json": json.dumps({**trained, "robust_accuracy": 0.6875}),
        "evaluate.json": json.dumps(tested),
    }
    (block,) = robustness.learning([subject("voice", files)]).blocks
    assert "left 0.688 in the end; the battery leaves 0.312 of the test" in block.figures[0].note
