"""What earlier stages noted of the measurement, and the checks that follow from it."""

from __future__ import annotations

from typing import Any

from palisade.evaluation import strength
from palisade.evaluation.checks import MISSING, Check
from palisade.evaluation.evidence import Measured
from palisade.evaluation.leads import STANDARD_ERRORS


def measured(notes: dict[str, dict[str, Any]], changed_share: float, *, audited: bool) -> Measured:
    """What was noted of the measurement; what was not, is missing."""
    attack = notes["attack"]
    shares = ("zero_gradient_share", "undeliverable_share", "over_budget_share")
    return Measured(
        **{name: attack.get(name, MISSING) for name in shares},
        changed_share=changed_share,
        audited=audited,
        overfitting_gap={
            name: notes[name].get("overfitting_gap", MISSING) for name in strength.TRAININGS
        },
    )


def checks(notes: dict[str, dict[str, Any]]) -> list[Check]:
    """Checks on what earlier stages noted."""
    hardness = notes["prepare"]["hardness"]
    return [
        Check(
            "no_simple_model_does_it",
            hardness["accuracy"],
            hardness["limit"],
            guards_against="data so easy that robustness on it says nothing",
        ),
        *(
            Check(
                f"{name}_did_not_collapse",
                notes[trained]["overfitting_collapsed"],
                0,
                guards_against="training that broke off as its attack had stopped working",
            )
            for name, trained in (("pretraining", "pretrain"), ("quantisation", "qat"))
        ),
        *_physical(notes["physical"]),
    ]


def _physical(note: dict[str, Any]) -> list[Check]:
    """Checks on the attacks through the world, by leads in standard errors."""
    leads = note.get("leads", {})
    return [
        *(
            Check(
                f"physical_attacks_beat_their_controls{when}",
                leads.get(f"over_controls{when}", MISSING),
                STANDARD_ERRORS,
                at_least=True,
                guards_against=against,
            )
            for when, against in (
                ("", "prints, sounds and waveforms that do no more than blank or random ones"),
                ("_when_defended", "a defence that blinds what crafts them: masked gradients"),
            )
        ),
        Check(
            "physical_attacks_do_not_weaken_with_severity",
            leads.get("of_milder", MISSING),
            STANDARD_ERRORS,
            guards_against="an attack that fails where it may do more",
        ),
        Check(
            "physical_attacks_that_know_the_guard_do_no_less",
            leads.get("of_oblivious", MISSING),
            STANDARD_ERRORS,
            guards_against="a guard that is not attacked through the world",
        ),
    ]
