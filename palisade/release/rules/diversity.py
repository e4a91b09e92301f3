"""That no single model or sensor decides: the companion tree, and the door."""

from __future__ import annotations

from palisade.release.rules.rule import DOOR, Rule, Section

SECTION = Section(
    "Diversity",
    of_task=(
        Rule(
            "companion_has_a_say",
            "The companion tree can reject an answer.",
            "metrics/calibrate/thresholds/tree",
            absent="its limit is off",
        ),
        Rule(
            "transfer_was_measured",
            "How much of what fools the network fools the tree too was measured.",
            "metrics/evaluate/guard/transfer/network_to_tree",
        ),
        Rule(
            "controlled",
            "With this sensor in the attacker's hands, the door stays shut where another has no "
            "reason to agree.",
            "/fusion/metrics/controlled/TASK/false_accept_rate",
            "<=",
            "/params/package/door/controlled_false_accept_rate",
        ),
    ),
    of_release=(
        Rule(
            "several_sensors_agree",
            "The action needs several sensors that agree.",
            DOOR,
        ),
        Rule(
            "door_false_accepts",
            "With all sensors in order, the door opens in few events that do not warrant it.",
            "/fusion/metrics/action/false_accept_rate",
            "<=",
            "/params/package/door/false_accept_rate",
        ),
        Rule(
            "door_false_rejects",
            "With all sensors in order, the door stays shut in few events that warrant it.",
            "/fusion/metrics/action/false_reject_rate",
            "<=",
            "/params/package/door/false_reject_rate",
        ),
        Rule(
            "sensors_fail_safe",
            "No dead, stuck or saturated sensor agrees to the action.",
            "/fusion/checks/no_failed_sensor_agrees",
            "as checked",
            wanted_by=DOOR,
            required=True,
        ),
        Rule(
            "sensors_saw_the_same",
            "The events that the door was measured on were seen by all its sensors at once.",
            "/fusion/metrics/scenes/aligned",
            "is",
            True,
        ),
    ),
)
