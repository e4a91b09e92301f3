"""How the networks were trained, and what came of it."""

from __future__ import annotations

from palisade.release.rules.rule import TARGET, Rule, Section, check

SECTION = Section(
    "Training",
    of_task=(
        Rule(
            "adversarial_training",
            "Batches of training hold adversarial examples.",
            "params/pretrain/fraction",
            ">",
            0,
            required=True,
        ),
        Rule(
            "adversarial_quantisation",
            "Batches of quantisation-aware training hold adversarial examples.",
            "params/qat/fraction",
            ">",
            0,
            required=True,
        ),
        check(
            "pretraining_did_not_collapse",
            "Adversarial training did not overfit to its own attack alone.",
        ),
        check(
            "quantisation_did_not_collapse",
            "Quantisation-aware training did not overfit to its own attack alone.",
        ),
        Rule(
            "clean_accuracy",
            "The int8 model is right on inputs that nobody attacks.",
            "metrics/evaluate/int8/clean_accuracy",
            ">=",
            f"{TARGET}/clean_accuracy",
        ),
        Rule(
            "worst_case_accuracy",
            "The int8 model stays right under every attack tried at the reference budget.",
            "metrics/evaluate/int8/worst_case_accuracy/REFERENCE",
            ">=",
            f"{TARGET}/worst_case_accuracy",
        ),
        Rule(
            "worst_case_accuracy_actions",
            "The same, of inputs that ask for an action.",
            "worst_case/int8/actions/REFERENCE/value",
            ">=",
            f"{TARGET}/worst_case_accuracy",
        ),
    ),
)
