"""That the measurement itself can be believed, and what it covers."""

from __future__ import annotations

from palisade.release.rules.rule import DOOR, TARGET, Finding, Rule, Section

SECTION = Section(
    "Tests",
    of_task=(
        Rule(
            "self_checks",
            "Every check on the measurement itself passed.",
            "reliable",
            "is",
            True,
            required=True,
        ),
        Rule(
            "field_corruptions",
            "Natural corruption by kind and severity was measured.",
            "metrics/evaluate/int8/field_accuracy",
        ),
        Rule(
            "stream_false_accepts",
            "Over hours without a command, few commands are heard an hour.",
            "metrics/stream/false_accepts_per_hour",
            "<=",
            f"{TARGET}/stream_false_accepts_per_hour",
            wanted_by=f"{TARGET}/stream_false_accepts_per_hour",
        ),
        Rule(
            "stream_false_rejects",
            "Of the commands in a stream, few are missed.",
            "metrics/stream/false_reject_rate",
            "<=",
            f"{TARGET}/stream_false_reject_rate",
            wanted_by=f"{TARGET}/stream_false_reject_rate",
        ),
    ),
    of_release=(
        Rule(
            "door_self_checks",
            "Every check on the measurement of the door passed.",
            "/fusion/reliable",
            "is",
            True,
            wanted_by=DOOR,
            required=True,
        ),
    ),
    of_delivery=(
        Finding(
            "models_are_audited",
            "Each model and guard was attacked at full strength as it is here, which found little "
            "more than the figures say (a signed subject beside the release).",
        ),
    ),
)
