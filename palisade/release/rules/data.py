"""What the data is, and how hard."""

from __future__ import annotations

from palisade.release.rules.rule import Rule, Section, check

SECTION = Section(
    "Data pipeline",
    of_task=(
        Rule(
            "splits_are_apart",
            "No one of the GROUP is listed for two splits.",
            "metrics/prepare/GROUP_in_two_lists",
            "<=",
            0,
            required=True,
        ),
        check("enough_examples", "There are enough test examples to say something."),
        check(
            "no_simple_model_does_it",
            "No simple model does the task, so the data is not too easy.",
        ),
        Rule(
            "licence_is_stated",
            "The licence of the corpus is stated.",
            "data/licence",
            "is not",
            "not stated",
            required=True,
        ),
    ),
)
