"""The report beside another revision's figures."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.workspace import environment
from palisade.commands.main import main
from palisade.report import comparison
from palisade.review.pairs import Pairs

if TYPE_CHECKING:
    from tests.report.conftest import Results


@pytest.mark.parametrize(
    ("gained", "lost", "outcome"),
    [
        (0, 0, "no sure difference"),
        (5, 5, "no sure difference"),
        (5, 0, "no sure difference"),  # p = 2 / 2**5 = 0.0625
        (6, 0, "better"),  # p = 2 / 2**6 = 0.03125
        (0, 6, "worse"),
        (25, 51, "worse"),
        (51, 68, "no sure difference"),
    ],
)
def test_pairs_decide_only_where_chance_does_not(gained: int, lost: int, outcome: str) -> None:
    assert comparison.outcome_of(Pairs(gained, lost)) == outcome


@pytest.fixture
def project(results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Results:
    """The smoke run's figures, committed, of which the figures of a better one are then made."""

    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=results.root, env=environment(tmp_path), check=True)

    git("init", "--quiet", "--initial-branch=main")
    git("add", "--force", "params.yaml", "metrics")
    git("commit", "--quiet", "--message=Before")
    monkeypatch.chdir(results.root)
    return results


def compared(capsys: pytest.CaptureFixture[str], base: str = "main") -> str:
    assert main(["report", "--base", base]) == 0
    assert capsys.readouterr().out.startswith("reports/comparison.html: ")
    page = Path("reports/comparison.html").read_text()
    return page.split('<section id="comparison"')[1].split("</section>")[0]


def test_what_changed_is_shown_and_nothing_else(
    project: Results, capsys: pytest.CaptureFixture[str]
) -> None:
    same = compared(capsys)
    assert same.count('<th scope="row">none</th>') == 2  # no figure, no param
    assert "better" not in same and "worse" not in same
    path = project.root / "metrics/voice/detail/verdicts.csv"
    path.write_text(
        "\n".join(
            re.sub(r"[01-]+$", lambda found: "1" * len(found[0]), line)
            if line.startswith("int8,") and "snr_36db" in line
            else line
            for line in path.read_text().splitlines()
        )
        + "\n"
    )
    evaluate = json.loads((project.root / "metrics/voice/evaluate.json").read_text())
    was = evaluate["int8"]["clean_accuracy"]
    evaluate["int8"]["clean_accuracy"] = 0.875
    (project.root / "metrics/voice/evaluate.json").write_text(json.dumps(evaluate))
    project.edit("params.yaml", "seed: ", "seed: 1")
    changed = compared(capsys)
    assert re.search(r">voice</th><td>36 dB</td>.*<td>1\.000</td>.*<td>better</td>", changed)
    assert re.search(
        rf"voice/evaluate: int8\.clean_accuracy</th><td>{was:.6g}</td><td>0\.875", changed
    )
    assert '<th scope="row">seed</th>' in changed
    assert changed.count('<th scope="row">none</th>') == 0


def test_other_examples_are_not_compared_in_pairs(
    project: Results, capsys: pytest.CaptureFixture[str]
) -> None:
    path = project.root / "metrics/vision/detail/verdicts.csv"
    head, *rows = path.read_text().splitlines()
    digest = rows[0].split(",")[3]
    path.write_text("\n".join([head, *(row.replace(digest, "0" * 16) for row in rows)]) + "\n")
    assert compared(capsys).count("<td>other examples</td>") == 3


@pytest.mark.parametrize(
    ("base", "said"),
    [("nowhere", "git knows no revision nowhere here"), ("", "git knows no revision  here")],
)
def test_an_unknown_revision_is_one_clear_error(
    project: Results, capsys: pytest.CaptureFixture[str], base: str, said: str
) -> None:
    assert main(["report", "--base", base]) == 1
    assert capsys.readouterr().err.startswith(f"error: {said}")
    assert not Path("reports/comparison.html").exists()


def test_a_revision_without_figures_is_one_clear_error(
    project: Results, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for command in (
        ["git", "rm", "-r", "--cached", "--quiet", "metrics"],
        ["git", "commit", "--quiet", "--message=None"],
    ):
        subprocess.run(command, cwd=project.root, env=environment(tmp_path), check=True)
    assert main(["report", "--base", "HEAD"]) == 1
    assert "has no metrics/<task>/evaluate.json" in capsys.readouterr().err


def test_without_a_base_it_is_the_pipelines_page(
    project: Results, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["report", "--output", str(tmp_path / "page.html")]) == 0
    assert (tmp_path / "page.html").read_text() == project.page()
