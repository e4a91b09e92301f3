"""The comment: its length, and text that cannot break out of its place."""

from __future__ import annotations

import re

import pytest

from palisade.report.charts import Point, Series
from palisade.review import comment, markdown
from palisade.review.comment import Block
from palisade.review.curve import Curve
from palisade.review.failures import Worse
from palisade.review.gate import SAME, WORSE, Outcome

LIMIT = 65_536  # of GitHub
ROW = markdown.line(["`params.yaml`", "`an.övergreat.name`", "`1`", "`2`", "+1"])


def written(worse: int, same: int, metrics: int, params: int) -> str:
    outcomes = [Outcome(f"door/evaluate: lost.{n}", "limit", WORSE, 0.9, 0.1) for n in range(worse)]
    outcomes += [Outcome(f"door/evaluate: kept.{n}", "limit", SAME, 0.9, 0.9) for n in range(same)]
    verdict = comment.of_gate(outcomes, Worse("worse", "mend it"), "main (0123)", "main")
    return comment.write(
        verdict, [curve()], {"metrics": [ROW] * metrics, "params": [ROW] * params}, "main"
    )


def curve() -> Curve:
    points = [Point(0, 0.9), Point(1, 0.5, 0.45, 0.55)]
    return Curve("door", ["clean", "linf_4_255"], [Series("now", 1, points)])


@pytest.mark.parametrize(
    ("worse", "same", "metrics", "params", "cut"),
    [
        (2, 3, 4, 5, []),
        (2, 3, 4, 5000, ["dvc params diff main"]),
        (2, 3, 5000, 5, ["dvc params diff main", "dvc metrics diff main"]),
        (
            5000,
            5000,
            5000,
            5000,
            [
                "python -m palisade gate --base main",
                "python -m palisade gate --base main",
                "dvc metrics diff main",
                "dvc params diff main",
            ],
        ),
    ],
)
def test_it_is_never_longer_than_github_takes(
    worse: int, same: int, metrics: int, params: int, cut: list[str]
) -> None:
    text = written(worse, same, metrics, params)
    assert len(text) <= LIMIT and len(text.encode()) <= LIMIT
    left_out = re.findall(r"^(\d+) more rows: run `(.*)`\.$", text, re.MULTILINE)
    assert sorted(command for _, command in left_out) == sorted(cut)
    shown = text.count(ROW) + text.count("| `door/evaluate: ")
    assert shown + sum(int(n) for n, _ in left_out) == worse + same + metrics + params
    assert text.count("<details>") == text.count("</details>") == 4
    assert "**Gate failed** against `main (0123)`" in text and "```mermaid" in text


def test_what_is_cut_first_stands_last() -> None:
    text = written(5, 5, 800, 800)
    assert text.count("| `door/evaluate: ") == 10
    assert f"{800 - (text.count(ROW) - 800)} more rows: run `dvc params diff main`" in text


@pytest.mark.parametrize(
    "text",
    ["`; @team", "a | b", "<img src=x onerror=alert(1)>", "two\nlines", "**bold** [x](http://x)"],
)
def test_a_value_stays_in_its_cell(text: str) -> None:
    row = markdown.line([markdown.code(text), "1"])
    assert row.count("\n") == 0
    assert row.count("`") == 2 and row.startswith("| `") and row.endswith("` | 1 |")
    assert len(re.findall(r"(?<!\\)\|", row)) == 3


def test_a_curve_with_nothing_to_compare_says_so() -> None:
    text = written(1, 1, 1, 1)
    assert "### `door` under attack (attacked otherwise before)" in text
    assert "    line [0.9000, 0.5000]" in text and text.count("    line [") == 1
    assert "| `linf_4_255` | 0.500 (0.450 to 0.550) |" in text


def test_rows_that_fit_stay() -> None:
    block = Block(["head"], ["12345"] * 4, ["tail"], "a command")
    assert block.shorter(0) == block
    assert block.shorter(7).lines() == [
        "head",
        "12345",
        "12345",
        "",
        "2 more rows: run `a command`.",
        "tail",
    ]
