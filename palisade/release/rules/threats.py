"""What was tried of what the threat model lets an attacker do."""

from __future__ import annotations

from palisade.release import threat_model
from palisade.release.rules.rule import DOOR, Rule, Section

_UNMEASURED = f"{threat_model.NAME}#/tasks/TASK/not_evaluated"

SECTION = Section(
    "Threat model",
    of_task=(
        Rule(
            "capabilities_evaluated",
            "Everything that the threat model lets an attacker of this sensor do was tried.",
            _UNMEASURED,
            "is",
            "none",
        ),
        Rule(
            "physical_attacks",
            "Attacks that a sensor can meet in a room were measured.",
            "metrics/physical",
        ),
        Rule(
            "trained_at_the_budget",
            "Training attacks at least as strongly as the budget of the headline figure (STRONGER "
            "is stronger).",
            "params/pretrain/EPSILON",
            "<=",
            "params/attack/REFERENCE_PARAM",
            required=True,
        ),
    ),
    of_release=(
        Rule(
            "crafted_inputs_at_the_door",
            "Inputs crafted within the budgets, to open the door and to keep it shut, were tried.",
            "/fusion/metrics/crafted/events",
            wanted_by=DOOR,
        ),
    ),
)
