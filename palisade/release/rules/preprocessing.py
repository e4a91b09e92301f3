"""What comes before and in the network, and that the device's integers are what was measured."""

from __future__ import annotations

from palisade.release.rules.rule import Rule, Section, check

SECTION = Section(
    "Preprocessing",
    of_task=(
        Rule(
            "a_transformation_is_on",
            "The device smooths, squeezes or filters raw inputs before its front end.",
            "preprocessing",
            "is not",
            "none",
        ),
        Rule(
            "integers_agree",
            "The model's arithmetic that figures are of is TensorFlow Lite Micro's, on every "
            "validation example.",
            "metrics/convert/agreement/exact_tflm",
            ">=",
            1,
            required=True,
        ),
        check(
            "int8_and_white_box_agree",
            "The int8 model and the one that attacks are made on do equally well under attack.",
        ),
        Rule(
            "share_of_cycles",
            "Front end and guard take few cycles beside the model itself (share of its own).",
            "metrics/cost/share_of_model_cycles",
            "<=",
            "params/cost/share_limit",
        ),
    ),
)
